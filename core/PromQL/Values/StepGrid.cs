namespace Tributary.PromQL.Values;

/// <summary>The moments of a query, evenly spaced, in milliseconds since the epoch.</summary>
/// <param name="StartMs">The first one.</param>
/// <param name="StepMs">The distance; 0 when all are the same moment (a selector with <c>@</c>), or there is one.</param>
/// <param name="Count">How many there are; 1 for an instant query.</param>
internal readonly record struct StepGrid(long StartMs, long StepMs, int Count)
{
    /// <summary>The last one.</summary>
    public long EndMs => At(Count - 1);

    /// <summary>The moment of a step, from 0.</summary>
    public long At(int step) => StartMs + (StepMs * step);

    /// <summary>The grid of one moment.</summary>
    public static StepGrid Instant(long timeMs) => new(timeMs, 0, 1);

    /// <summary>All moments moved by as much; <c>offset 5m</c> moves by −300,000.</summary>
    public StepGrid Moved(long byMs) => this with { StartMs = StartMs + byMs };
}
