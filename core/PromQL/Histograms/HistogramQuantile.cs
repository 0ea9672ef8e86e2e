using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Quantiles of native histograms.</summary>
/// <remarks>
/// Observations of a bucket are taken to be spread evenly on a logarithmic scale; in custom buckets and in the zero bucket
/// evenly. A zero bucket of a histogram with buckets on one side only lies on that side of 0.
/// </remarks>
internal static class HistogramQuantile
{
    /// <summary>The value that a part of the observations does not exceed.</summary>
    /// <param name="quantile">The part; −∞ comes of less than 0, +∞ of more than 1, NaN of NaN.</param>
    /// <param name="value">NaN comes of one without observations.</param>
    /// <param name="note">What observations of NaN did to the result.</param>
    public static double Of(double quantile, Histogram value, out NaNNote note)
    {
        note = NaNNote.None;
        if (quantile < 0 || quantile > 1)
        {
            return quantile < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        if (value.Count == 0 || double.IsNaN(quantile))
        {
            return double.NaN;
        }
        // Observations of NaN count, but are in no bucket: they are taken to be the highest.
        var isForward = double.IsNaN(value.Sum) || quantile < 0.5;
        var rank = (isForward ? quantile : 1 - quantile) * value.Count;
        var buckets = new OrderedBuckets(value);
        var next = Find(buckets, rank, isForward, out var bucket, out var count);
        if (Adjust(value, ref bucket) is { } end)
        {
            return end;
        }
        // Rounding may have brought up more.
        count = Math.Min(count, value.Count);
        if (count < rank)
        {
            note = double.IsNaN(value.Sum) ? NaNNote.Result : NaNNote.None;
            return double.IsNaN(value.Sum) ? double.NaN : bucket.Upper;
        }
        rank = isForward ? rank - (count - bucket.Count) : count - rank;
        if (double.IsNaN(value.Sum))
        {
            // As upstream: the last bucket that is looked at for this takes the place of the one that was found.
            for (; next < buckets.Count; next++)
            {
                bucket = buckets[next];
                count += bucket.Count;
            }
            note = count < value.Count ? NaNNote.Skew : NaNNote.None;
        }
        return Interpolate(value, bucket, rank / bucket.Count);
    }

    /// <summary>Finds the bucket where the count reaches the rank; returns the place behind it.</summary>
    private static int Find(
        in OrderedBuckets buckets,
        double rank,
        bool isForward,
        out HistogramBucket bucket,
        out double count
    )
    {
        (bucket, count) = (default, 0);
        var next = 0;
        while (next < buckets.Count)
        {
            bucket = buckets[isForward ? next : buckets.Count - 1 - next];
            next++;
            if (bucket.Count == 0)
            {
                continue;
            }
            count += bucket.Count;
            if (count >= rank)
            {
                break;
            }
        }
        return next;
    }

    /// <summary>Gives the zero bucket, and the first custom one, the bounds that are assumed; or the result, if that is a bound.</summary>
    private static double? Adjust(Histogram value, ref HistogramBucket bucket)
    {
        var layout = value.Layout;
        if (!layout.IsCustom)
        {
            bucket = OneSided(layout, bucket);
            return null;
        }
        if (double.IsNegativeInfinity(bucket.Lower))
        {
            if (bucket.Upper <= 0)
            {
                return bucket.Upper;
            }
            bucket = bucket with { Lower = 0 };
            return null;
        }
        return double.IsPositiveInfinity(bucket.Upper) ? bucket.Lower : null;
    }

    /// <summary>A zero bucket on the side of 0 where the others are, if they are on one side.</summary>
    private static HistogramBucket OneSided(HistogramLayout layout, in HistogramBucket bucket)
    {
        if (!(bucket.Lower < 0 && bucket.Upper > 0) || layout.NegativeCount > 0 == layout.PositiveCount > 0)
        {
            return bucket;
        }
        return layout.NegativeCount == 0 ? bucket with { Lower = 0 } : bucket with { Upper = 0 };
    }

    private static double Interpolate(Histogram value, in HistogramBucket bucket, double fraction)
    {
        if (value.Layout.IsCustom || (bucket.Lower <= 0 && bucket.Upper >= 0))
        {
            return bucket.Lower + ((bucket.Upper - bucket.Lower) * fraction);
        }
        var lower = Math.Log2(Math.Abs(bucket.Lower));
        var upper = Math.Log2(Math.Abs(bucket.Upper));
        return bucket.Lower > 0
            ? Math.Pow(2, lower + ((upper - lower) * fraction))
            : -Math.Pow(2, upper + ((lower - upper) * (1 - fraction)));
    }
}
