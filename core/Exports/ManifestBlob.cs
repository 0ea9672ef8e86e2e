using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>A manifest in the store, changed only as it was when it was looked at.</summary>
/// <param name="blobs">The store.</param>
/// <param name="name">The blob.</param>
internal sealed class ManifestBlob(IBlobStore blobs, string name)
{
    private string? etag;

    /// <summary>The blob.</summary>
    public string Name => name;

    /// <summary>Reads it; null when there is none.</summary>
    public async Task<ExportManifest?> ReadAsync(CancellationToken cancellationToken)
    {
        var info = await blobs.GetInfoAsync(name, cancellationToken);
        etag = info?.ETag;
        if (info is null || info.LengthBytes > ExportManifest.MaxBytes)
        {
            return null;
        }
        var bytes = new byte[info.LengthBytes];
        try
        {
            var read = await blobs.ReadAsync(name, 0, bytes, info.ETag, cancellationToken);
            return ExportManifest.Read(bytes.AsMemory(0, read));
        }
        catch (StoreException exception) when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound)
        {
            throw new OutputChangedException($"{name} was changed while it was read", exception);
        }
    }

    /// <summary>Writes it.</summary>
    public async Task WriteAsync(ExportManifest manifest, CancellationToken cancellationToken) =>
        etag = (
            await StoreOutput.RunAsync(
                () => blobs.WriteAsync(name, manifest.ToBytes(), StoreOutput.ConditionOf(etag), cancellationToken),
                name
            )
        ).ETag;

    /// <summary>Removes it.</summary>
    public Task DeleteAsync(CancellationToken cancellationToken) => blobs.DeleteAsync(name, null, cancellationToken);
}

/// <summary>Writes of outputs in the store, on the condition that nobody else wrote meanwhile.</summary>
internal static class StoreOutput
{
    /// <summary>The blob is as it was looked at.</summary>
    /// <param name="etag">Its ETag; null: there was none.</param>
    public static WriteCondition ConditionOf(string? etag) =>
        etag is null ? WriteCondition.Create : new WriteCondition(IfMatch: etag);

    /// <summary>Writes.</summary>
    /// <exception cref="OutputChangedException">The blob is not as it was, or whether it was written is not known: look again.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> write, string name)
    {
        try
        {
            return await write();
        }
        catch (StoreException exception)
            when (exception.Error
                    is StoreError.ConditionNotMet
                        or StoreError.NotFound
                        or StoreError.Rejected
                        or StoreError.Unknown
            )
        {
            throw new OutputChangedException($"{name} was changed meanwhile: {exception.Message}", exception);
        }
    }
}
