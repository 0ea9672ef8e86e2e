namespace Tributary.Model;

/// <summary>A 2 h range of sample time, half open and aligned to the epoch: <c>[k·2h, (k+1)·2h)</c>.</summary>
/// <param name="StartMs">Its first millisecond since the epoch.</param>
public readonly record struct Window(long StartMs) : IComparable<Window>
{
    /// <summary>Two hours in milliseconds.</summary>
    public const long LengthMs = 2 * 60 * 60 * 1000;

    /// <summary>The first millisecond after it.</summary>
    public long EndMs => StartMs + LengthMs;

    /// <summary>The window of a timestamp.</summary>
    public static Window Of(long timestampMs) =>
        new(
            Math.DivRem(timestampMs, LengthMs).Quotient * LengthMs
                - (timestampMs < 0 && timestampMs % LengthMs != 0 ? LengthMs : 0)
        );

    /// <summary>Whether a timestamp lies inside.</summary>
    public bool Contains(long timestampMs) => timestampMs >= StartMs && timestampMs < EndMs;

    /// <inheritdoc/>
    public int CompareTo(Window other) => StartMs.CompareTo(other.StartMs);
}
