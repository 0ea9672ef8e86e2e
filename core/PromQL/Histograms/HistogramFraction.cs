using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Which part of a native histogram's observations lies between two values: the inverse of the quantile.</summary>
internal static class HistogramFraction
{
    /// <summary>The part of the observations between two values.</summary>
    /// <param name="lower">−∞ for all from below; of NaN comes NaN.</param>
    /// <param name="upper">+∞ for all above; of NaN comes NaN. Not above <paramref name="lower"/>, the part is 0.</param>
    /// <param name="value">NaN comes of one without observations.</param>
    /// <param name="note">Whether there are observations of NaN, which are in no part.</param>
    public static double Of(double lower, double upper, Histogram value, out NaNNote note)
    {
        note = NaNNote.None;
        if (value.Count == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }
        if (lower >= upper)
        {
            return 0;
        }
        var inBuckets = 0.0;
        var below = RankOf(lower, value, ref inBuckets);
        inBuckets = 0;
        var belowUpper = RankOf(upper, value, ref inBuckets);
        var count = value.Count;
        if (double.IsNaN(value.Sum))
        {
            count = Total(value);
            note = count < value.Count ? NaNNote.Skew : NaNNote.None;
        }
        return (Math.Min(belowUpper, count) - Math.Min(below, count)) / value.Count;
    }

    /// <summary>How many observations lie below a value; +∞ when it lies above all buckets.</summary>
    private static double RankOf(double bound, Histogram value, ref double rank)
    {
        var buckets = new OrderedBuckets(value);
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = OneSided(value.Layout, buckets[i], out var isZero);
            if (bucket.Lower >= bound)
            {
                return rank;
            }
            if (bucket.Upper > bound)
            {
                // Nothing can be said about where in an infinite bucket a value lies.
                return double.IsNegativeInfinity(bucket.Lower)
                    ? bucket.Count
                    : rank + (bucket.Count * bucket.FractionBelow(bound, value.Layout.IsCustom || isZero));
            }
            rank += bucket.Count;
        }
        return double.PositiveInfinity;
    }

    private static HistogramBucket OneSided(HistogramLayout layout, in HistogramBucket bucket, out bool isZero)
    {
        isZero = bucket.Lower <= 0 && bucket.Upper >= 0;
        if (!isZero || layout.NegativeCount > 0 == layout.PositiveCount > 0)
        {
            return bucket;
        }
        return layout.NegativeCount == 0 ? bucket with { Lower = 0 } : bucket with { Upper = 0 };
    }

    private static double Total(Histogram value)
    {
        var buckets = new OrderedBuckets(value);
        var total = 0.0;
        for (var i = 0; i < buckets.Count; i++)
        {
            total += buckets[i].Count;
        }
        return total;
    }
}
