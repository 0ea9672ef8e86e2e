using Tributary.Model;

namespace Tributary.Rules;

/// <summary>What a rule gives for one series at the time of its query.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Value">The float; where there is a histogram, NaN.</param>
/// <param name="Histogram">The histogram, if it is one.</param>
internal readonly record struct RuleSample(LabelSet Labels, double Value, Histogram? Histogram = null)
{
    /// <summary>Whether it says that the series ended.</summary>
    public bool IsStale => Histogram is null ? StaleMarker.IsStale(Value) : Histogram.IsStale;

    /// <summary>The series, and what it is of.</summary>
    public RuleSeries Series => new(Labels, Histogram is not null);

    /// <summary>Whether the value is the same, bit for bit.</summary>
    public bool HasValueOf(RuleSample other) =>
        Histogram is null
            ? other.Histogram is null
                && BitConverter.DoubleToInt64Bits(Value) == BitConverter.DoubleToInt64Bits(other.Value)
            : Histogram.Equals(other.Histogram);
}

/// <summary>A series that a rule gave at its last evaluation.</summary>
/// <param name="Labels">The series.</param>
/// <param name="IsHistogram">Whether it was a histogram, as its staleness marker is then.</param>
internal readonly record struct RuleSeries(LabelSet Labels, bool IsHistogram)
{
    /// <summary>The sample that says that it ended.</summary>
    public RuleSample Marker =>
        IsHistogram
            ? new RuleSample(Labels, StaleMarker.NormalNaN, Histogram.Stale)
            : new RuleSample(Labels, StaleMarker.Value);
}
