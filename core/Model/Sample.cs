namespace Tributary.Model;

/// <summary>A value at a time.</summary>
/// <param name="TimestampMs">Milliseconds since the epoch.</param>
/// <param name="Value">The float, bit for bit.</param>
public readonly record struct Sample(long TimestampMs, double Value);
