namespace Tributary.Jobs;

/// <summary>What a run of the backfill did.</summary>
public sealed record BackfillResult
{
    /// <summary>Pulls whose samples are in the log.</summary>
    public int Steps { get; init; }

    /// <summary>Pulls whose samples were in the log already.</summary>
    public int Known { get; init; }

    /// <summary>Samples, staleness markers included.</summary>
    public long Samples { get; init; }

    /// <summary>Gaps, or parts of them, that were given up.</summary>
    public int GivenUp { get; init; }

    /// <summary>What could not be done now, by source, without secrets.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
