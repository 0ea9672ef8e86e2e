using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Fencing is sealing: a log file is sealed, and only then its length is read.</summary>
internal static class LogSeal
{
    /// <summary>Seals a file; null when it is gone.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<PlannedLogFile?> SealAsync(
        IBlobStore blobs,
        PlannedLogFile file,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (file.Blob.IsSealed)
        {
            return file;
        }
        try
        {
            var info = file.Blob;
            await StoreRetry.RunAsync(
                async () => info = await blobs.SealAsync(file.Name.ToString(), cancellationToken),
                time,
                cancellationToken
            );
            return file with { Blob = info };
        }
        catch (StoreException exception) when (exception.Error == StoreError.NotFound)
        {
            return null;
        }
    }
}
