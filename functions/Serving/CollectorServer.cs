using System.Security.Cryptography;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Federation;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Triggers;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.RemoteWrite;
using Tributary.Rules;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>The collector of a server, put together: stores, log, head, jobs; and the endpoints' view of it.</summary>
internal sealed class CollectorServer : IDisposable
{
    private static readonly TimeSpan HistoryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>The host's timer is not earlier than this.</summary>
    private static readonly TimeSpan EarlyTimer = TimeSpan.FromMilliseconds(500);

    /// <summary>Where samples are kept for ever, what became of gaps is kept for so long.</summary>
    private static readonly TimeSpan KeptForEver = TimeSpan.FromDays(366);

    /// <summary>The host's timer fires once a minute as a rule: intervals that are shorter are not missed by it.</summary>
    private static readonly TimeSpan HostCadence = TimeSpan.FromMinutes(1);

    private readonly Settings settings;
    private readonly ITableStore tables;
    private readonly TimeProvider time;
    private readonly HttpClientPool clients;
    private readonly Scraper scraper;
    private readonly LogWriter writer;
    private readonly SourceLedger ledger;
    private readonly Completeness completeness;
    private readonly RecentLog recent;
    private readonly Lazy<BlocksJob> blocks;
    private readonly StoreReader store;
    private readonly LatestReader latest;
    private readonly AdminJobs admin;
    private readonly LogReading reading;
    private readonly AttachedSources attached;
    private readonly long startMs;
    private volatile bool isReady;
    private volatile WebConfig? web;
    private volatile Uri externalUrl;
    private volatile ExternalLabels external = new(LabelSet.Empty);
    private volatile CollectorConfig config = new();
    private volatile ConfigStatus? configStatus;
    private volatile QueryEngine queries;
    private volatile QueryEngine exportQueries;

    public CollectorServer(Settings settings, IBlobStore blobs, ITableStore tables, TimeProvider time)
    {
        this.settings = settings;
        this.time = time;
        Failures = new JobFailures(time);
        Blobs = blobs;
        this.tables = tables;
        blocks = new Lazy<BlocksJob>(() => new BlocksJob(blobs, tables));
        externalUrl = settings.Web.ExternalUrl ?? new Uri("http://localhost/");
        Costs = new CostKeeper(blobs, tables, time);
        (NewTargets, NewReplicas, NewGroups) = (new Signal(time), new Signal(time), new Signal(time));
        RemoteWriteLog = new RemoteWriteLog(time);
        (startMs, reading) = (time.GetUtcNow().ToUnixTimeMilliseconds(), new LogReading(RefreshAsync, time));
        clients = new HttpClientPool(time);
        var series = new SeriesTable();
        writer = new LogWriter(blobs, time, () => Ulid.New(time, Random.Shared));
        recent = NewRecent(series, out var lister);
        store = NewStore(lister);
        latest = new LatestReader(blobs, store.Manifest, recent, store, ReadOnAsync, time);
        admin = new AdminJobs(blobs, tables, latest.RefreshAsync, time);
        attached = new AttachedSources(settings, blobs, store, time);
        var budget = SeriesBudget.For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        scraper = NewScraper(series, budget);
        ledger = new SourceLedger(tables, time);
        var sources = new SourceCollector(scraper);
        Collect = NewCollect(sources);
        Replicas = new ReplicaJob(new ReplicaProbe(scraper), ledger, time, Take);
        completeness = new Completeness(Collect.Completeness, time);
        Receive = NewReceiving(series, budget);
        queries = NewEngine(config, completeness);
        Evaluate = NewEvaluate();
        exportQueries = NewEngine(config, completeness: null);
        Exports = NewExports();
        Backfill = new BackfillJob(Collect, sources.PullRangeAsync, sources.CreateState, ledger, writer, recent, time);
        Discover = new DiscoverJob(config => HttpClientFactory.Create(config, time), time, TakeFound);
        Watch = new FolderWatch(Discover.Touch);
        Alerting = NewNotify();
        AlertingWatch = new FolderWatch(Alerting.Discover.Touch);
        RemoteWrite = NewRemoteWrite(series);
        Trim = new MemoryTrim(() => recent.SeriesCount, () => Shrink(budget));
        Compact = new CompactJob(blobs, tables, time, () => Ulid.New(time, Random.Shared));
        Join(sources, budget);
    }

    public IBlobStore Blobs { get; }

    public CollectJob Collect { get; }

    /// <summary>Fills gaps.</summary>
    public BackfillJob Backfill { get; }

    public DiscoverJob Discover { get; }

    /// <summary>Evaluates rules.</summary>
    public EvaluateJob Evaluate { get; }

    /// <summary>Set when the rule groups change.</summary>
    public Signal NewGroups { get; }

    /// <summary>Receives what others write.</summary>
    public ReceiveJob Receive { get; }

    /// <summary>Recognises replicas.</summary>
    public ReplicaJob Replicas { get; }

    /// <summary>Set when there are targets that may be replicas.</summary>
    public Signal NewReplicas { get; }

    /// <summary>Says when files of targets change.</summary>
    public FolderWatch Watch { get; }

    /// <summary>Sends alerts.</summary>
    public NotifyJob Alerting { get; }

    /// <summary>Says when files of Alertmanagers change.</summary>
    public FolderWatch AlertingWatch { get; }

    /// <summary>Set when the targets change.</summary>
    public Signal NewTargets { get; }

    public CompactJob Compact { get; }

    /// <summary>Sends to the destinations of remote write.</summary>
    public RemoteWriteJob RemoteWrite { get; }

    /// <summary>Logs what they refuse.</summary>
    public RemoteWriteLog RemoteWriteLog { get; }

    /// <summary>Writes outputs.</summary>
    public ExportJob Exports { get; }

    /// <summary>Counts what is used.</summary>
    public CostKeeper Costs { get; }

    /// <summary>The configuration in use.</summary>
    public CollectorConfig Config => config;

    public MemoryTrim Trim { get; }

    public JobFailures Failures { get; }

    /// <summary>Takes who may ask, before the rest of the configuration.</summary>
    public void Configure(WebConfig config) => web = config;

    /// <summary>Takes the address on which the server answers.</summary>
    public void ServeAt(Uri address)
    {
        externalUrl =
            settings.Web.ExternalUrl ?? new UriBuilder(address.Scheme, Environment.MachineName, address.Port).Uri;
        // Templates name it.
        if (IsConfigured)
        {
            ConfigureRules(config);
        }
    }

    /// <summary>Takes a configuration.</summary>
    public void Configure(CollectorConfig config)
    {
        if (
            config.Global.EvaluationInterval != this.config.Global.EvaluationInterval
            || config.Query != this.config.Query
        )
        {
            queries = NewEngine(config, completeness);
            exportQueries = NewEngine(config, completeness: null);
        }
        this.config = config;
        Exports.Exports = config.Exports;
        Costs.Configure(config.Costs);
        web = config.Web;
        external = new ExternalLabels(config.Global.ExternalLabels);
        scraper.MaxAge = config.OutOfOrderTimeWindow;
        Receive.MaxAge = config.OutOfOrderTimeWindow;
        Backfill.Options = new BackfillOptions(
            config.Backfill.MaxAge,
            config.OutOfOrderTimeWindow,
            config.Storage.RetentionTime
        );
        ledger.Retention = config.Storage.RetentionTime ?? KeptForEver;
        attached.Configure(config.Storage.Attached);
        ConfigureRules(config);
        Discover.Configure(config);
        // Behind it: targets of the configuration before would ask for their clients again.
        Alerting.Configure(config);
        RemoteWrite.Configure(config);
        clients.Keep([
            .. config.ScrapeConfigs.Select(job => job.Http),
            .. config.Alerting.Alertmanagers.Select(one => one.Http),
            .. config.RemoteWrites.Select(destination => destination.Http),
            .. config.Exports.Select(export => export.Http),
        ]);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        configStatus = new ConfigStatus
        {
            LastSuccessMs = nowMs,
            LastAttemptMs = nowMs,
            Warnings = [.. config.Warnings.Select(warning => warning.ToString())],
        };
    }

    /// <summary>Takes note of a configuration that is not taken.</summary>
    public void Refuse(string error) =>
        configStatus = (configStatus ?? new ConfigStatus()) with
        {
            IsLastReloadSuccessful = false,
            LastAttemptMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            LastError = error,
        };

    /// <summary>Whether the last configuration was not taken for this reason.</summary>
    public bool IsRefused(string error) => string.Equals(configStatus?.LastError, error, StringComparison.Ordinal);

    /// <summary>Whether a configuration was taken.</summary>
    public bool IsConfigured => web is not null;

    /// <summary>Why the last configuration was not taken.</summary>
    public string ConfigProblem => configStatus?.LastError ?? "the configuration could not be read yet";

    /// <summary>Whether the recent log has been read.</summary>
    public bool IsReady => isReady;

    /// <summary>Reads on in the log; one call at a time, the others wait.</summary>
    /// <exception cref="StoreException">The log cannot be read.</exception>
    public Task ReadOnAsync(CancellationToken stop) => reading.ReadAsync(stop);

    private Task RefreshAsync(CancellationToken stop) => Collect.RefreshAsync(stop);

    /// <summary>Whether nobody else stores anything: who collects alone evaluates the rules, and no samples are received.</summary>
    public bool IsOnlyWriter =>
        settings.SharedJobs.Any(job => job is { Name: JobTrigger.Evaluate, IsDisabled: true })
        && !IsReceiving
        && Collect.IsAlone;

    private bool IsReceiving => settings.Web.EnableRemoteWriteReceiver || web is { EnableRemoteWriteReceiver: true };

    /// <summary>Begins to read what the first answer needs beside the log.</summary>
    public void LookAhead() => latest.LookAhead();

    /// <summary>Answers requests for data from now on.</summary>
    public void BeReady() => isReady = true;

    /// <summary>Decodes the log's older minutes, on all processors; a little later than the first who wait for an answer.</summary>
    public async Task LoadHistoryAsync(CancellationToken stop)
    {
        await Task.Delay(HistoryDelay, time, stop);
        await Task.Run(recent.LoadHistory, stop);
    }

    /// <summary>What the endpoints ask for.</summary>
    /// <param name="reload">Reads the configuration again, and says why it was not taken.</param>
    public ServerState View(Func<CancellationToken, Task<string?>> reload) =>
        new()
        {
            Time = time,
            Meter = Costs.Meter,
            Web = () => web,
            RequireCredentials = settings.Host is { IsLocal: false },
            RoutePrefix = settings.Web.RoutePrefix,
            ExternalUrl = () => externalUrl,
            CorsOrigin = settings.Web.CorsOrigin,
            Lookback = settings.Query.Engine.LookbackDelta,
            IsReady = () => isReady,
            SelectLatest = SelectLatestAsync,
            Admin = admin.Actions(() => settings.Web.EnableAdminApi || web is { EnableAdminApi: true }),
            SelectChunks = (query, stop) =>
                store.SelectChunksAsync(query.Matchers, query.Range, new SelectionLimits(), stop),
            QueryOptions = settings.Query.Engine,
            Queries = () => queries,
            Receive = Receive,
            IsReceiving = () => IsReceiving,
            MaxReadSamples = settings.Query.Engine.MaxSamples,
            Series = async (selectors, range, limit, stop) =>
                completeness.Complete(await store.SeriesAsync(selectors, range, limit, stop), selectors, range),
            LabelNames = async (selectors, range, limit, stop) =>
                completeness.Complete(await store.LabelNamesAsync(selectors, range, limit, stop), selectors, range),
            LabelValues = async (name, selectors, range, limit, stop) =>
                completeness.Complete(
                    await store.LabelValuesAsync(name, selectors, range, limit, stop),
                    selectors,
                    range
                ),
            Sources = Collect.Sources,
            Gaps = source => GapsStatus.Of(ledger, source),
            Exports = async (runs, stop) => new ExportsStatus(await Exports.StatusAsync(runs, stop)),
            LedgerProblems = () => ledger.Problems,
            Costs = (question, stop) => Costs.AnswerAsync(question, blocks.Value, Collect, stop),
            HeadStatistics = recent.Statistics,
            ExternalLabels = () => external,
            Targets = Collect.Targets,
            Pools = Discover.Status,
            Rules = Evaluate.Statuses,
            RefreshRules = Evaluate.RefreshAsync,
            Alertmanagers = () => Alerting.Alertmanagers,
            Reload = reload,
            Metadata = Collect.Metadata,
            Blocks = BlocksAsync,
            Config = () => config,
            Runtime = Runtime,
            Flags = ServerFlags.Of(settings),
            Version = ServeCommand.Version,
            Commit = ServeCommand.Commit,
            Metrics = Metrics,
            Status = Status,
        };

    public void Dispose()
    {
        reading.Dispose();
        queries.Dispose();
        exportQueries.Dispose();
        store.Dispose();
        attached.Dispose();
        Watch.Dispose();
        AlertingWatch.Dispose();
        Discover.Dispose();
        Alerting.Dispose();
        clients.Dispose();
    }

    /// <summary>Reads what other processes remember of the sources.</summary>
    public Task RefreshLedgerAsync(CancellationToken stop) => ledger.TryLoadAsync(stop);

    /// <summary>The head, and the lists that it shares with queries.</summary>
    private RecentLog NewRecent(SeriesTable series, out LogLister lister)
    {
        lister = LogReading.NewLister(Blobs, time, settings.Host is not null);
        var log = new RecentLog(Blobs, series, writer, time, lister);
        lister.Known = () => log.Coverage.Files;
        lister.IsQuiet = () => IsOnlyWriter;
        return log;
    }

    private StoreReader NewStore(LogLister lister) =>
        new(
            Blobs,
            tables,
            recent,
            new StoreReaderOptions { CacheFolder = Path.GetTempPath() },
            time,
            () => Ulid.New(time, Random.Shared),
            lister
        );

    /// <summary>Tells the parts of each other.</summary>
    private void Join(SourceCollector sources, SeriesBudget budget)
    {
        budget.HeadSeries = () => recent.SeriesCount;
        sources.Changed = Doubt;
        Collect.Meter = Costs.Meter;
        Collect.Written = Receive.Take;
        Collect.Evaluated = Evaluate.Take;
    }

    private EvaluateJob NewEvaluate() =>
        new(
            new EvaluateParts
            {
                Writer = writer,
                Recent = recent,
                Tables = tables,
                Queries = () => queries,
                ReadOn = ReadOnAsync,
                ReadAge = () => IsOnlyWriter ? TimeSpan.Zero : reading.Age,
                Sources = Collect.Completeness,
                Notify = (alerts, _) =>
                {
                    Alerting.Notify(alerts);
                    return Task.CompletedTask;
                },
            },
            RuleSchedule,
            time
        )
        {
            Early = settings.Host is null ? TimeSpan.Zero : EarlyTimer,
        };

    private NotifyJob NewNotify() =>
        new(config => HttpClientFactory.Create(config, time), config => clients.For(config), () => externalUrl, time);

    private void ConfigureRules(CollectorConfig config)
    {
        Evaluate.Configure(
            config.RuleGroups,
            config.Rules,
            new RuleSettings
            {
                ExternalLabels = config.Global.ExternalLabels,
                ExternalUrl = externalUrl.OriginalString.TrimEnd('/'),
            }
        );
        NewGroups.Set();
    }

    private async Task<BlocksStatus> BlocksAsync(CancellationToken stop) =>
        (await blocks.Value.ListAsync(stop)) with
        {
            Attached = await attached.StatusAsync(stop),
        };

    private CollectJob NewCollect(SourceCollector sources) =>
        new(sources, ledger, writer, recent, settings.Host is null ? TickSchedule.Spread : TickSchedule.Aligned, time)
        {
            Early = settings.Host is null ? TimeSpan.Zero : EarlyTimer,
            Cadence = settings.Host is null ? TimeSpan.Zero : HostCadence,
        };

    private RemoteWriteJob NewRemoteWrite(SeriesTable series) =>
        new(Blobs, tables, series, config => clients.For(config.Http), time) { Warn = RemoteWriteLog.Warn };

    private Scraper NewScraper(SeriesTable series, SeriesBudget budget) =>
        new(target => clients.For(target.Config.Http, target.UnixSocket), time, series, new ScrapeLimits(), budget);

    private void TakeFound(IReadOnlyList<Target> targets)
    {
        Replicas.Configure(targets);
        NewReplicas.Set();
    }

    private void Doubt(string source)
    {
        Replicas.Doubt(source);
        NewReplicas.Set();
    }

    private void Take(IReadOnlyList<Target> targets)
    {
        Collect.Configure(targets);
        NewTargets.Set();
    }

    private Task<LookUp<LatestSample>> SelectLatestAsync(
        IReadOnlyList<string> texts,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return latest.SelectAsync([.. texts.Select(SelectorParser.ParseAny)], range, cancellationToken);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException(exception.Message, exception);
        }
    }

    private ExportJob NewExports()
    {
        var folder = Path.GetTempPath();
        return new ExportJob(
            new Exporter(store, () => exportQueries, folder) { SavesMemory = settings.Host is not null },
            new ExportTargets(Blobs, http => clients.For(http), folder, time, NewUlid),
            tables,
            ExportedSources,
            time,
            NewUlid
        )
        {
            Lookback = settings.Query.Engine.LookbackDelta,
            Refresh = ReadOnAsync,
            Pending = new RuleCoverage(Evaluate.Statuses, () => config.Rules, RuleSchedule, time).Missing,
        };
    }

    /// <summary>When rule groups are due: where a timer outside is the clock, at its times.</summary>
    private TickSchedule RuleSchedule => settings.Host is null ? TickSchedule.Spread : TickSchedule.Aligned;

    /// <summary>Reads what other processes remember of what exports wait for.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task RefreshExportedAsync(CancellationToken stop)
    {
        await RefreshLedgerAsync(stop);
        await Evaluate.RefreshRareAsync(stop);
    }

    /// <summary>What is configured; what left the configuration would be waited for in vain.</summary>
    private IReadOnlyList<(SourceMemory, SourceGaps)> ExportedSources() =>
        Collect.Completeness() is { Count: > 0 } known ? [.. known.Select(one => (one.Memory, one.Gaps))] : ledger.All;

    private Ulid NewUlid() => Ulid.New(time, Random.Shared);

    /// <param name="config">What queries may use.</param>
    /// <param name="completeness">Who says what is missing; exports have that in their manifests.</param>
    private QueryEngine NewEngine(CollectorConfig config, Completeness? completeness) =>
        new(
            new StoreSource(store, completeness),
            settings.Query.Engine with
            {
                DefaultSubqueryStep = config.Global.EvaluationInterval,
                MaxMemoryBytes = config.Query.MemoryBytesOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
                MaxTotalMemoryBytes = config.Query.TotalMemoryBytesOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            },
            time
        );

    private ReceiveJob NewReceiving(SeriesTable series, SeriesBudget budget) =>
        new(writer, recent, series, budget, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))), time)
        {
            Room = WriteRoom.For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        };

    private int Shrink(SeriesBudget budget)
    {
        Receive.Tidy();
        return recent.Shrink(budget.MaxHeadSeries);
    }

    private RuntimeInfo Runtime() =>
        new()
        {
            StartTimeMs = startMs,
            NowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Config = configStatus ?? new ConfigStatus(),
            CorruptionCount = recent.Problems.Count,
            StorageRetention = config.Storage.RetentionTime is { } kept ? DurationText.Format(kept) : "",
        };

    private OwnMetricsInput Metrics()
    {
        var log = writer.Counts;
        var head = recent.Counts;
        return new OwnMetricsInput
        {
            Version = ServeCommand.Version,
            Process = ProcessFigures.Read(startMs),
            Config = configStatus,
            Sources = Collect.Totals(),
            Rules = Evaluate.Statuses(),
            Received = Receive.Totals,
            Pools = Discover.Status(),
            Discovery = Discover.Figures() with { WatcherErrors = Watch.Errors },
            Alertmanagers = config.Alerting.Alertmanagers.Count > 0 ? Alerting.Figures() : null,
            Log = new LogTotals(log.Appends, log.Bytes, log.Files, log.Samples, log.Retries, log.LostPlaces),
            Operations = StoreOperations.Sum(Blobs.Operations, tables.Operations),
            Usage = Costs.Meter.Totals(),
            Head = new HeadTotals(head.Series, head.Chunks, head.Bytes, head.Samples, head.Late, head.Conflicts),
            BatchConflicts = recent.BatchConflicts,
            DamagedFiles = recent.Problems.Count,
            JobFailures = Failures.Counts,
            RemoteWrite = RemoteWrite.Figures,
            Exports = Exports.Totals(),
        };
    }

    private StatusPageInput Status() =>
        new()
        {
            Version = ServeCommand.Version,
            Configuration = settings.ConfigText,
            IsBuiltInConfiguration = settings.Config is null,
            Storage = settings.StorageText,
            BasePath = settings.Web.BasePath,
            NowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Targets = Collect.Targets(),
            Config = configStatus,
            Pools = Discover.Status(),
            Problems =
            [
                .. Failures.Current,
                .. Discover.Problems,
                .. Watch.Problems,
                .. Alerting.Problems,
                .. AlertingWatch.Problems,
                .. recent.Problems.Values,
                .. ledger.Problems,
                .. Evaluate.Problems,
            ],
        };
}
