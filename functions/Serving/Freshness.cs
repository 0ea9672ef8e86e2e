using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Keeps what a process knows young where nothing runs between requests: each request has it read on, if it is old.</summary>
/// <param name="collector">What is kept young.</param>
/// <param name="reload">The configuration.</param>
/// <param name="discover">The targets.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="time">The clock.</param>
internal sealed class Freshness(
    CollectorServer collector,
    ConfigReload reload,
    DiscoverLoop discover,
    JobRunner runner,
    TimeProvider time
)
{
    /// <summary>The configuration is looked at so often at most.</summary>
    public static readonly TimeSpan ConfigAge = TimeSpan.FromSeconds(15);

    /// <summary>Answers are at most so much behind the log.</summary>
    public static readonly TimeSpan DataAge = TimeSpan.FromSeconds(5);

    /// <summary>Data that is older, because the log cannot be read, is no answer any more.</summary>
    public static readonly TimeSpan MaxDataAge = TimeSpan.FromMinutes(1);

    /// <summary>So long a request waits for something that is read.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>So long a request waits for something that it could do without.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(2);

    private readonly SharedRefresh config = new(
        () => runner.TryAsync(reload.LookAsync, "looking at the configuration", CancellationToken.None),
        time
    );

    /// <summary>What others remember of the sources is at most so old in answers.</summary>
    private static readonly TimeSpan LedgerAge = TimeSpan.FromSeconds(15);

    private readonly SharedRefresh ledger = new(
        async () =>
        {
            await collector.RefreshLedgerAsync(CancellationToken.None);
            return null;
        },
        time
    );

    private readonly SharedRefresh targets = new(() => DiscoverAsync(discover), time);
    private readonly SharedRefresh log = new(() => ReadLogAsync(collector, runner), time);

    /// <summary>Begins to read all; whoever needs it joins.</summary>
    public void Begin()
    {
        _ = config.EnsureAsync(ConfigAge, Patience, CancellationToken.None);
        _ = log.EnsureAsync(DataAge, Patience, CancellationToken.None);
    }

    /// <summary>Looks at the configuration; it stays as it is when it cannot be read, or is not valid.</summary>
    public Task ConfigAsync(CancellationToken cancellationToken) =>
        config.EnsureAsync(ConfigAge, collector.IsConfigured ? ShortPatience : Patience, cancellationToken);

    /// <summary>Asks the discoveries that are due.</summary>
    public Task TargetsAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        targets.EnsureAsync(TimeSpan.Zero, patience, cancellationToken);

    /// <summary>Asks the discoveries that are due, and reads what others remember of the sources.</summary>
    public async Task SourcesAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var discovering = TargetsAsync(patience, cancellationToken);
        await ledger.EnsureAsync(LedgerAge, patience, cancellationToken);
        await discovering;
    }

    /// <summary>Reads on in the log: null, or why it is not as young as that.</summary>
    public Task<string?> LogAsync(TimeSpan maxAge, CancellationToken cancellationToken) =>
        log.EnsureAsync(maxAge, Patience, cancellationToken);

    /// <summary>
    /// The same for who collects, which needs the log only for what others have collected: it is not read while there is
    /// nobody else. A list is as dear as an append.
    /// </summary>
    public Task<string?> CollectedAsync(TimeSpan maxAge, CancellationToken cancellationToken) =>
        collector.IsReady && collector.Collect.IsAlone
            ? TidyAsync(cancellationToken)
            : LogAsync(maxAge, cancellationToken);

    /// <summary>The same for rules, which need all that anybody has stored.</summary>
    public Task<string?> WrittenAsync(TimeSpan maxAge, CancellationToken cancellationToken) =>
        collector.IsReady && collector.IsOnlyWriter
            ? TidyAsync(cancellationToken)
            : LogAsync(maxAge, cancellationToken);

    /// <summary>For an answer: null, or why its data is older than it should be.</summary>
    /// <exception cref="StoreException">The data is too old to be served, or was not read yet.</exception>
    public async Task<string?> DataAsync(CancellationToken cancellationToken)
    {
        collector.LookAhead();
        var discovering = targets.EnsureAsync(DataAge, ShortPatience, cancellationToken);
        // The first reading of the log reads it, too.
        var remembering = collector.IsReady
            ? ledger.EnsureAsync(LedgerAge, ShortPatience, cancellationToken)
            : Task.CompletedTask;
        var problem = await LogAsync(DataAge, cancellationToken);
        await discovering;
        await remembering;
        return problem is null || log.Age <= MaxDataAge
            ? problem
            : throw new StoreException(StoreError.Unknown, $"the log cannot be read: {problem}");
    }

    /// <summary>What comes with each reading.</summary>
    private async Task<string?> TidyAsync(CancellationToken cancellationToken)
    {
        collector.Replicas.TakeRemembered();
        await collector.Trim.RunAsync(cancellationToken);
        return null;
    }

    private static async Task<string?> DiscoverAsync(DiscoverLoop discover)
    {
        await discover.OnceAsync(CancellationToken.None);
        return null;
    }

    private static Task<string?> ReadLogAsync(CollectorServer collector, JobRunner runner) =>
        runner.TryAsync(
            async stop =>
            {
                if (collector.IsReady)
                {
                    await collector.ReadOnAsync(stop);
                }
                else
                {
                    await collector.Collect.LoadAsync(stop);
                    collector.BeReady();
                }
                collector.Replicas.TakeRemembered();
                await collector.Trim.RunAsync(stop);
            },
            "reading the log",
            CancellationToken.None
        );
}
