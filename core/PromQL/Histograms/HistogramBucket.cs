using System.Runtime.CompilerServices;

namespace Tributary.PromQL.Histograms;

/// <summary>A bucket of a native histogram.</summary>
/// <param name="Lower">Its lower bound.</param>
/// <param name="Upper">Its upper bound.</param>
/// <param name="Count">How many observations it has.</param>
/// <param name="LowerInclusive">Whether the lower bound belongs to it.</param>
/// <param name="UpperInclusive">Whether the upper bound belongs to it.</param>
internal readonly record struct HistogramBucket(
    double Lower,
    double Upper,
    double Count,
    bool LowerInclusive,
    bool UpperInclusive
)
{
    /// <summary>Which part of the bucket lies at or below a value inside of it.</summary>
    /// <param name="value">Strictly between the bounds, which are finite.</param>
    /// <param name="isLinear">
    /// Whether observations are spread evenly (custom and zero buckets), or evenly on a logarithmic scale.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double FractionBelow(double value, bool isLinear)
    {
        if (isLinear)
        {
            return (value - Lower) / (Upper - Lower);
        }
        var lower = Math.Log2(Math.Abs(Lower));
        var upper = Math.Log2(Math.Abs(Upper));
        var at = Math.Log2(Math.Abs(value));
        return value > 0 ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper));
    }
}
