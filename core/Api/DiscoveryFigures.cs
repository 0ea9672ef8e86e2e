namespace Tributary.Api;

/// <summary>What <c>/metrics</c> says about discovery.</summary>
public sealed record DiscoveryFigures
{
    /// <summary>One entry for each job.</summary>
    public IReadOnlyList<PoolFigures> Pools { get; init; } = [];

    /// <summary>One entry for each discovery that is not a list in the configuration.</summary>
    public IReadOnlyList<DiscoveryTotals> Discoveries { get; init; } = [];

    /// <summary>Failures to watch folders since the start.</summary>
    public long WatcherErrors { get; init; }

    /// <summary>When each file of targets was written last, as of its last read, seconds since the epoch.</summary>
    public IReadOnlyDictionary<string, double> FileWrittenSeconds { get; init; } = new Dictionary<string, double>();
}

/// <summary>One job's targets.</summary>
/// <param name="Name">The job.</param>
/// <param name="Discovered">Targets before relabelling.</param>
/// <param name="Active">Targets that are scraped.</param>
/// <param name="Limit">The <c>target_limit</c>; 0 is none.</param>
/// <param name="Syncs">How often targets were taken over.</param>
/// <param name="Failed">Targets that were not usable, counted at each time.</param>
/// <param name="Exceeded">How often there were more targets than the limit.</param>
public sealed record PoolFigures(
    string Name,
    int Discovered,
    int Active,
    long Limit,
    long Syncs,
    long Failed,
    long Exceeded
);

/// <summary>One discovery since the start.</summary>
/// <param name="Mechanism">The kind, as <c>file</c> or <c>http</c>.</param>
/// <param name="Job">The first job that uses it.</param>
/// <param name="Failures">Refreshes, or reads of a file, that failed.</param>
public sealed record DiscoveryTotals(string Mechanism, string Job, long Failures)
{
    /// <summary>Names that were looked up, of the kind <c>dns</c>.</summary>
    public long Lookups { get; init; }

    /// <summary>Network interfaces that were not asked for again, of the kind <c>azure</c>.</summary>
    public long CacheHits { get; init; }
}
