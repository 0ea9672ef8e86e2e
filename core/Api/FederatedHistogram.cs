using System.Buffers;
using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Writes a native histogram with custom buckets as the classic one that it was, in the text formats.</summary>
/// <param name="external">What is added to series that lack it, and how names that are not legacy ones are written.</param>
internal sealed class FederatedHistogram(ExternalLabels external)
{
    /// <summary>The lines of a sample: cumulative buckets, sum, count.</summary>
    public byte[] Lines(LatestSample sample)
    {
        var histogram = sample.Histogram!;
        var text = new ArrayBufferWriter<byte>();
        var bounds = histogram.Layout.CustomValues;
        var indexes = histogram.Layout.PositiveIndexes;
        var cumulative = 0.0;
        var next = 0;
        for (var i = 0; i < bounds.Length; i++)
        {
            while (next < indexes.Length && indexes[next] <= i)
            {
                cumulative += histogram.BucketAt(next++);
            }
            Write(text, sample, "_bucket", bounds[i], cumulative);
        }
        Write(text, sample, "_bucket", double.PositiveInfinity, histogram.Count);
        Write(text, sample, "_sum", double.NaN, histogram.Sum);
        Write(text, sample, "_count", double.NaN, histogram.Count);
        return text.WrittenSpan.ToArray();
    }

    private void Write(ArrayBufferWriter<byte> text, LatestSample sample, string suffix, double bound, double value)
    {
        var labels = FederatedPairs.Of(sample.Labels, external, out var metricName);
        var name = metricName + suffix;
        var isPlain = MetricNames.IsLegacyMetricName(name);
        var isInside = !isPlain && external.Escaping is NameEscapingScheme.AllowUtf8;
        if (!isInside)
        {
            Encoding.UTF8.GetBytes(isPlain ? name : MetricNames.Escape(name, external.Escaping), text);
        }
        text.Write("{"u8);
        if (isInside)
        {
            text.Write(LabelText.Quote(name));
        }
        var separator = isInside ? ","u8 : ""u8;
        foreach (var label in labels)
        {
            text.Write(separator);
            text.Write(label.Text);
            separator = ","u8;
        }
        if (!double.IsNaN(bound))
        {
            text.Write(separator);
            text.Write("le=\""u8);
            text.Advance(FloatFormat.Format(bound, text.GetSpan(FloatFormat.MaxLength)));
            text.Write("\""u8);
        }
        text.Write("} "u8);
        text.Advance(FloatFormat.Format(value, text.GetSpan(FloatFormat.MaxLength)));
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $" {sample.TimestampMs}\n"), text);
    }
}
