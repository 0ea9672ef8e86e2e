using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Functions.CommandLine;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>What exports of the command line need: the store without a head, and the job over it.</summary>
internal sealed class ExportStore : IDisposable
{
    /// <summary>What is read once needs no large caches.</summary>
    private const long CacheBytes = 16L * 1024 * 1024;

    private readonly StoreReader store;
    private readonly QueryEngine engine;
    private readonly HttpClientPool clients;
    private readonly SourceLedger ledger;
    private readonly CollectorConfig config;
    private readonly IBlobStore blobs;
    private readonly ITableStore tables;
    private readonly TimeProvider time;
    private IReadOnlyList<(SourceMemory, SourceGaps)> sources = [];
    private IReadOnlyList<RuleGroupStatus> groups = [];

    /// <summary>Opens it.</summary>
    /// <param name="settings">Where the store is, and what queries may use.</param>
    /// <param name="config">The exports.</param>
    /// <param name="time">The clock.</param>
    public ExportStore(Settings settings, CollectorConfig config, TimeProvider time)
    {
        (this.config, this.time) = (config, time);
        blobs = StorageAccess.OpenBlobs(settings, time);
        tables = StorageAccess.OpenTables(settings, time);
        var folder = Path.GetTempPath();
        store = new StoreReader(
            blobs,
            tables,
            null,
            new StoreReaderOptions
            {
                CacheBytes = CacheBytes,
                SeriesCacheBytes = CacheBytes,
                LogCacheBytes = CacheBytes,
                CacheFolder = folder,
            },
            time,
            NewUlid
        );
        engine = new QueryEngine(
            new StoreSource(store),
            settings.Query.Engine with
            {
                DefaultSubqueryStep = config.Global.EvaluationInterval,
                MaxMemoryBytes = config.Query.MemoryBytesOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            },
            time
        );
        clients = new HttpClientPool(time);
        ledger = new SourceLedger(tables, time);
        Job = new ExportJob(
            new Exporter(store, () => engine, folder) { SavesMemory = true },
            new ExportTargets(blobs, http => clients.For(http), folder, time, NewUlid),
            tables,
            () => sources,
            time,
            NewUlid
        )
        {
            Exports = config.Exports,
            Lookback = settings.Query.Engine.LookbackDelta,
            Behind = LoggedProgress.Behind,
            Pending = new RuleCoverage(() => groups, () => config.Rules, schedule: null, time).Missing,
        };

        Ulid NewUlid() => Ulid.New(time, Random.Shared);
    }

    /// <summary>The job.</summary>
    public ExportJob Job { get; }

    /// <summary>Reads how far sources and rule groups are, for a run.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await ledger.LoadAsync(cancellationToken);
        var progress = await LoggedProgress.ReadAsync(blobs, time, cancellationToken);
        sources = progress.Sources(ledger.All);
        groups = await progress.GroupsAsync(config.RuleGroups, tables, cancellationToken);
    }

    public void Dispose()
    {
        engine.Dispose();
        store.Dispose();
        clients.Dispose();
    }
}
