using Tributary.Benchmarks.Processes;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.History;

/// <summary>History as blocks, one for two hours: the same files for Prometheus and for us.</summary>
internal static class BlockHistory
{
    /// <summary>Fills a server's folder with blocks that end with the last window that is over.</summary>
    /// <param name="run">The settings, and where to work.</param>
    /// <param name="kind">Whose folder it is.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="series">How many series.</param>
    /// <param name="hours">How much time.</param>
    public static async Task WriteAsync(BenchmarkRun run, ServerKind kind, string folder, int series, int hours)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var store = kind is TributaryKind ? data : run.Scratch.Folder("blocks");
        var blocks = await WriteAsync(store, series, hours, run.Settings.HistoryStep, run.Cancellation);
        if (store != data)
        {
            await CopyAsync(store, blocks, data, run.Cancellation);
            Scratch.Remove(store);
        }
    }

    /// <summary>Fills a store of ours.</summary>
    /// <returns>The blocks.</returns>
    public static async Task<List<Ulid>> WriteAsync(
        string store,
        int series,
        int hours,
        TimeSpan step,
        CancellationToken cancellation
    )
    {
        var endMs = Window.Of(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).StartMs - (long)step.TotalMilliseconds;
        var past = new PastSamples(series, TimeSpan.FromHours(hours), step, endMs);
        await TributaryHistory.WriteAsync(store, past, cancellation);
        return await CompactAsync(store, cancellation);
    }

    /// <summary>Puts blocks of a store of ours into a folder of Prometheus.</summary>
    public static async Task CopyAsync(
        string store,
        IReadOnlyList<Ulid> blocks,
        string data,
        CancellationToken cancellation
    )
    {
        var (blobs, tables) = Open(store);
        foreach (var block in blocks)
        {
            await new DownloadBlockJob(blobs, tables).RunAsync(block, data, cancellation);
        }
    }

    private static async Task<List<Ulid>> CompactAsync(string folder, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var (blobs, tables) = Open(folder);
        var reader = new ManifestReader(tables);
        var writer = new ManifestWriter(tables, reader, time);
        var committer = new BlockCommitter(blobs, writer, time, () => Ulid.New(time, Random.Shared));
        var options = new CompactionOptions { MemoryBytes = 256L * 1024 * 1024, StoreId = "bench" };
        var files = await LogListing.AllAsync(blobs, cancellation);
        foreach (var window in files.GroupBy(file => file.Name.Window).OrderBy(window => window.Key))
        {
            await committer.LevelOneAsync(
                new LevelOneGroup(window.Key, [.. window]),
                await reader.RefreshAsync(cancellation),
                new LogCompaction(blobs, options).WriteAsync,
                cancellation
            );
        }
        // What is in blocks now is not to be read a second time: a server would delete it later.
        foreach (var file in files)
        {
            await blobs.DeleteAsync(file.Blob.Name, null, cancellation);
        }
        return [.. (await reader.RefreshAsync(cancellation)).Live.Select(row => row.Block.Ulid)];
    }

    private static (LocalBlobStore Blobs, LocalTableStore Tables) Open(string folder) =>
        (new LocalBlobStore(folder, TimeProvider.System), new LocalTableStore(folder, TimeProvider.System));
}
