using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>The arithmetic of single histograms, as operators need it; results have no empty buckets.</summary>
/// <remarks>For sums over many, <see cref="HistogramSum"/> and <see cref="HistogramMean"/> make one object in all.</remarks>
internal static class HistogramArithmetic
{
    /// <summary>The sum; null when the two are incompatible.</summary>
    public static Histogram? Add(Histogram left, Histogram right, out HistogramOutcome outcome)
    {
        var result = new HistogramAccumulator();
        result.Load(left);
        outcome = result.Add(right);
        return outcome == HistogramOutcome.Incompatible ? null : result.ToHistogram(isCompact: true);
    }

    /// <summary>The difference, a gauge; null when the two are incompatible.</summary>
    public static Histogram? Subtract(Histogram left, Histogram right, out HistogramOutcome outcome)
    {
        var result = new HistogramAccumulator();
        result.Load(left);
        outcome = result.Subtract(right);
        result.Hint = CounterResetHint.Gauge;
        return outcome == HistogramOutcome.Incompatible ? null : result.ToHistogram(isCompact: true);
    }

    /// <summary>The product with a number.</summary>
    public static Histogram Multiply(Histogram value, double factor)
    {
        var result = new HistogramAccumulator();
        result.Load(value);
        result.Multiply(factor);
        return result.ToHistogram(isCompact: true);
    }

    /// <summary>The quotient by a number.</summary>
    public static Histogram Divide(Histogram value, double divisor)
    {
        var result = new HistogramAccumulator();
        result.Load(value);
        result.Divide(divisor);
        return result.ToHistogram(isCompact: true);
    }

    /// <summary>
    /// Whether two are the same as the operator <c>==</c> sees it: bit for bit, whether they are of integers or floats,
    /// without regard to empty buckets and hints.
    /// </summary>
    public static bool AreEqual(Histogram left, Histogram right) =>
        left.IsFloat == right.IsFloat ? left.Equals(right) : left.ToFloat().Equals(right.ToFloat());
}
