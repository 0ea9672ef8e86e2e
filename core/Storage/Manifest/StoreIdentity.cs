using System.Text;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>
/// The store's identifier, made by whoever asks first: the value of the label <see cref="LabelSet.StoreLabel"/> that all
/// its blocks have.
/// </summary>
public static class StoreIdentity
{
    /// <summary>The blob that holds it, as text.</summary>
    public const string BlobName = "store/id";

    private const int MaxTries = 5;

    /// <summary>The identifier.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The blob holds something else.</exception>
    public static async Task<string> GetAsync(IBlobStore blobs, Func<Ulid> newUlid, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await blobs.GetInfoAsync(BlobName, cancellationToken) is not null)
            {
                var bytes = new byte[Ulid.TextLength + 1];
                var read = await blobs.ReadAsync(BlobName, 0, bytes, null, cancellationToken);
                var text = Encoding.ASCII.GetString(bytes, 0, read);
                return Ulid.TryParse(text, out _)
                    ? text
                    : throw new CorruptDataException(BlobName, 0, "this is not the identifier of a store");
            }
            try
            {
                var content = Encoding.ASCII.GetBytes(newUlid().ToString());
                await blobs.WriteAsync(BlobName, content, WriteCondition.Create, cancellationToken);
            }
            catch (StoreException exception)
                when (exception.Error is StoreError.ConditionNotMet or StoreError.Unknown && attempt < MaxTries)
            {
                // Somebody else made it, or an earlier try did: what is there counts.
            }
        }
    }
}
