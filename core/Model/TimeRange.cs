namespace Tributary.Model;

/// <summary>A closed range of time, <c>[MinMs, MaxMs]</c>, in milliseconds since the epoch.</summary>
/// <param name="MinMs">The first moment inside.</param>
/// <param name="MaxMs">The last moment inside.</param>
public readonly record struct TimeRange(long MinMs, long MaxMs)
{
    /// <summary>Whether a moment lies inside.</summary>
    public bool Contains(long timestampMs) => timestampMs >= MinMs && timestampMs <= MaxMs;

    /// <summary>Whether two ranges share a moment.</summary>
    public bool Overlaps(TimeRange other) => MinMs <= other.MaxMs && other.MinMs <= MaxMs;
}
