using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>The operators <c>&lt;/</c> and <c>&gt;/</c>: the observations of a histogram below, or above, a value.</summary>
/// <remarks>
/// The bucket that holds the value is cut as quantiles interpolate. Of an infinite bucket nothing is known of where its
/// observations lie, so it stays or goes as a whole, but for a first custom bucket that is taken to begin at 0. When
/// something went, the sum is estimated from the middles of the buckets.
/// </remarks>
internal static class HistogramTrim
{
    /// <summary>The observations up to a value.</summary>
    public static Histogram Below(Histogram value, double bound) => Trim(value.ToFloat(), bound, keepsBelow: true);

    /// <summary>The observations above a value.</summary>
    public static Histogram Above(Histogram value, double bound) => Trim(value.ToFloat(), bound, keepsBelow: false);

    private static Histogram Trim(Histogram value, double bound, bool keepsBelow)
    {
        var layout = value.Layout;
        var kept = value.Floats.ToArray();
        var (count, sum) = (0.0, 0.0);
        var isTrimmed = false;
        var (hasPositive, hasNegative) = (false, false);
        for (var i = 0; i < kept.Length; i++)
        {
            if (kept[i] == 0)
            {
                continue;
            }
            var isPositive = i < layout.PositiveCount;
            hasPositive |= isPositive;
            hasNegative |= !isPositive;
            var bucket = isPositive
                ? OrderedBuckets.Positive(value, i)
                : OrderedBuckets.Negative(value, i - layout.PositiveCount);
            var part = Part(bucket, bound, keepsBelow, isPositive, layout.IsCustom);
            isTrimmed |= part.Count != kept[i];
            kept[i] = part.Count;
            count += part.Count;
            sum += part.Sum;
        }
        var zeroCount = value.ZeroCount;
        if (zeroCount > 0)
        {
            var part = ZeroPart(OrderedBuckets.Zero(value), bound, keepsBelow, hasPositive, hasNegative);
            isTrimmed |= part.Count != zeroCount;
            zeroCount = part.Count;
            count += part.Count;
            sum += part.Sum;
        }
        return isTrimmed ? Histogram.OfFloats(layout, count, zeroCount, sum, kept, value.Hint).Compact() : value;
    }

    private static (double Count, double Sum) Part(
        in HistogramBucket bucket,
        double bound,
        bool keepsBelow,
        bool isPositive,
        bool isLinear
    )
    {
        if (keepsBelow ? bucket.Upper <= bound : bucket.Lower >= bound)
        {
            return Weighted(bucket.Count, Middle(bucket.Lower, bucket.Upper, isPositive, isLinear));
        }
        if (keepsBelow ? !(bucket.Lower < bound) : !(bucket.Upper > bound))
        {
            return (0, 0);
        }
        if (double.IsNegativeInfinity(bucket.Lower))
        {
            return FirstPart(bucket, bound, keepsBelow);
        }
        if (double.IsPositiveInfinity(bucket.Upper))
        {
            return keepsBelow || !(bound >= bucket.Lower) ? (0, 0) : Weighted(bucket.Count, bound);
        }
        var below =
            bound <= bucket.Lower ? 0
            : bound >= bucket.Upper ? bucket.Count
            : bucket.Count * bucket.FractionBelow(bound, isLinear);
        return keepsBelow
            ? Weighted(below, Middle(bucket.Lower, bound, isPositive, isLinear))
            : Weighted(bucket.Count - below, Middle(bound, bucket.Upper, isPositive, isLinear));
    }

    /// <summary>Of the custom bucket that begins at −∞, and holds the value.</summary>
    private static (double Count, double Sum) FirstPart(in HistogramBucket bucket, double bound, bool keepsBelow)
    {
        var isFinite = !double.IsPositiveInfinity(bucket.Upper);
        if (keepsBelow)
        {
            if (bound > 0 && bucket.Upper > 0 && isFinite)
            {
                return Weighted(bucket.Count * bound / bucket.Upper, bound / 2);
            }
            return bucket.Upper <= 0 ? Weighted(bucket.Count, bound) : (0, 0);
        }
        if (double.IsNegativeInfinity(bound))
        {
            return (bucket.Count, 0);
        }
        return bound >= 0 && isFinite
            ? Weighted(bucket.Count * (1 - (bound / bucket.Upper)), (bound + bucket.Upper) / 2)
            : (0, 0);
    }

    private static (double Count, double Sum) ZeroPart(
        in HistogramBucket zero,
        double bound,
        bool keepsBelow,
        bool hasPositive,
        bool hasNegative
    )
    {
        var lower = hasPositive && !hasNegative ? 0 : zero.Lower;
        var upper = hasNegative && !hasPositive ? 0 : zero.Upper;
        if (bound <= lower || bound >= upper)
        {
            var isWhole = bound <= lower ? !keepsBelow : keepsBelow;
            return isWhole ? Weighted(zero.Count, (lower + upper) / 2) : (0, 0);
        }
        return keepsBelow
            ? Weighted(zero.Count * ((bound - lower) / (upper - lower)), (lower + bound) / 2)
            : Weighted(zero.Count * ((upper - bound) / (upper - lower)), (bound + upper) / 2);
    }

    private static (double Count, double Sum) Weighted(double count, double middle) => (count, middle * count);

    private static double Middle(double lower, double upper, bool isPositive, bool isLinear)
    {
        if (double.IsInfinity(lower))
        {
            return double.IsInfinity(upper) ? 0
                : upper > 0 ? upper / 2
                : upper;
        }
        if (double.IsInfinity(upper))
        {
            return lower;
        }
        if (isLinear)
        {
            return (lower + upper) / 2;
        }
        var middle = Math.Sqrt(Math.Abs(lower * upper));
        return isPositive ? middle : -middle;
    }
}
