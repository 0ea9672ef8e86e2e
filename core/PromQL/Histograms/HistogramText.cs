using System.Text;
using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Histograms;

/// <summary>Histograms as people read them, and as <c>count_values</c> makes labels of them.</summary>
internal static class HistogramText
{
    /// <summary>Count, sum and the populated buckets: <c>{count:3, sum:4, [-1,1]:1, (1,2]:2}</c>.</summary>
    public static string Of(Histogram value)
    {
        var text = new StringBuilder("{count:")
            .Append(AnnotationTexts.Number(value.Count))
            .Append(", sum:")
            .Append(AnnotationTexts.Number(value.Sum));
        var buckets = new OrderedBuckets(value);
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = Unclipped(value, i);
            if (bucket.Count == 0)
            {
                continue;
            }
            text.Append(", ")
                .Append(bucket.LowerInclusive ? '[' : '(')
                .Append(AnnotationTexts.Number(bucket.Lower))
                .Append(',')
                .Append(AnnotationTexts.Number(bucket.Upper))
                .Append(bucket.UpperInclusive ? ']' : ')')
                .Append(':')
                .Append(AnnotationTexts.Number(bucket.Count));
        }
        return text.Append('}').ToString();
    }

    /// <summary>A bucket in the order of <see cref="OrderedBuckets"/>, with its own bounds where the zero bucket overlaps it.</summary>
    private static HistogramBucket Unclipped(Histogram value, int place)
    {
        var layout = value.Layout;
        if (place < layout.NegativeCount)
        {
            return OrderedBuckets.Negative(value, layout.NegativeCount - 1 - place);
        }
        place -= layout.NegativeCount;
        if (value.ZeroCount > 0)
        {
            if (place == 0)
            {
                return OrderedBuckets.Zero(value);
            }
            place--;
        }
        return OrderedBuckets.Positive(value, place);
    }
}
