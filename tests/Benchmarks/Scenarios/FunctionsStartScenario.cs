using System.Diagnostics;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// Starts ours as the Functions host starts its handler, each time over an empty account of Azurite: asked for `/` until it
/// answers, as by the host but more often, then for `/federate`.
/// </summary>
internal static class FunctionsStartScenario
{
    public static async Task<FunctionsStartFigures> RunAsync(BenchmarkRun run, ServerKind kind)
    {
        if (kind is not TributaryKind)
        {
            throw new BenchmarkException($"{kind.Name} is no custom handler");
        }

        var starts = run.Settings.Starts;
        using var azurite = await AzuriteProcess.StartAsync(run.Scratch, starts + 1, run.Cancellation);
        var times = new List<(double Ready, double First)>();
        for (var i = 0; i <= starts; i++)
        {
            var app = new FunctionsKind(kind.Executable, azurite.ConnectionString(i));
            times.Add(await StartAsync(run, app));
        }

        // Azurite, too, is slow the first time that it is asked for something.
        times.RemoveAt(0);
        return new FunctionsStartFigures(
            Median.Of(times.Select(t => t.Ready)),
            Median.Of(times.Select(t => t.First)),
            times.Max(t => t.First)
        );
    }

    private static async Task<(double Ready, double First)> StartAsync(BenchmarkRun run, ServerKind app)
    {
        var folder = run.Scratch.Folder("functions");
        var clock = Stopwatch.StartNew();
        using var server = RunningServer.Launch(run.Scratch, app, folder, ScrapeConfiguration.Idle());
        await server.UntilAsync("/", _ => true, run.Cancellation);
        var ready = clock.Elapsed.TotalMilliseconds;
        await server.UntilAsync(FederateReading.Path("up"), _ => true, run.Cancellation);
        return (ready, clock.Elapsed.TotalMilliseconds);
    }
}
