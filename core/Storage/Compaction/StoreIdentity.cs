using System.Text;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Compaction;

/// <summary>Which store this is: the label that all its blocks have, so that Thanos tells them from those of others.</summary>
internal static class StoreIdentity
{
    /// <summary>The blob that says it; outside the folder of blocks, which holds nothing else.</summary>
    public const string Blob = "state/store-id";

    private const int MaxBytes = 64;

    /// <summary>The identity, made the first time.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<string> GetAsync(IBlobStore blobs, Func<Ulid> newUlid, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var bytes = new byte[MaxBytes];
                var length = await blobs.ReadAsync(Blob, 0, bytes, ifMatch: null, cancellationToken);
                return Encoding.UTF8.GetString(bytes.AsSpan(0, length));
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound)
            {
                await MakeAsync(blobs, newUlid(), cancellationToken);
            }
        }
    }

    private static async Task MakeAsync(IBlobStore blobs, Ulid ulid, CancellationToken cancellationToken)
    {
        try
        {
            var text = Encoding.UTF8.GetBytes(ulid.ToString());
            await blobs.WriteAsync(Blob, text, WriteCondition.Create, cancellationToken);
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Another process made it at the same time; that one counts.
        }
    }
}
