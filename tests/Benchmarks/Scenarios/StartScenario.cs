using System.Diagnostics;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>Starts a server, again and again, over two hours of samples that end now.</summary>
internal static class StartScenario
{
    private const string Question = "{__name__=\"http_requests_total\"}";

    public static async Task<StartFigures> RunAsync(BenchmarkRun run, ServerKind kind)
    {
        var settings = run.Settings;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var past = new PastSamples(settings.HistorySeries, settings.HistoryRange, settings.HistoryStep, now);
        var folder = run.Scratch.Folder(kind.Name);
        await WriteAsync(run, kind, folder, past);

        var samples = past.Count();
        var starts = new List<StartFigures>();
        for (var i = 0; i < settings.Starts; i++)
        {
            starts.Add(await StartAsync(run, kind, folder, samples));
        }

        Scratch.Remove(folder);
        return new StartFigures(
            Median.Of(starts.Select(s => s.FirstAnswerMs)),
            new Outcome<double>(
                Median.Of(starts.Select(s => s.Decoded.Value)),
                starts.Find(s => s.Decoded.Problem is not null)?.Decoded.Problem
            ),
            starts.Min(s => s.Series),
            samples
        );
    }

    private static async Task WriteAsync(BenchmarkRun run, ServerKind kind, string folder, PastSamples past)
    {
        if (kind is TributaryKind)
        {
            var storage = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
            await TributaryHistory.WriteAsync(storage, past, run.Cancellation);
            return;
        }

        using var server = await RunningServer.StartAsync(
            run.Scratch,
            kind,
            folder,
            ScrapeConfiguration.Idle(),
            run.Cancellation
        );
        await RemoteWriteHistory.WriteAsync(server.Port, past, run.Cancellation);
        await server.StopAsync();
    }

    // Killed, not stopped: no start leaves anything behind that would help the next one.
    private static async Task<StartFigures> StartAsync(BenchmarkRun run, ServerKind kind, string folder, long samples)
    {
        var clock = Stopwatch.StartNew();
        using var server = RunningServer.Launch(run.Scratch, kind, folder, ScrapeConfiguration.Idle());
        var path = FederateReading.Path(Question);
        var answer = await server.UntilAsync(path, a => a.Bytes > 0, run.Cancellation);
        var first = clock.Elapsed.TotalMilliseconds;
        var series = FederateReading.CountSeries(RawHttp.Get(server.Port, path, keep: true).Body!, gzip: false);
        var decoded = await DecodedAsync(run, server, clock, samples);
        return new StartFigures(first, decoded, answer.Bytes > 0 ? series : 0, samples);
    }

    private static async Task<Outcome<double>> DecodedAsync(
        BenchmarkRun run,
        RunningServer server,
        Stopwatch clock,
        long samples
    )
    {
        try
        {
            while (server.DecodedSamples() < 0.99 * samples)
            {
                if (clock.Elapsed > TimeSpan.FromSeconds(60))
                {
                    return new Outcome<double>(0, $"not all of {samples} samples decoded after a minute");
                }

                await Task.Delay(2, run.Cancellation);
            }

            return new Outcome<double>(clock.Elapsed.TotalMilliseconds, null);
        }
        catch (BenchmarkException e)
        {
            return new Outcome<double>(0, e.Message);
        }
    }
}
