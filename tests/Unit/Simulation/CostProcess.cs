using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One life of a process of a function app: invocations, one behind the other, and the ledger of what they use.</summary>
internal sealed class CostProcess
{
    private readonly SimulatedInstance instance;
    private readonly InvocationMeter invocations;
    private readonly CollectJob collect;
    private readonly CompactJob compact;
    private bool isLoaded;

    public CostProcess(SimulatedInstance instance, IReadOnlyDictionary<string, ModelSource> sources, ITableStore tables)
    {
        this.instance = instance;
        var random = instance.World.Random;
        var series = new SeriesTable();
        var writer = new LogWriter(instance.Blobs, instance.Time, NewUlid);
        var recent = new RecentLog(instance.Blobs, series, writer, instance.Time);
        Meter = new UsageMeter(instance.Blobs.Operations, instance.Tables.Operations);
        invocations = new InvocationMeter(Meter, instance.Time);
        Ledger = new CostLedger(tables, Meter, NewUlid(), instance.Time);
        var http = new ModelHttp(instance, sources);
        collect = new CollectJob(
            new SourceCollector(new Scraper(_ => http, instance.Time, series, new ScrapeLimits())),
            new SourceLedger(instance.Tables, instance.Time),
            writer,
            recent,
            TickSchedule.Aligned,
            instance.Time
        )
        {
            Meter = Meter,
        };
        collect.Configure([.. sources.Values.Select(source => source.Target)]);
        compact = new CompactJob(instance.Blobs, instance.Tables, instance.Time, NewUlid);

        Ulid NewUlid()
        {
            Span<byte> bytes = stackalloc byte[10];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.Next(256);
            }
            return Ulid.Create(instance.Time.GetUtcNow().ToUnixTimeMilliseconds(), bytes);
        }
    }

    public UsageMeter Meter { get; }

    public CostLedger Ledger { get; }

    /// <summary>What the stores of this process have counted.</summary>
    public OperationCounts Counted =>
        OperationCounts.Of(instance.Blobs.Operations) + OperationCounts.Of(instance.Tables.Operations);

    /// <summary>Invocations, and what they are billed as: none runs beside another.</summary>
    public int Invocations { get; private set; }

    /// <inheritdoc cref="Invocations"/>
    public long BilledMs { get; private set; }

    /// <summary>Reads on, and collects what is due.</summary>
    public Task CollectAsync() =>
        InvokeAsync(
            Payer.Collect,
            async () =>
            {
                await (
                    isLoaded ? collect.RefreshAsync(CancellationToken.None) : collect.LoadAsync(CancellationToken.None)
                );
                isLoaded = true;
                await collect.RunAsync(CancellationToken.None);
            }
        );

    public Task CompactAsync() =>
        InvokeAsync(
            Payer.Compact,
            async () =>
            {
                await compact.RunAsync(new CompactPlan(), CancellationToken.None);
                await Ledger.RemoveOldAsync(CancellationToken.None);
            }
        );

    /// <summary>The end of a process that is told of it.</summary>
    public Task EndAsync() => TryAsync(() => Ledger.SaveAsync(CancellationToken.None));

    private async Task InvokeAsync(Payer payer, Func<Task> work)
    {
        Ledger.Begin();
        var began = instance.Time.GetTimestamp();
        using (invocations.Begin(payer))
        {
            await TryAsync(work);
            await TryAsync(() => Ledger.SaveIfDueAsync(CancellationToken.None));
        }
        Invocations++;
        BilledMs += BilledTime.Of(instance.Time.GetElapsedTime(began));
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (StoreException exception) when (exception.Error is StoreError.Unknown or StoreError.Throttled)
        {
            instance.World.Note($"{instance.Name} failed: {exception.Message}");
        }
    }
}
