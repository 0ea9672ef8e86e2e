using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// A Prometheus of which nothing was collected for an hour and ten minutes: the server's first live pull takes the ten
/// minutes, and the hour is filled beside the next ones. The source goes on meanwhile.
/// </summary>
internal static class BackfillScenario
{
    public const int Series = 5000;
    public static readonly TimeSpan Gap = TimeSpan.FromHours(1);

    /// <summary>Live pulls do not reach further back.</summary>
    private static readonly TimeSpan Live = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>All new samples of the source are of so short a time.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    /// <summary>The figures by mode.</summary>
    public static async Task<Dictionary<string, BackfillFigures>> RunAsync(BenchmarkRun run, ServerKind ours)
    {
        var figures = new Dictionary<string, BackfillFigures>(StringComparer.Ordinal);
        foreach (var mode in new[] { "range", "remote_read" })
        {
            figures[mode] = await MeasureAsync(run, ours, mode);
        }
        return figures;
    }

    private static async Task<BackfillFigures> MeasureAsync(BenchmarkRun run, ServerKind ours, string mode)
    {
        var token = run.Cancellation;
        using var upper = await RunningServer.StartAsync(
            run.Scratch,
            run.Prometheus,
            run.Scratch.Folder("backfilled"),
            ScrapeConfiguration.Source(),
            token
        );
        var past = new PastSamples(Series, Gap + Live + (4 * Step), Step, Now());
        await RemoteWriteHistory.WriteAsync(upper.Port, past, token);
        var folder = run.Scratch.Folder("backfill-" + mode);
        var config = Config(upper.Port, mode);
        var fromMs = Now() - (long)(Gap + Live).TotalMilliseconds;
        await StandAtAsync(Path.Combine(folder, "data"), config, fromMs, token);

        var startMs = Now();
        using var server = RunningServer.Launch(run.Scratch, ours, folder, config);
        var ticks = new List<long>();
        var writtenMs = 0L;
        while (!IsFilled(server, ticks, startMs, fromMs + (long)Gap.TotalMilliseconds))
        {
            if (Now() - startMs > Patience.TotalMilliseconds)
            {
                throw new BenchmarkException($"{mode}: the gap was not filled within {Patience.TotalMinutes} minutes");
            }
            if (Now() - writtenMs >= Step.TotalMilliseconds)
            {
                writtenMs = Now();
                var newest = new PastSamples(Series, Moment, Moment, writtenMs);
                await RemoteWriteHistory.WriteAsync(upper.Port, newest, token);
            }
            await Task.Delay(Look, token);
        }
        var seconds = (Now() - startMs) / 1000.0;
        var cpuSeconds = server.CpuMilliseconds() / 1000;
        ticks.Add(Now());
        var longest = ticks.Zip(ticks.Skip(1), (one, next) => next - one).DefaultIfEmpty(0).Max() / 1000.0;
        return new BackfillFigures(
            seconds,
            cpuSeconds,
            server.Counters().Samples / (double)Samples(past, fromMs),
            Math.Max(0, longest - Interval.TotalSeconds)
        );
    }

    /// <summary>Whether all is filled; takes note of a live tick that is new.</summary>
    private static bool IsFilled(RunningServer server, List<long> ticks, long startMs, long untilMs)
    {
        if (RawHttp.TryGet(server.Port, "/api/v1/status/sources") is not { Status: 200 })
        {
            return false;
        }
        var answer = RawHttp.Get(server.Port, "/api/v1/status/sources", keep: true);
        using var json = JsonDocument.Parse(answer.Body!);
        var source = json.RootElement.GetProperty("data").GetProperty("sources")[0];
        if (
            !source.GetProperty("lastTick").TryGetDateTimeOffset(out var tick)
            || source.GetProperty("lastVerdict").GetString() != "complete"
        )
        {
            return false;
        }
        var tickMs = tick.ToUnixTimeMilliseconds();
        if (tickMs > (ticks.Count == 0 ? startMs : ticks[^1]))
        {
            ticks.Add(tickMs);
        }
        return source.GetProperty("openGaps").GetInt32() == 0
            && source.GetProperty("watermark").GetDateTimeOffset().ToUnixTimeMilliseconds() >= untilMs;
    }

    /// <summary>Leaves a store as a collector does that stopped then: a row that says how far it was.</summary>
    private static async Task StandAtAsync(string folder, string config, long atMs, CancellationToken token)
    {
        var target = TargetDiscovery.Discover(ConfigReader.Read(config, "prometheus.yml")).Single();
        var ledger = new SourceLedger(new LocalTableStore(folder, TimeProvider.System), TimeProvider.System);
        await ledger.LoadAsync(token);
        ledger.Note(
            new SourceMemory(target.Source)
            {
                Job = target.Config.JobName,
                LastTickMs = atMs,
                LastVerdict = Verdict.Complete,
                CompleteUntilMs = atMs,
                IntervalMs = (long)Interval.TotalMilliseconds,
                Pull = new PullMemory { CursorMs = atMs },
            }
        );
        await ledger.SaveAsync(token);
    }

    private static long Samples(PastSamples past, long afterMs)
    {
        var count = 0L;
        for (var step = past.FirstStep; step < past.FirstStep + past.Steps; step++)
        {
            for (var series = 0; series < past.Workload.Count; series++)
            {
                count += past.Has(series, step) && past.Timestamp(series, step) > afterMs ? 1 : 0;
            }
        }
        return count;
    }

    private static string Config(int port, string mode) =>
        new StringBuilder()
            .Append(
                CultureInfo.InvariantCulture,
                $$$"""
                scrape_configs:
                  - job_name: bench
                    honor_labels: true
                    metrics_path: /federate
                    scrape_interval: {{{Interval.TotalSeconds}}}s
                    scrape_timeout: {{{Interval.TotalSeconds}}}s
                    params: {'match[]': ['{job=~".+"}']}
                    static_configs: [{targets: ['127.0.0.1:{{{port}}}']}]
                tributary:
                  jobs: {bench: {pull: {{{mode}}}}}

                """
            )
            .ToString();

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
