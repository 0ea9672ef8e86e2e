using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>The newest sample of one series in a range of time.</summary>
/// <param name="Labels">The series.</param>
/// <param name="TimestampMs">Milliseconds since the epoch.</param>
/// <param name="Value">The float, bit for bit.</param>
public readonly record struct LatestSample(LabelSet Labels, long TimestampMs, double Value);
