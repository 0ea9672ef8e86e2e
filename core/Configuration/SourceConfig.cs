namespace Tributary.Configuration;

/// <summary>What <c>tributary.jobs.JOB</c> says: how the sources of a job are collected.</summary>
public sealed record SourceConfig
{
    /// <summary>Where nothing is said.</summary>
    public static readonly SourceConfig Default = new();

    /// <summary>How samples are fetched.</summary>
    public PullMode Pull { get; init; } = PullMode.Federate;

    /// <summary>Whether slow scrapes are split.</summary>
    public SplitMode Split { get; init; } = SplitMode.Auto;

    /// <summary>Labels, of targets or of what they send, that tell replicas of one source apart; empty leaves it to recognition.</summary>
    public IReadOnlyList<string> Replicas { get; init; } = [];

    /// <summary>Whether replicas are recognised that nobody declared; an empty list of labels says that there are none.</summary>
    public bool RecognisesReplicas { get; init; } = true;

    /// <summary>Whether all targets of the job are one source, of which the first that answers is taken.</summary>
    public bool Failover { get; init; }

    /// <summary>Whether series keep the label that tells replicas apart.</summary>
    public bool KeepReplicaLabel { get; init; }

    /// <summary>How long a replica that failed is left alone before it is preferred again.</summary>
    public TimeSpan CalmPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Requests to one source at once.</summary>
    public int MaxRequests { get; init; } = DefaultMaxRequests;

    /// <summary>Requests to one source at once, where nothing is said.</summary>
    public const int DefaultMaxRequests = 4;
}

/// <summary>How what a federate job asks for is fetched.</summary>
public enum PullMode
{
    /// <summary>The newest sample per series, by <c>/federate</c>, at every tick.</summary>
    Federate,

    /// <summary>Every raw sample since the last pull, by range-vector queries.</summary>
    Range,

    /// <summary>Every raw sample since the last pull, by remote read of chunks.</summary>
    RemoteRead,

    /// <summary>The first that works of remote read, range and federate.</summary>
    Auto,
}

/// <summary>When a scrape of <c>/federate</c> is split into several requests.</summary>
public enum SplitMode
{
    /// <summary>When scrapes come near their timeout.</summary>
    Auto,

    /// <summary>From the first scrape on.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>What <c>tributary.backfill</c> says.</summary>
/// <param name="MaxAge">Gaps that end longer ago are not filled any more.</param>
public sealed record BackfillConfig(TimeSpan MaxAge)
{
    /// <summary>Where nothing is said.</summary>
    public static readonly BackfillConfig Default = new(TimeSpan.FromHours(6));
}
