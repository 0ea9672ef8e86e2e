using Tributary.Binary;
using Tributary.Functions.Hosting;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>The jobs behind <c>/api/v1/admin</c>.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="refresh">Takes what is deleted out of this process' memory.</param>
/// <param name="time">The clock.</param>
internal sealed class AdminJobs(
    IBlobStore blobs,
    ITableStore tables,
    Func<CancellationToken, Task> refresh,
    TimeProvider time
)
{
    /// <summary>Of the memory that the process may use, the part for such a job, beside a compaction and all else.</summary>
    private const int MemoryPart = 16;
    private const long MemoryBytes = 128L * 1024 * 1024;

    private static CompactionOptions Options =>
        new() { MemoryBytes = Math.Min(MemoryBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPart) };

    /// <summary>What the endpoints ask for.</summary>
    /// <param name="isEnabled">Whether they are served.</param>
    public AdminActions Actions(Func<bool> isEnabled) =>
        new()
        {
            IsEnabled = isEnabled,
            DeleteSeries = DeleteSeriesAsync,
            CleanTombstones = stop => RunAsync(() => NewCleaning().RunAsync(Options, stop)),
            Snapshot = (skipHead, stop) => RunAsync(() => NewSnapshot().RunAsync(skipHead, Options, stop)),
        };

    private async Task DeleteSeriesAsync(
        TimeRange range,
        IReadOnlyList<string> selectors,
        CancellationToken cancellationToken
    )
    {
        var reader = new ManifestReader(tables);
        var deletion = new SeriesDeletion(blobs, reader, new ManifestWriter(tables, reader, time), time, NewUlid);
        await RunAsync(() => deletion.DeleteAsync(range, selectors, cancellationToken));
        // It counts by now: who asks after the answer does not see it any more.
        await RunAsync(async () =>
        {
            await refresh(cancellationToken);
            return true;
        });
    }

    private CleanTombstonesJob NewCleaning() => new(blobs, tables, time, NewUlid);

    private SnapshotJob NewSnapshot() => new(blobs, tables, time, NewUlid);

    private Ulid NewUlid() => Ulid.New(time, Random.Shared);

    /// <summary>A manifest that has to be rebuilt, a damaged block and a full disk are no bugs.</summary>
    private static async Task<T> RunAsync<T>(Func<Task<T>> job)
    {
        try
        {
            return await job();
        }
        catch (Exception exception) when (exception is CorruptDataException or IOException)
        {
            throw new StoreException(StoreError.Unusable, exception.Message, exception);
        }
    }
}
