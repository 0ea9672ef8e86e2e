using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// A collect with its rows, and a backfill, stopped at every store call: the next process knows of every gap, fills what is
/// open, and then everything is stored once.
/// </summary>
public sealed class LedgerCrashPointTests
{
    private const string Source = "job/a/0";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Fact]
    public void Collect_KilledAnywhere_LosesNoGap() =>
        Assert.InRange(CrashPoints.Enumerate(CollectAsync, RecoverAsync), 6, 20);

    [Fact]
    public void Collect_KilledAndLandingLate_LosesNoGap() =>
        Assert.InRange(CrashPoints.EnumerateLateLandings(CollectAsync, RecoverAsync), 20, 1000);

    [Fact]
    public void Backfill_KilledAnywhere_LosesAndDoublesNothing() =>
        Assert.InRange(CrashPoints.Enumerate(BackfillAsync, RecoverAsync), 9, 30);

    [Fact]
    public void Backfill_KilledAndLandingLate_LosesAndDoublesNothing() =>
        Assert.InRange(CrashPoints.EnumerateLateLandings(BackfillAsync, RecoverAsync), 40, 2000);

    /// <summary>A tick, an outage of ten minutes, and another tick.</summary>
    private static async Task CollectAsync(SimulatedWorld world)
    {
        var (collect, _, _) = await StartAsync(world);
        await collect.RunAsync(CancellationToken.None);
        await world.DelayAsync(TimeSpan.FromMinutes(10));
        await collect.RunAsync(CancellationToken.None);
    }

    private static async Task BackfillAsync(SimulatedWorld world)
    {
        var (collect, backfill, _) = await StartAsync(world);
        await collect.RunAsync(CancellationToken.None);
        await world.DelayAsync(TimeSpan.FromMinutes(10));
        await collect.RunAsync(CancellationToken.None);
        await backfill.RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
    }

    /// <summary>The next process collects its tick and fills; between the first and the last tick everything is there.</summary>
    private static async Task RecoverAsync(SimulatedWorld world)
    {
        var (collect, backfill, ledger) = await StartAsync(world);
        // What lands only now is of a process that never said that it had begun.
        var sinceMs = ledger
            .GapsOf(Source)
            .All.Select(gap => gap.FromMs)
            .Append(ledger.Of(Source).CompleteUntilMs)
            .Min();
        await world.DelayAsync(TimeSpan.FromMinutes(1));
        await collect.RunAsync(CancellationToken.None);
        await backfill.RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(0, ledger.GapsOf(Source).OpenCount);
        Assert.Empty(ledger.Problems);
        var ticks = new LogOracle(world.Storage)
            .Batches.Where(batch => batch.Identity.Source == Source)
            .Select(batch => batch.Identity.TickMs)
            .Distinct()
            .Order()
            .ToList();
        Assert.Equal(ticks[^1], ledger.WatermarkOf(Source));
        var fresh = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer: null, world.Instance.Time);
        await fresh.LoadAsync(onBatch: null, CancellationToken.None);
        fresh.LoadHistory();
        var stored = fresh
            .Select(
                [new VectorSelector([new("__name__", MatchOperator.Equal, "m")])],
                new TimeRange(ticks[0], ticks[^1])
            )
            .SelectMany(series => series.Samples)
            .Select(sample => sample.TimestampMs)
            .ToHashSet();
        if (sinceMs > 0)
        {
            var history = GapPlace.History(new TimeRange(sinceMs, ticks[^1]), new SourceMemory(Source));
            Assert.Empty(history.Samples.TimestampsMs.ToArray().Where(at => !stored.Contains(at)));
        }
    }

    private static async Task<(CollectJob Collect, BackfillJob Backfill, SourceLedger Ledger)> StartAsync(
        SimulatedWorld world
    )
    {
        var instance = world.Instance;
        var series = new SeriesTable();
        var writer = new LogWriter(instance.Blobs, instance.Time, () => new Ulid(world.Random.NextUInt64()));
        var recent = new RecentLog(instance.Blobs, series, writer, instance.Time);
        var scraper = new Scraper(_ => new OneBody(), instance.Time, series, new ScrapeLimits());
        var ledger = new SourceLedger(instance.Tables, instance.Time);
        var collect = new CollectJob(
            new SourceCollector(scraper),
            ledger,
            writer,
            recent,
            TickSchedule.Aligned,
            instance.Time
        );
        collect.Configure([
            new Target
            {
                Source = Source,
                Config = new ScrapeConfig { JobName = "job" },
                Url = new Uri("http://a/federate"),
                Labels = LabelSet.Of("job", "job", "instance", "a"),
                Interval = Interval,
                Timeout = TimeSpan.FromSeconds(10),
                IsFederate = true,
            },
        ]);
        await collect.LoadAsync(CancellationToken.None);
        var backfill = new BackfillJob(
            collect,
            (_, _, memory, range, _, _) => Task.FromResult(GapPlace.History(range, memory)),
            scraper.CreateState,
            ledger,
            writer,
            recent,
            instance.Time
        )
        {
            Settling = TimeSpan.Zero,
        };
        return (collect, backfill, ledger);
    }

    private sealed class OneBody() : HttpMessageInvoker(new HttpClientHandler(), disposeHandler: true)
    {
        public override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => Task.FromResult(ScriptedSource.Text("m 1\n"));
    }
}
