using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Native histograms as the API writes them: count, sum, and the buckets that are not empty.</summary>
/// <remarks>
/// A bucket is <c>[kind, lower, upper, count]</c>; the kind says which bounds belong to it: 0 the upper, 1 the lower,
/// 2 neither, 3 both. See <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms"/>.
/// </remarks>
internal static class HistogramJson
{
    private const int UpperInside = 0;
    private const int LowerInside = 1;
    private const int BothInside = 3;

    /// <summary>Writes the object.</summary>
    public static void Write(ByteWriter output, Histogram value)
    {
        output.WriteBytes("{\"count\":"u8);
        JsonText.WriteValue(output, value.Count);
        output.WriteBytes(",\"sum\":"u8);
        JsonText.WriteValue(output, value.Sum);
        var layout = value.Layout;
        var separator = ",\"buckets\":["u8;
        var negative = layout.NegativeIndexes;
        for (var i = negative.Length - 1; i >= 0; i--)
        {
            var lower = -HistogramBounds.Upper(layout, negative[i]);
            var upper = -Trimmed(layout, HistogramBounds.Upper(layout, negative[i] - 1));
            WriteBucket(output, ref separator, LowerInside, (lower, upper), value.BucketAt(layout.PositiveCount + i));
        }
        if (value.ZeroCount > 0)
        {
            var bounds = (-layout.ZeroThreshold, layout.ZeroThreshold);
            WriteBucket(output, ref separator, BothInside, bounds, value.ZeroCount);
        }
        var positive = layout.PositiveIndexes;
        for (var i = 0; i < positive.Length; i++)
        {
            var upper = HistogramBounds.Upper(layout, positive[i]);
            var lower = Trimmed(layout, HistogramBounds.Upper(layout, positive[i] - 1));
            var kind = layout.IsCustom && positive[i] == 0 ? BothInside : UpperInside;
            WriteBucket(output, ref separator, kind, (lower, upper), value.BucketAt(i));
        }
        output.WriteBytes(separator[0] == (byte)',' && separator.Length > 1 ? "}"u8 : "]}"u8);
    }

    /// <summary>The inner bound of an exponential bucket, which does not reach into the zero bucket.</summary>
    private static double Trimmed(HistogramLayout layout, double bound) =>
        layout.IsCustom ? bound : Math.Max(bound, layout.ZeroThreshold);

    private static void WriteBucket(
        ByteWriter output,
        ref ReadOnlySpan<byte> separator,
        int kind,
        (double Lower, double Upper) bounds,
        double count
    )
    {
        if (count == 0)
        {
            return;
        }
        output.WriteBytes(separator);
        separator = ","u8;
        output.WriteByte((byte)'[');
        JsonText.WriteNumber(output, (long)kind);
        output.WriteByte((byte)',');
        JsonText.WriteValue(output, bounds.Lower);
        output.WriteByte((byte)',');
        JsonText.WriteValue(output, bounds.Upper);
        output.WriteByte((byte)',');
        JsonText.WriteValue(output, count);
        output.WriteByte((byte)']');
    }
}
