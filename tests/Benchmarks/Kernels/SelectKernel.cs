using System.Diagnostics;
using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.Kernels;

/// <summary>Looks up series, names and values, and selects and decodes chunks, again and again, in this process.</summary>
internal static class SelectKernel
{
    private static readonly TimeRange Always = new(0, long.MaxValue / 2);

    public static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var folder = arguments.Text("--folder") ?? throw new BenchmarkException("--folder FOLDER is needed");
        var repetitions = arguments.Number("--repetitions", 20);
        arguments.RefuseTheRest();
        var time = TimeProvider.System;
        var blobs = new LocalBlobStore(folder, time);
        var tables = new LocalTableStore(folder, time);
        var options = new StoreReaderOptions();
        using var reader = new StoreReader(blobs, tables, null, options, time, () => Ulid.New(time, Random.Shared));
        var everything = SelectorParser.Parse("{__name__=~\".+\"}");
        var some = SelectorParser.Parse("http_requests_total");
        var limits = new SelectionLimits();
        await MeasureAsync(
            "series, all",
            async () => (await reader.SeriesAsync([everything], Always, 0, cancellation)).Items.Count
        );
        await MeasureAsync(
            "series, some",
            async () => (await reader.SeriesAsync([some], Always, 0, cancellation)).Items.Count
        );
        await MeasureAsync(
            "label names",
            async () => (await reader.LabelNamesAsync([], Always, 0, cancellation)).Items.Count
        );
        await MeasureAsync(
            "values of pod",
            async () => (await reader.LabelValuesAsync("pod", [], Always, 0, cancellation)).Items.Count
        );
        await MeasureAsync("chunks, all", async () => (await SelectAsync(everything)).Series.Length);
        await MeasureAsync("chunks, some", async () => (await SelectAsync(some)).Series.Length);
        var selection = await SelectAsync(everything);
        var buffer = new SampleBuffer();
        await MeasureAsync("decode, all", () => Task.FromResult(selection.Series.Sum(Decode)));
        return 0;

        Task<ChunkSelection> SelectAsync(VectorSelector selector) =>
            reader.SelectChunksAsync(selector.Matchers, Always, limits, cancellation);

        int Decode(SelectedChunks series)
        {
            series.Decode(buffer);
            return buffer.Count;
        }

        async Task MeasureAsync(string what, Func<Task<int>> run)
        {
            var clock = Stopwatch.StartNew();
            var count = await run();
            var first = clock.Elapsed.TotalMilliseconds;
            using var self = Process.GetCurrentProcess();
            var cpu = self.TotalProcessorTime;
            var times = new List<double>();
            var allocated = GC.GetTotalAllocatedBytes();
            for (var i = 0; i < repetitions; i++)
            {
                clock.Restart();
                count = await run();
                times.Add(clock.Elapsed.TotalMilliseconds);
            }
            self.Refresh();
            var perRun = (self.TotalProcessorTime - cpu).TotalMilliseconds / repetitions;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what, -14} {count, 9}  first {first, 8:F2} ms, then {times.Min(), 7:F2} to {times.Max(), 7:F2} ms, {perRun, 7:F2} CPU ms, {(GC.GetTotalAllocatedBytes() - allocated) / repetitions / 1024, 6} KiB"
                )
            );
        }
    }
}
