using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Histograms;

/// <summary>The variance of a native histogram's observations, each taken to be in the middle of its bucket.</summary>
internal static class HistogramVariance
{
    /// <summary>
    /// The population variance. The middle is the geometric one; of custom buckets the arithmetic one, of the zero bucket 0.
    /// </summary>
    public static double Of(Histogram value)
    {
        var mean = value.Sum / value.Count;
        var (variance, lost) = (0.0, 0.0);
        var buckets = new OrderedBuckets(value);
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[i];
            if (bucket.Count != 0)
            {
                var distance = Middle(value.Layout, bucket) - mean;
                KahanSum.Add(bucket.Count * distance * distance, ref variance, ref lost);
            }
        }
        return (variance + lost) / value.Count;
    }

    private static double Middle(HistogramLayout layout, in HistogramBucket bucket)
    {
        if (layout.IsCustom)
        {
            return (bucket.Upper + bucket.Lower) / 2;
        }
        if (bucket.Lower <= 0 && bucket.Upper >= 0)
        {
            return 0;
        }
        var middle = Math.Sqrt(bucket.Upper * bucket.Lower);
        return bucket.Upper < 0 ? -middle : middle;
    }
}
