using System.Net;
using System.Text;
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

namespace Tributary.Tests.Unit.Federation;

/// <summary>Replicas behind addresses, a log, a ledger, a clock that the test moves, and processes that collect.</summary>
internal sealed class ReplicaPlace : HttpMessageHandler
{
    public const long StepMs = 15_000;
    public const string Job = "fed";

    private readonly SimulatedStorage storage;
    private readonly RecentLog reader;
    private readonly Dictionary<string, int> turns = new(StringComparer.Ordinal);
    private byte writers;

    public ReplicaPlace()
    {
        storage = new SimulatedStorage(Time);
        reader = new RecentLog(storage.ImmediateBlobs(), new SeriesTable(), null, Time);
    }

    public ManualTime Time { get; } = new(LogBatches.NoonMs);

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public ModelReplica A { get; } = new("a", 2_000);

    public ModelReplica B { get; } = new("b", 9_500);

    /// <summary>Who answers at an address; several alternately, each connection of its own leads to the next.</summary>
    public Dictionary<string, ModelReplica[]> Servers { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked, as <c>host?</c> for who it is and <c>host</c> for all.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How many scrapes wanted a connection of their own.</summary>
    public int Closing { get; private set; }

    /// <summary>What is in the log.</summary>
    public List<StoredBatch> Stored { get; } = [];

    /// <summary>The scrape timeout.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The job over some addresses; the replicas A and B at <c>a:1</c> and <c>b:1</c>.</summary>
    public ScrapeConfig JobOf(SourceConfig source, params string[] addresses)
    {
        Servers.TryAdd("a", [A]);
        Servers.TryAdd("b", [B]);
        return new ScrapeConfig
        {
            JobName = Job,
            HonorLabels = true,
            MetricsPath = "/federate",
            Params = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
            {
                ["match[]"] = ["{job=\"app\"}"],
            },
            ScrapeInterval = TimeSpan.FromMilliseconds(StepMs),
            ScrapeTimeout = Timeout,
            Source = source,
            StaticConfigs = [new StaticConfig(addresses, LabelSet.Empty)],
        };
    }

    /// <summary>A process of its own over the same storage, that has read the log.</summary>
    public async Task<ReplicaProcess> StartAsync(ScrapeConfig job)
    {
        var (writer, file) = (++writers, (byte)0);
        var log = new LogWriter(
            storage.ImmediateBlobs(),
            Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, ++file])
        );
        var series = new SeriesTable();
        var recent = new RecentLog(storage.ImmediateBlobs(), series, log, Time);
        var scraper = new Scraper(_ => new HttpMessageInvoker(this), Time, series, new ScrapeLimits());
        var ledger = new SourceLedger(storage.ImmediateTables());
        var sources = new SourceCollector(scraper);
        var collect = new CollectJob(sources, ledger, log, recent, TickSchedule.Aligned, Time);
        var replicas = new ReplicaJob(new ReplicaProbe(scraper), ledger, Time, collect.Configure);
        sources.Changed = replicas.Doubt;
        await collect.LoadAsync(default);
        await ReadAsync();
        var process = new ReplicaProcess(collect, replicas, ledger, recent);
        process.Configure(job);
        return process;
    }

    /// <summary>One tick of a process, and the way to the next.</summary>
    public async Task StepAsync(ReplicaProcess process, int ticks = 1)
    {
        for (var i = 0; i < ticks; i++)
        {
            var startMs = NowMs;
            await process.RunAsync();
            await ReadAsync();
            Time.Advance(TimeSpan.FromMilliseconds(startMs - (startMs % StepMs) + StepMs - NowMs));
        }
    }

    /// <summary>The hosts that were asked for samples since the last call.</summary>
    public string TakeAsked()
    {
        var text = string.Join(' ', Asked);
        Asked.Clear();
        return text;
    }

    /// <summary>The series that are alive now in a process' head, by name and instance, without metric labels that all have.</summary>
    public IReadOnlyList<LabelSet> Alive(ReplicaProcess process, string metric) =>
        [
            .. process
                .Recent.SelectLatest(
                    [new VectorSelector([new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, metric)])],
                    new TimeRange(NowMs - StepMs - 300_000, NowMs - 1)
                )
                .Select(sample => sample.Labels),
        ];

    /// <summary>Values of <c>up</c> in the last batch, by the instance; a marker is †.</summary>
    public string Ups() =>
        string.Join(
            ' ',
            Stored[^1]
                .Added.Where(sample => sample.Series.MetricName is "up")
                .Select(sample =>
                    $"{sample.Series.Get("instance")}={(StaleMarker.IsStale(sample.Value) ? "†" : sample.Value)}"
                )
                .Order(StringComparer.Ordinal)
        );

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (request.RequestUri!.AbsolutePath.EndsWith("/api/v1/metadata", StringComparison.Ordinal))
        {
            return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") };
        }
        var host = request.RequestUri.Host;
        var isSmall = !Uri.UnescapeDataString(request.RequestUri.Query).Contains("job=", StringComparison.Ordinal);
        Closing += !isSmall && request.Headers.ConnectionClose is true ? 1 : 0;
        Asked.Add(isSmall ? $"{host}?" : host);
        // What balances the load leaves out a server that does not listen.
        var servers = Servers[host].Where(server => server.Answering is not Answering.Refuses).ToArray();
        servers = servers.Length == 0 ? Servers[host] : servers;
        var turn = turns.GetValueOrDefault(host);
        var replica = servers[turn % servers.Length];
        turns[host] = turn + 1;
        switch (replica.Answering)
        {
            case Answering.Refuses:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            case Answering.IsUnavailable:
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("") };
            case Answering.Hangs when request.Headers.ConnectionClose is true:
                // Who a target is, is asked beside the collecting, and takes no time of it.
                throw new HttpRequestException(HttpRequestError.ConnectionError, "hangs");
            case Answering.Hangs:
                Time.Advance(Timeout);
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, cancellationToken);
                break;
        }
        var body = Encoding.UTF8.GetBytes(replica.Body(NowMs, isSmall));
        return replica.Answering is Answering.Breaks
            ? ScriptedSource.Streamed(new BreakingStream(body[..(body.Length / 2)]))
            : ScriptedSource.Bytes(body);
    }

    private Task ReadAsync() => reader.RefreshAsync(batch => Stored.Add(StoredBatch.Of(batch)), default);

    private sealed class BreakingStream(byte[] body) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("the transfer broke");
    }
}

/// <summary>A process that collects.</summary>
internal sealed record ReplicaProcess(CollectJob Collect, ReplicaJob Replicas, SourceLedger Ledger, RecentLog Recent)
{
    public void Configure(ScrapeConfig job) =>
        Replicas.Configure(TargetDiscovery.Discover(new CollectorConfig { ScrapeConfigs = [job] }));

    /// <summary>One pass: asks who is who where that is not known, and collects what is due.</summary>
    public async Task RunAsync()
    {
        await Replicas.RunAsync(default);
        await Collect.RefreshAsync(default);
        await Collect.RunAsync(default);
        await SaveAsync();
    }

    /// <summary>Whether what is remembered of sources outlives the process.</summary>
    public bool Saves { get; set; } = true;

    private Task SaveAsync() => !Saves ? Task.CompletedTask : Ledger.SaveAsync(default);
}

/// <summary>A batch as a reader of the log sees it.</summary>
internal sealed record StoredBatch(
    string Source,
    long TickMs,
    Verdict Verdict,
    string Error,
    IReadOnlyList<StoredSample> Scraped,
    IReadOnlyList<StoredSample> Added
)
{
    public static StoredBatch Of(Batch batch) =>
        new(
            batch.Source,
            batch.TickMs,
            batch.Report.Verdict,
            batch.Report.Error,
            Copy(batch.Scraped),
            Copy(batch.Added)
        );

    private static IReadOnlyList<StoredSample> Copy(SampleColumns columns) =>
        [
            .. Enumerable
                .Range(0, columns.Count)
                .Select(i => new StoredSample(columns.Series[i], columns.TimestampsMs.Span[i], columns.Values.Span[i])),
        ];
}

/// <summary>A sample of the log.</summary>
internal sealed record StoredSample(LabelSet Series, long TimestampMs, double Value);
