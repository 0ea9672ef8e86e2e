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
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Ledger;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>A store, a clock that the test moves, one source with a history, and any number of processes.</summary>
internal sealed class GapPlace : HttpMessageHandler
{
    public const string Source = "job/a/0";
    public const long StepMs = 15_000;

    /// <summary>The source has a sample so often.</summary>
    public const long SampleMs = 5_000;

    private byte writers;

    public GapPlace()
    {
        var storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
        Tables = new ScriptedTables(storage.ImmediateTables());
    }

    public ManualTime Time { get; } = new(LogBatches.NoonMs);

    public ScriptedBlobs Blobs { get; }

    public ScriptedTables Tables { get; }

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers a scrape.</summary>
    public Func<string> Answer { get; set; } = () => "m 1\n";

    /// <summary>Answers a pull of the past; null has a sample every five seconds, whose value is its time.</summary>
    public Func<TimeRange, SourceMemory, PulledRange>? Pull { get; set; }

    /// <summary>What was pulled.</summary>
    public List<TimeRange> Pulled { get; } = [];

    /// <summary>A process of its own over the same store, which has read it.</summary>
    public async Task<GapProcess> StartAsync(
        bool isFederate = true,
        bool isLoaded = true,
        PullMode pull = PullMode.Federate
    )
    {
        var (writer, file) = (++writers, (byte)0);
        var log = new LogWriter(
            Blobs,
            Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, ++file])
        );
        var series = new SeriesTable();
        var recent = new RecentLog(Blobs, series, log, Time);
        var scraper = new Scraper(_ => new HttpMessageInvoker(this, false), Time, series, new ScrapeLimits());
        var ledger = new SourceLedger(Tables, Time);
        var collect = new CollectJob(new SourceCollector(scraper), ledger, log, recent, TickSchedule.Aligned, Time);
        collect.Configure([Target(isFederate, pull)]);
        var backfill = new BackfillJob(collect, PullAsync, scraper.CreateState, ledger, log, recent, Time)
        {
            Settling = TimeSpan.Zero,
        };
        if (isLoaded)
        {
            await collect.LoadAsync(TestContext.Current.CancellationToken);
        }
        return new GapProcess(collect, backfill, ledger, recent);
    }

    public void Step(int steps = 1) => Time.Advance(TimeSpan.FromMilliseconds(steps * StepMs));

    /// <summary>All samples of the source's own series in the log, by a reader who knows nothing.</summary>
    public async Task<IReadOnlyList<Sample>> StoredAsync(string name = "m")
    {
        var recent = new RecentLog(Blobs, new SeriesTable(), null, Time);
        await recent.LoadAsync(null, TestContext.Current.CancellationToken);
        recent.LoadHistory();
        var selector = new VectorSelector([new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, name)]);
        return [.. recent.Select([selector], new TimeRange(0, long.MaxValue)).SelectMany(one => one.Samples)];
    }

    /// <summary>What a source with a whole history answers.</summary>
    public static PulledRange History(TimeRange range, SourceMemory memory, long? reachedMs = null)
    {
        var toMs = reachedMs ?? range.MaxMs;
        var times = new List<long>();
        for (var at = ((range.MinMs / SampleMs) + 1) * SampleMs; at <= toMs; at += SampleMs)
        {
            times.Add(at);
        }
        var columns = new SampleColumns(
            new SeriesList([.. times.Select(_ => Series)]),
            times.ToArray(),
            times.Select(at => (double)at).ToArray()
        );
        return new PulledRange(columns, Nothing, toMs, memory);
    }

    public static SampleColumns Nothing { get; } = new(SeriesList.Empty, default, default);

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    ) => Task.FromResult(ScriptedSource.Text(Answer()));

    private static LabelSet Series { get; } = LabelSet.Of("__name__", "m", "job", "job", "instance", "a");

    private static Target Target(bool isFederate, PullMode pull) =>
        new()
        {
            Source = Source,
            Config = new ScrapeConfig
            {
                JobName = "job",
                Source = new SourceConfig { Pull = pull },
            },
            Url = new Uri("http://a/federate"),
            Labels = LabelSet.Of("job", "job", "instance", "a"),
            Interval = TimeSpan.FromMilliseconds(StepMs),
            Timeout = TimeSpan.FromSeconds(10),
            IsFederate = isFederate,
        };

    private Task<PulledRange> PullAsync(
        Target target,
        SourceState state,
        SourceMemory memory,
        TimeRange range,
        int maxSamples,
        CancellationToken cancellationToken
    )
    {
        Pulled.Add(range);
        return Task.FromResult(Pull?.Invoke(range, memory) ?? History(range, memory));
    }
}

/// <summary>A process of a <see cref="GapPlace"/>.</summary>
internal sealed record GapProcess(CollectJob Collect, BackfillJob Backfill, SourceLedger Ledger, RecentLog Recent)
{
    /// <summary>The gaps in steps from noon, as <c>from-to state: reason</c>.</summary>
    public string Gaps() =>
        string.Join(
            '\n',
            Ledger
                .GapsOf(GapPlace.Source)
                .All.Select(gap => $"{Steps(gap.FromMs)}-{Steps(gap.ToMs)} {gap.StateName}: {gap.Reason}")
        );

    /// <summary>The watermark in steps from noon.</summary>
    public string Watermark() => Steps(Ledger.WatermarkOf(GapPlace.Source));

    private static string Steps(long ms) =>
        ((ms - LogBatches.NoonMs) / (double)GapPlace.StepMs).ToString(
            System.Globalization.CultureInfo.InvariantCulture
        );
}
