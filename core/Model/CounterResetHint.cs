namespace Tributary.Model;

/// <summary>What is known of a counter reset between a histogram and the one before it in its series.</summary>
/// <remarks>A property of the place in a series, not of the value: equal histograms may differ in it.</remarks>
public enum CounterResetHint : byte
{
    /// <summary>Nothing: the two have to be compared.</summary>
    Unknown,

    /// <summary>The counter was reset.</summary>
    CounterReset,

    /// <summary>The counter was not reset.</summary>
    NotCounterReset,

    /// <summary>It is a gauge histogram, which knows no resets.</summary>
    Gauge,
}
