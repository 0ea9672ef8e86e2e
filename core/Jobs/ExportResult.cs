using Tributary.Exports;

namespace Tributary.Jobs;

/// <summary>What became of a run that was asked for.</summary>
/// <param name="Outcome">That.</param>
/// <param name="Row">What is known of the run; null when nothing is.</param>
/// <param name="Manifest">What was written now; null when nothing was.</param>
public sealed record ExportResult(ExportOutcome Outcome, ExportRow? Row, ExportManifest? Manifest = null);

/// <summary>What became of a run.</summary>
public enum ExportOutcome
{
    /// <summary>Its output is there, with everything.</summary>
    Complete = 1,

    /// <summary>Its output is there, and something is missing.</summary>
    Incomplete = 2,

    /// <summary>It was there already.</summary>
    Unchanged = 3,

    /// <summary>Another process works on it.</summary>
    Elsewhere = 4,

    /// <summary>It failed.</summary>
    Failed = 5,

    /// <summary>Something is not collected yet, and may come soon.</summary>
    Waiting = 6,
}

/// <summary>What a pass over all exports did.</summary>
public sealed record ExportPass
{
    /// <summary>Outputs that were written.</summary>
    public IReadOnlyList<ExportManifest> Written { get; init; } = [];

    /// <summary>Runs that wait for data.</summary>
    public int Waiting { get; init; }

    /// <summary>Runs that another process works on.</summary>
    public int Elsewhere { get; init; }

    /// <summary>Outputs that were removed because they are too old.</summary>
    public int Removed { get; init; }

    /// <summary>Whether there was no time left for some that were due.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>What failed, for people.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
