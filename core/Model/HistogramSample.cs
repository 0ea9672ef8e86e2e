namespace Tributary.Model;

/// <summary>A native histogram at a time.</summary>
/// <param name="TimestampMs">Milliseconds since the epoch.</param>
/// <param name="Value">The histogram.</param>
public readonly record struct HistogramSample(long TimestampMs, Histogram Value);
