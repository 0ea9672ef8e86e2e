using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Functions.CommandLine;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;

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

    /// <summary>Opens it.</summary>
    /// <param name="settings">Where the store is, and what queries may use.</param>
    /// <param name="config">The exports.</param>
    /// <param name="time">The clock.</param>
    public ExportStore(Settings settings, CollectorConfig config, TimeProvider time)
    {
        var blobs = StorageAccess.OpenBlobs(settings, time);
        var tables = StorageAccess.OpenTables(settings, time);
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
            () => ledger.All,
            time,
            NewUlid
        )
        {
            Exports = config.Exports,
            Lookback = settings.Query.Engine.LookbackDelta,
        };

        Ulid NewUlid() => Ulid.New(time, Random.Shared);
    }

    /// <summary>The job.</summary>
    public ExportJob Job { get; }

    /// <summary>Reads how far the sources are.</summary>
    public Task LoadAsync(CancellationToken cancellationToken) => ledger.LoadAsync(cancellationToken);

    public void Dispose()
    {
        engine.Dispose();
        store.Dispose();
        clients.Dispose();
    }
}
