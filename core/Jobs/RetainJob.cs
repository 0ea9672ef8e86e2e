using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Retention of the log: deletes the files of windows that ended longer ago than the retention time.</summary>
public sealed class RetainJob(IBlobStore blobs, TimeProvider time, TimeSpan retention)
{
    /// <summary>Prometheus' default: 15 days.</summary>
    public static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(15);

    /// <summary>Deletes what is too old; running it again changes nothing.</summary>
    /// <returns>How many files were deleted.</returns>
    /// <exception cref="StoreException">The store cannot be used; the rest stays until the next run.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var beforeMs = (time.GetUtcNow() - retention).ToUnixTimeMilliseconds();
        var deleted = 0;
        var old = new List<BlobInfo>();
        await foreach (var info in blobs.ListAsync(LogFileName.Prefix, cancellationToken))
        {
            if (LogFileName.TryParse(info.Name, out var name) && name.Window.EndMs <= beforeMs)
            {
                old.Add(info);
            }
        }
        foreach (var info in old)
        {
            try
            {
                deleted += await blobs.DeleteAsync(info.Name, info.ETag, cancellationToken) ? 1 : 0;
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Something was appended since the list: the next run looks again.
            }
        }
        return deleted;
    }
}
