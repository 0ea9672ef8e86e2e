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
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>A log, a clock that the test moves, sources whose answers the test writes, and any number of processes.</summary>
internal sealed class CollectPlace : HttpMessageHandler
{
    public const long StepMs = 15_000;

    private readonly SimulatedStorage storage;
    private byte writers;

    public CollectPlace()
    {
        storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
    }

    public ManualTime Time { get; } = new(LogBatches.NoonMs);

    public ScriptedBlobs Blobs { get; }

    public ITableStore Tables => storage.ImmediateTables();

    /// <summary>Answers a source, by its host.</summary>
    public Func<string, CancellationToken, Task<string>> Answer { get; set; } = (_, _) => Task.FromResult("m 1\n");

    /// <summary>The hosts that were asked.</summary>
    public List<string> Asked { get; } = [];

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static Target Source(string host) =>
        new()
        {
            Source = $"job/{host}/0",
            Config = new ScrapeConfig { JobName = "job" },
            Url = new Uri($"http://{host}/metrics"),
            Labels = LabelSet.Of("job", "job", "instance", host),
            Interval = TimeSpan.FromMilliseconds(StepMs),
            Timeout = TimeSpan.FromMinutes(1),
        };

    /// <summary>A process of its own over the same log.</summary>
    public (CollectJob Job, RecentLog Recent) Start(params string[] hosts) => Start(TimeSpan.Zero, hosts);

    /// <summary>A process whose timer may be early.</summary>
    public (CollectJob Job, RecentLog Recent) Start(TimeSpan early, params string[] hosts)
    {
        var (writer, file) = (++writers, (byte)0);
        var log = new LogWriter(
            Blobs,
            Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, ++file])
        );
        var series = new SeriesTable();
        var recent = new RecentLog(Blobs, series, log, Time);
        var scraper = new Scraper(_ => new HttpMessageInvoker(this), Time, series, new ScrapeLimits());
        var job = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(Tables, Time),
            log,
            recent,
            TickSchedule.Aligned,
            Time
        )
        {
            Early = early,
        };
        job.Configure([.. hosts.Select(Source)]);
        return (job, recent);
    }

    public void Step(int steps = 1) => Time.Advance(TimeSpan.FromMilliseconds(steps * StepMs));

    /// <summary>Waits for what happens by itself; only a test that fails waits long.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 5000 && !condition(); i++)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
        Assert.True(condition());
    }

    /// <summary>The series that are alive now, as <c>name@host</c>.</summary>
    public string Alive(RecentLog recent, string name = "m") =>
        string.Join(
            ' ',
            recent
                .SelectLatest(
                    [new VectorSelector([new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, name)])],
                    new TimeRange(NowMs - 300_000, NowMs)
                )
                .Select(sample => sample.Labels.Get("instance"))
        );

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var host = request.RequestUri!.Host;
        lock (Asked)
        {
            Asked.Add(host);
        }
        return ScriptedSource.Text(await Answer(host, cancellationToken));
    }
}
