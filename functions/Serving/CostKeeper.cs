using Tributary.Api;
using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Counts what this process uses, and keeps it.</summary>
internal sealed class CostKeeper
{
    /// <summary>Standalone, so often is looked whether there is something to keep.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    /// <summary>So long the end of a process waits for its last row.</summary>
    private static readonly TimeSpan LastSaveLimit = TimeSpan.FromSeconds(5);

    private const string JobName = "keeping costs";

    private readonly TimeProvider time;

    public CostKeeper(IBlobStore blobs, ITableStore tables, TimeProvider time)
    {
        this.time = time;
        Meter = new UsageMeter(blobs.Operations, tables.Operations);
        Invocations = new InvocationMeter(Meter, time);
        Ledger = new CostLedger(tables, Meter, Ulid.New(time, Random.Shared), time);
    }

    /// <summary>Counts.</summary>
    public UsageMeter Meter { get; }

    /// <summary>Counts invocations.</summary>
    public InvocationMeter Invocations { get; }

    /// <summary>Keeps.</summary>
    public CostLedger Ledger { get; }

    /// <summary>What the configuration says.</summary>
    public CostSettings Settings { get; private set; } = new();

    /// <summary>Takes a configuration.</summary>
    public void Configure(CostSettings settings)
    {
        Settings = settings;
        Invocations.MemoryMb = settings.InstanceMemoryMb;
        Invocations.AlwaysReady = settings
            .AlwaysReady.Where(one => one.Value > 0)
            .Select(one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Runs an invocation: what it uses is its job's, and kept now and then.</summary>
    /// <param name="payer">The job.</param>
    /// <param name="invocation">The invocation.</param>
    /// <param name="runner">Notes when it cannot be kept, which fails nothing else.</param>
    public async Task<T> InvokeAsync<T>(Payer payer, Func<Task<T>> invocation, JobRunner runner)
    {
        Ledger.Begin();
        using (Invocations.Begin(payer))
        {
            try
            {
                return await invocation();
            }
            finally
            {
                // The host may let nothing run after it, and may end this process without a word.
                await runner.TryAsync(Ledger.SaveIfDueAsync, JobName, CancellationToken.None);
            }
        }
    }

    /// <summary>What a month costs, by what all processes have used and this one until now.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<CostStatus> AnswerAsync(
        CostQuestion question,
        BlocksJob blocks,
        CollectJob collect,
        CancellationToken cancellationToken
    )
    {
        var (from, to) = question.DaysUntil(time.GetUtcNow());
        var history = await Ledger.ReadAsync(from, to, cancellationToken);
        return await StatusOfAsync(history, question, Settings, blocks, collect, cancellationToken);
    }

    /// <summary>What a month costs, by what was used.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<CostStatus> StatusOfAsync(
        CostHistory history,
        CostQuestion question,
        CostSettings settings,
        BlocksJob blocks,
        CollectJob collect,
        CancellationToken cancellationToken
    )
    {
        var stored = await blocks.ListAsync(cancellationToken);
        var bytes =
            stored.Blocks.Where(block => block.IsKept).Sum(block => block.Block.Bytes)
            + stored.Windows.Sum(window => window.Bytes);
        return CostStatus.Of(history, settings, bytes, question.ChangeOf(collect.LastSeries));
    }

    /// <summary>Removes rows that are too old; what cannot be removed now is the next time.</summary>
    public Task RemoveOldAsync(JobRunner runner, CancellationToken cancellationToken) =>
        runner.TryAsync(Ledger.RemoveOldAsync, "removing old costs", cancellationToken);

    /// <summary>Keeps what was used at the end of a process.</summary>
    public async Task EndAsync(JobRunner runner)
    {
        using var patience = new CancellationTokenSource(LastSaveLimit, time);
        await runner.TryAsync(Ledger.SaveAsync, JobName, patience.Token);
    }

    /// <summary>Keeps what a standalone server uses, until it ends.</summary>
    public Task RunAsync(JobRunner runner, CancellationToken stop)
    {
        return runner.RepeatAsync(LookEvery, time, SaveAsync, JobName, stop);

        Task SaveAsync(CancellationToken token)
        {
            Ledger.Begin();
            return Ledger.SaveIfDueAsync(token);
        }
    }
}
