using System.Diagnostics;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.Kernels;

/// <summary>Reads a log as the start of a server does, twice: cold, and with everything compiled.</summary>
internal static class LoadKernel
{
    public static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var folder = arguments.Text("--folder") ?? throw new BenchmarkException("--folder FOLDER is needed");
        arguments.RefuseTheRest();
        for (var run = 0; run < 5; run++)
        {
            var clock = Stopwatch.StartNew();
            var blobs = new LocalBlobStore(folder, TimeProvider.System);
            var recent = new RecentLog(blobs, new SeriesTable(), writer: null, TimeProvider.System);
            await recent.LoadAsync(_ => { }, cancellation);
            var loaded = clock.Elapsed.TotalMilliseconds;
            var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var selectors = new[] { SelectorParser.Parse("{__name__=~\"http_requests_total\"}") };
            var found = recent.SelectLatest(selectors, new TimeRange(nowMs - 300_000, nowMs)).Count;
            var selected = clock.Elapsed.TotalMilliseconds;
            recent.LoadHistory();
            Console.WriteLine(
                $"load {loaded:F1} ms, select {found} series {selected - loaded:F1} ms, history {clock.Elapsed.TotalMilliseconds - selected:F1} ms"
            );
        }
        return 0;
    }
}
