using Tributary.Alerting;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Costs;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Patterns;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;

namespace Tributary.Functions.Hosting;

/// <summary>What the endpoints ask the collector for. Called by many requests at once.</summary>
internal sealed record ServerState
{
    private static readonly WebConfig NobodyConfigured = new();

    /// <summary>How far back <c>/federate</c> looks for the newest sample.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who may ask; null as long as the configuration is not read: then nobody may.</summary>
    public Func<WebConfig?> Web { get; init; } = () => NobodyConfigured;

    /// <summary>Whether nobody may ask when no credentials are configured.</summary>
    public bool RequireCredentials { get; init; }

    /// <summary>What is different behind the Functions host; null when there is none.</summary>
    public FunctionsSeam? Functions { get; init; }

    /// <summary>Counts what is sent; null when nobody wants to know.</summary>
    public UsageMeter? Meter { get; init; }

    /// <summary>The path before all routes: empty, or <c>/a/b</c>.</summary>
    public string RoutePrefix { get; init; } = "";

    /// <summary>The URL under which others reach us.</summary>
    public Func<Uri> ExternalUrl { get; init; } = () => new Uri("http://localhost/");

    /// <summary>The origins whose scripts may use the API; null is all.</summary>
    public RePattern? CorsOrigin { get; init; }

    /// <summary>Reads the configuration again: null when it is taken, else why not.</summary>
    public Func<CancellationToken, Task<string?>> Reload { get; init; } =
        _ => Task.FromResult<string?>("this server has no configuration to read");

    /// <summary>What <c>/api/v1/admin</c> does.</summary>
    public AdminActions Admin { get; init; } = new();

    /// <summary>Whether the recent log has been read, so that answers are whole.</summary>
    public required Func<bool> IsReady { get; init; }

    /// <summary>
    /// The newest sample of every series that one of the selectors matches, sorted by metric name, then labels; without
    /// staleness markers. A selector that does not parse is a <see cref="BadRequestException"/>.
    /// </summary>
    public required Func<
        IReadOnlyList<string>,
        TimeRange,
        CancellationToken,
        Task<LookUp<LatestSample>>
    > SelectLatest { get; init; }

    /// <summary>How queries are read, and what they may use.</summary>
    public EngineOptions QueryOptions { get; init; } = new();

    /// <summary>Evaluates queries.</summary>
    public Func<QueryEngine> Queries { get; init; } =
        () => throw new InvalidOperationException("this server has no data to query");

    /// <summary>The series of a range that satisfy matchers, with their chunks.</summary>
    public Func<ChunkQuery, CancellationToken, Task<ChunkSelection>> SelectChunks { get; init; } =
        (_, _) => Task.FromResult(new ChunkSelection([], []));

    /// <summary>The most samples of one query of a remote read that is not answered in chunks; 0 is no limit.</summary>
    public long MaxReadSamples { get; init; } = 50_000_000;

    /// <summary>The remote reads that may run at once, as many as Prometheus allows.</summary>
    public SemaphoreSlim RemoteReads { get; init; } = new(10);

    /// <summary>Receives what others write; null when this server cannot.</summary>
    public ReceiveJob? Receive { get; init; }

    /// <summary>Whether the configuration or an option says that it does.</summary>
    public Func<bool> IsReceiving { get; init; } = () => false;

    /// <summary>Those who may listen to notifications at once, as many as Prometheus allows.</summary>
    public SemaphoreSlim Listeners { get; init; } = new(16);

    /// <summary>The series of a range that one of the selectors matches, at most so many; 0 is all.</summary>
    public Func<
        IReadOnlyList<VectorSelector>,
        TimeRange,
        int,
        CancellationToken,
        Task<LookUp<LabelSet>>
    > Series { get; init; } = (_, _, _, _) => Task.FromResult(new LookUp<LabelSet>([], []));

    /// <summary>The label names of the series that one of the selectors matches; of all without selectors.</summary>
    public Func<
        IReadOnlyList<VectorSelector>,
        TimeRange,
        int,
        CancellationToken,
        Task<LookUp<string>>
    > LabelNames { get; init; } = (_, _, _, _) => Task.FromResult(new LookUp<string>([], []));

    /// <summary>The values of a label of the same series.</summary>
    public Func<
        string,
        IReadOnlyList<VectorSelector>,
        TimeRange,
        int,
        CancellationToken,
        Task<LookUp<string>>
    > LabelValues { get; init; } = (_, _, _, _, _) => Task.FromResult(new LookUp<string>([], []));

    /// <summary>What a month costs.</summary>
    public Func<CostQuestion, CancellationToken, Task<CostStatus>> Costs { get; init; } =
        (_, _) => Task.FromResult(new CostStatus(null, null, 0, null, null, []));

    /// <summary>What the head's index is made of, with lists of so many.</summary>
    public Func<int, HeadStatistics> HeadStatistics { get; init; } = _ => new HeadStatistics();

    /// <summary>What <c>/federate</c> adds to series.</summary>
    public required Func<ExternalLabels> ExternalLabels { get; init; }

    /// <summary>All targets, in the order of the configuration.</summary>
    public required Func<IReadOnlyList<TargetStatus>> Targets { get; init; }

    /// <summary>The jobs with what discovery and relabelling left out, in the order of the configuration.</summary>
    public Func<IReadOnlyList<ScrapePoolStatus>> Pools { get; init; } = () => [];

    /// <summary>The manifest, and what of the log is in no block yet.</summary>
    public Func<CancellationToken, Task<BlocksStatus>> Blocks { get; init; } = _ => Task.FromResult(new BlocksStatus());

    /// <summary>The sources, in the order of the configuration.</summary>
    public Func<IReadOnlyList<SourceStatus>> Sources { get; init; } = () => [];

    /// <summary>The gaps of a source by the beginning of its key, or of all by an empty text.</summary>
    public Func<string, GapsStatus> Gaps { get; init; } = _ => new GapsStatus([], []);

    /// <summary>The exports, with so many of their last runs.</summary>
    public Func<int, CancellationToken, Task<ExportsStatus>> Exports { get; init; } =
        (_, _) => Task.FromResult(new ExportsStatus([]));

    /// <summary>What is wrong with the ledger.</summary>
    public Func<IReadOnlyList<string>> LedgerProblems { get; init; } = () => [];

    /// <summary>What each target says of its metric families, in the order of <see cref="Targets"/>.</summary>
    public Func<IReadOnlyList<TargetMetadata>> Metadata { get; init; } = () => [];

    /// <summary>The groups of rules, and how their last evaluations went.</summary>
    public Func<IReadOnlyList<RuleGroupStatus>> Rules { get; init; } = () => [];

    /// <summary>Reads what other processes have evaluated.</summary>
    public Func<CancellationToken, Task> RefreshRules { get; init; } = _ => Task.CompletedTask;

    /// <summary>The Alertmanagers that each item of the configuration found.</summary>
    public Func<IReadOnlyList<AlertmanagerSet>> Alertmanagers { get; init; } = () => [];

    /// <summary>The configuration in use.</summary>
    public Func<CollectorConfig> Config { get; init; } = () => new CollectorConfig();

    /// <summary>The figures of <c>/api/v1/status/runtimeinfo</c>.</summary>
    public Func<RuntimeInfo> Runtime { get; init; } = () => new RuntimeInfo();

    /// <summary>How the server was started, without secrets; Prometheus' names where it has the same flag.</summary>
    public IReadOnlyDictionary<string, string> Flags { get; init; } = new Dictionary<string, string>();

    /// <summary>The version of this build.</summary>
    public string Version { get; init; } = "unknown";

    /// <summary>The figures of <c>/metrics</c>.</summary>
    public required Func<OwnMetricsInput> Metrics { get; init; }

    /// <summary>The figures of the status page.</summary>
    public required Func<StatusPageInput> Status { get; init; }

    /// <summary>A path of ours as a client on this server's own address asks for it.</summary>
    public string Prefixed(string path) => RoutePrefix + path;
}
