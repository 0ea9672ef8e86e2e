using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>All buckets of a histogram by rising bounds: the negative ones, the zero bucket if populated, the positive ones.</summary>
internal readonly ref struct OrderedBuckets
{
    private readonly Histogram value;
    private readonly int zeroBuckets;

    /// <summary>The buckets of a histogram of either form.</summary>
    public OrderedBuckets(Histogram value)
    {
        this.value = value;
        zeroBuckets = value.ZeroCount > 0 ? 1 : 0;
    }

    /// <summary>How many there are.</summary>
    public int Count => value.Layout.BucketCount + zeroBuckets;

    /// <summary>A bucket; where it overlaps the zero bucket, it begins or ends at that one's bound.</summary>
    public HistogramBucket this[int place]
    {
        get
        {
            var layout = value.Layout;
            if (place < layout.NegativeCount)
            {
                return Clipped(Negative(value, layout.NegativeCount - 1 - place));
            }
            place -= layout.NegativeCount;
            if (zeroBuckets > 0)
            {
                if (place == 0)
                {
                    return Zero(value);
                }
                place--;
            }
            return Clipped(Positive(value, place));
        }
    }

    /// <summary>The zero bucket.</summary>
    public static HistogramBucket Zero(Histogram value) =>
        new(-value.Layout.ZeroThreshold, value.Layout.ZeroThreshold, value.ZeroCount, true, true);

    /// <summary>A positive or custom bucket, with its own bounds.</summary>
    public static HistogramBucket Positive(Histogram value, int place)
    {
        var layout = value.Layout;
        var index = layout.PositiveIndexes[place];
        var lower = HistogramBounds.Upper(layout, index - 1);
        var upper = HistogramBounds.Upper(layout, index);
        var count = value.BucketAt(place);
        return layout.IsCustom
            ? new HistogramBucket(lower, upper, count, index == 0, true)
            : new HistogramBucket(lower, upper, count, lower < 0, upper > 0);
    }

    /// <summary>A negative bucket, with its own bounds; from that next to zero.</summary>
    public static HistogramBucket Negative(Histogram value, int place)
    {
        var layout = value.Layout;
        var index = layout.NegativeIndexes[place];
        var lower = -HistogramBounds.Upper(layout, index);
        var upper = -HistogramBounds.Upper(layout, index - 1);
        return new HistogramBucket(lower, upper, value.BucketAt(layout.PositiveCount + place), lower < 0, upper > 0);
    }

    private HistogramBucket Clipped(in HistogramBucket bucket)
    {
        var threshold = value.Layout.ZeroThreshold;
        if (bucket.Upper < 0 && bucket.Upper > -threshold)
        {
            return bucket with { Upper = -threshold };
        }
        return bucket.Lower > 0 && bucket.Lower < threshold ? bucket with { Lower = threshold } : bucket;
    }
}
