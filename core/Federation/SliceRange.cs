namespace Tributary.Federation;

/// <summary>A range to pull, and what ends the pull before its end. All times in milliseconds since the epoch.</summary>
/// <param name="AfterMs">The last moment before the range.</param>
/// <param name="UntilMs">Its last moment.</param>
internal readonly record struct SliceRange(long AfterMs, long UntilMs)
{
    /// <summary>With so many samples the pull ends behind the slice.</summary>
    public int MaxSamples { get; init; }

    /// <summary>No slice begins from then on.</summary>
    public long DeadlineMs { get; init; }

    /// <summary>The length of a slice while nothing is known of the source, in milliseconds.</summary>
    public long FirstMs { get; init; }
}
