using System.Diagnostics;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// Ten sources of 10,000 series every five seconds: warm up, measure, stop the sources, read `/federate`.
/// </summary>
internal static class SteadyScenario
{
    private static readonly long WindowMs = (long)TimeSpan.FromHours(2).TotalMilliseconds;

    public static async Task<SteadyFigures> RunAsync(BenchmarkRun run, ServerKind kind)
    {
        var settings = run.Settings;
        using var sources = await SourceProcess.StartAsync(
            run.Scratch,
            settings.Sources,
            settings.Series,
            settings.Interval,
            run.Cancellation
        );
        var folder = run.Scratch.Folder(kind.Name);
        var configuration = ScrapeConfiguration.Federate(sources.Port, settings.Sources, settings.Interval);
        using var server = await RunningServer.StartAsync(run.Scratch, kind, folder, configuration, run.Cancellation);

        await Task.Delay(settings.WarmUp, run.Cancellation);
        var firstWindow = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / WindowMs;
        var clock = Stopwatch.StartNew();
        var (before, countersBefore, servedBefore) = (server.Figures(), server.Counters(), sources.Served());

        await Task.Delay(settings.Measure, run.Cancellation);
        var (after, countersAfter, servedAfter) = (server.Figures(), server.Counters(), sources.Served());
        var seconds = clock.Elapsed.TotalSeconds;

        // Scrapes would disturb the answers; what was scraped stays inside the lookback meanwhile.
        sources.Dispose();
        var samples = countersAfter.Samples - countersBefore.Samples;
        if (samples <= 0)
        {
            throw new BenchmarkException($"{kind.Name} stored nothing while {servedAfter.Requests} bodies were served");
        }

        var scrapes = servedAfter.Requests - servedBefore.Requests;
        var figures = new SteadyFigures
        {
            CpuSeconds = after.CpuSeconds - before.CpuSeconds,
            Seconds = seconds,
            Samples = samples,
            ResidentBytes = after.ResidentBytes,
            PeakBytes = after.PeakBytes,
            LogBytes = countersAfter.LogBytes - countersBefore.LogBytes,
            Scrapes = scrapes,
            Operations = countersAfter.Operations.ToDictionary(
                o => o.Key,
                o => o.Value - countersBefore.Operations.GetValueOrDefault(o.Key),
                StringComparer.Ordinal
            ),
            CrossedWindow = firstWindow != DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / WindowMs,
            Offered = (double)scrapes * settings.Series,
            All = FederateReading.Measure(server, FederateReading.Everything, false, settings.Repetitions),
            Compressed = FederateReading.Measure(server, FederateReading.Everything, true, settings.Repetitions),
            Jobs = FederateReading.Measure(server, FederateReading.Jobs, false, settings.Repetitions),
        };
        server.Dispose();
        Scratch.Remove(folder);
        return figures;
    }
}
