using System.Diagnostics;
using System.Globalization;
using Tributary.Model;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.Kernels;

/// <summary>Makes blocks of a log, and one of these, in this process; prints what that costs.</summary>
internal static class CompactKernel
{
    private const double Mega = 1e6;

    public static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var folder = arguments.Text("--folder") ?? throw new BenchmarkException("--folder FOLDER is needed");
        var memory = arguments.Number("--memory", 256);
        arguments.RefuseTheRest();
        var time = TimeProvider.System;
        var blobs = new LocalBlobStore(folder, time);
        var tables = new LocalTableStore(folder, time);
        var reader = new ManifestReader(tables);
        var writer = new ManifestWriter(tables, reader, time);
        var committer = new BlockCommitter(blobs, writer, time, () => Ulid.New(time, Random.Shared));
        var options = new CompactionOptions { MemoryBytes = memory * 1024L * 1024, StoreId = "bench" };
        var manifest = await reader.RefreshAsync(cancellation);
        var files = await LogListing.AllAsync(blobs, cancellation);
        Console.WriteLine($"resident before: {Environment.WorkingSet / Mega:F0} MB");
        foreach (var window in files.GroupBy(file => file.Name.Window).OrderBy(window => window.Key))
        {
            await MeasureAsync(
                $"log of {window.Sum(file => file.Blob.LengthBytes) / Mega:F1} MB",
                () =>
                    committer.LevelOneAsync(
                        new LevelOneGroup(window.Key, [.. window]),
                        manifest,
                        new LogCompaction(blobs, options).WriteAsync,
                        cancellation
                    ),
                reader,
                cancellation
            );
            manifest = await reader.RefreshAsync(cancellation);
        }
        var inputs = manifest.Live.OrderBy(row => row.Block.Number).ToList();
        await MeasureAsync(
            $"{inputs.Count} blocks",
            () => committer.MergeAsync(inputs, manifest, new BlockCompaction(blobs, options).WriteAsync, cancellation),
            reader,
            cancellation
        );
        return 0;
    }

    private static async Task MeasureAsync(
        string what,
        Func<Task<CommitResult>> compact,
        ManifestReader reader,
        CancellationToken cancellation
    )
    {
        using var self = Process.GetCurrentProcess();
        var clock = Stopwatch.StartNew();
        var cpu = self.TotalProcessorTime;
        var result = await compact();
        self.Refresh();
        var seconds = (self.TotalProcessorTime - cpu).TotalSeconds;
        var block = (await reader.RefreshAsync(cancellation))
            .Live.Single(row => row.Block.Number == result.Number)
            .Block;
        var chunks = block.Files.Where(file => file.Path.StartsWith("chunks/", StringComparison.Ordinal));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what} → {block.Series} series, {block.Samples} samples, {block.Chunks} chunks; {clock.Elapsed.TotalSeconds:F2} s, {seconds:F2} CPU s, {block.Samples / Mega / seconds:F2} M samples/CPU s; {(double)chunks.Sum(file => file.SizeBytes) / block.Samples:F3} + {(double)block.Files.Single(file => file.Path == "index").SizeBytes / block.Samples:F3} bytes/sample; peak resident {self.PeakWorkingSet64 / Mega:F0} MB"
            )
        );
    }
}
