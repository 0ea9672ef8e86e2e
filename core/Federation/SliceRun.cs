namespace Tributary.Federation;

/// <summary>How far a pull in slices came.</summary>
/// <param name="ReachedMs">Everything up to here is in, milliseconds since the epoch.</param>
/// <param name="SliceMs">The most time to ask for at once the next time, milliseconds; 0 is no limit.</param>
internal sealed record SliceRun(long ReachedMs, long SliceMs)
{
    /// <summary>Bytes of all answers.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether the source warned that something may be missing.</summary>
    public bool HasWarnings { get; init; }

    /// <summary>Why it ended; null when nothing failed.</summary>
    public SourceApiException? Problem { get; init; }
}
