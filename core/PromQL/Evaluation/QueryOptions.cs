namespace Tributary.PromQL.Evaluation;

/// <summary>What one query asks for beside its text and time.</summary>
internal sealed record QueryOptions
{
    /// <summary>Nothing special.</summary>
    public static readonly QueryOptions Default = new();

    /// <summary>How long the last sample of a series counts; null or zero is the engine's.</summary>
    public TimeSpan? LookbackDelta { get; init; }

    /// <summary>How long the query may take; null is the engine's, which is also the most.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The most series of the answer, 0 is no limit; a cut answer carries a warning.</summary>
    public int Limit { get; init; }

    /// <summary>Whether samples are counted (<c>stats</c>).</summary>
    public bool Statistics { get; init; }

    /// <summary>Whether samples are counted by step (<c>stats=all</c>); the engine's features must have them on, too.</summary>
    public bool PerStepStatistics { get; init; }
}
