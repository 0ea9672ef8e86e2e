using System.Diagnostics;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>Asks a server for series, label names and values of blocks, warm; and starts it over them, again and again.</summary>
internal static class LookUpScenario
{
    /// <summary>Questions whose answers are small are asked so much more often.</summary>
    private const int SmallFactor = 20;

    private const string OneMetric = "/api/v1/series?match[]=http_requests_total";

    /// <summary>What is asked; the first one is the large one.</summary>
    public static readonly IReadOnlyList<string> Questions =
    [
        "/api/v1/series?match[]=%7B__name__%3D~%22.%2B%22%7D",
        OneMetric,
        "/api/v1/label/pod/values",
        "/api/v1/labels",
        "/api/v1/label/__name__/values",
    ];

    /// <summary>10,000 series (as many as the settings say) over six hours.</summary>
    public static Task<LookUpFigures> RunAsync(BenchmarkRun run, ServerKind kind) =>
        RunAsync(run, kind, run.Settings.HistorySeries, 6);

    /// <summary>Five times as many over two hours.</summary>
    public static Task<LookUpFigures> RunManyAsync(BenchmarkRun run, ServerKind kind) =>
        RunAsync(run, kind, 5 * run.Settings.HistorySeries, 2);

    private static async Task<LookUpFigures> RunAsync(BenchmarkRun run, ServerKind kind, int series, int hours)
    {
        var folder = run.Scratch.Folder(kind.Name);
        await BlockHistory.WriteAsync(run, kind, folder, series, hours);
        var starts = new List<double>();
        for (var i = 0; i < run.Settings.Starts; i++)
        {
            // Killed, not stopped: no start leaves anything behind that would help the next one.
            var clock = Stopwatch.StartNew();
            using var started = RunningServer.Launch(run.Scratch, kind, folder, ScrapeConfiguration.Idle());
            await started.UntilAsync(OneMetric, answer => answer.Bytes > 100, run.Cancellation);
            starts.Add(clock.Elapsed.TotalMilliseconds);
        }
        using var server = await RunningServer.StartAsync(
            run.Scratch,
            kind,
            folder,
            ScrapeConfiguration.Idle(),
            run.Cancellation
        );
        var answers = Questions.Select(
            (path, i) => Ask(server, path, run.Settings.Repetitions * (i == 0 ? 1 : SmallFactor))
        );
        var figures = new LookUpFigures([.. answers], Median.Of(starts));
        await server.StopAsync();
        Scratch.Remove(folder);
        return figures;
    }

    private static LookUpAnswer Ask(RunningServer server, string path, int times)
    {
        // As often before as is measured: what is compiled while it runs has settled then.
        for (var i = 0; i < times; i++)
        {
            RawHttp.Get(server.Port, path);
        }
        var answers = Enumerable.Range(0, times).Select(_ => RawHttp.Get(server.Port, path)).ToList();
        return answers.Exists(answer => answer.Status != 200)
            ? throw new BenchmarkException($"{path}: status {answers.Find(answer => answer.Status != 200)!.Status}")
            : new LookUpAnswer(Median.Of(answers.Select(answer => answer.Total.TotalMilliseconds)), answers[0].Bytes);
    }
}
