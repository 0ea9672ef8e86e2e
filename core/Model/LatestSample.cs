namespace Tributary.Model;

/// <summary>The newest sample of one series.</summary>
/// <param name="Labels">The series.</param>
/// <param name="TimestampMs">Its time.</param>
/// <param name="Value">Its value.</param>
public readonly record struct LatestSample(LabelSet Labels, long TimestampMs, double Value)
{
    /// <summary>Its value when it is a native histogram; else null.</summary>
    public Histogram? Histogram { get; init; }
}
