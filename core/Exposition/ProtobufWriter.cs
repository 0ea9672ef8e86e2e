using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Writes delimited <c>io.prometheus.client.MetricFamily</c> messages, one family after the other.</summary>
/// <remarks>
/// Floats are untyped; exponential native histograms keep their form as floats, and those with custom buckets become
/// classic ones, because the format has no custom buckets.
/// </remarks>
public sealed class ProtobufWriter
{
    private const int LengthPrefixed = 2;
    private const int Fixed64 = 1;
    private const int Varint = 0;

    private readonly ByteWriter family = new(64 * 1024);
    private readonly ByteWriter metric = new();
    private readonly ByteWriter histogram = new();
    private readonly ByteWriter part = new();

    /// <summary>Bytes of the family so far.</summary>
    public int FamilyBytes => family.Length;

    /// <summary>Begins a family.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="like">One of its samples: its kind is the family's.</param>
    /// <param name="help">Its help text; empty for none.</param>
    public void BeginFamily(string name, Histogram? like, string help = "") =>
        BeginFamily(
            name,
            like is null ? FamilyType.Untyped
                : like.Hint is CounterResetHint.Gauge ? FamilyType.GaugeHistogram
                : FamilyType.Histogram,
            help
        );

    /// <summary>Begins a family of floats.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="help">Its help text; empty for none.</param>
    internal void BeginFamily(string name, FamilyType type, string help)
    {
        family.Clear();
        WriteTag(family, 1, LengthPrefixed);
        family.WriteString(name);
        if (help.Length > 0)
        {
            WriteTag(family, 2, LengthPrefixed);
            family.WriteString(help);
        }
        WriteTag(family, 3, Varint);
        family.WriteUvarint((ulong)type);
    }

    /// <summary>Adds a float to the family.</summary>
    /// <param name="labels">The labels, without the name.</param>
    /// <param name="type">The family's type: counter, gauge, or untyped.</param>
    /// <param name="value">The value.</param>
    /// <param name="timestampMs">Its time; null for none.</param>
    internal void WriteMetric(ReadOnlySpan<Label> labels, FamilyType type, double value, long? timestampMs)
    {
        metric.Clear();
        foreach (var label in labels)
        {
            WriteLabel(label);
        }
        part.Clear();
        WriteDouble(part, 1, value);
        WriteMessage(
            metric,
            type switch
            {
                FamilyType.Counter => 3,
                FamilyType.Gauge => 2,
                _ => 5,
            },
            part
        );
        if (timestampMs is { } time)
        {
            WriteTag(metric, 6, Varint);
            metric.WriteUvarint((ulong)time);
        }
        WriteMessage(family, 4, metric);
    }

    private void WriteLabel(Label label)
    {
        part.Clear();
        WriteTag(part, 1, LengthPrefixed);
        part.WriteString(label.Name);
        WriteTag(part, 2, LengthPrefixed);
        part.WriteString(label.Value);
        WriteMessage(metric, 1, part);
    }

    /// <summary>Adds a sample to the family.</summary>
    /// <param name="labels">The labels, without the name.</param>
    /// <param name="sample">Time and value; its labels do not count.</param>
    public void WriteMetric(IReadOnlyList<Label> labels, LatestSample sample)
    {
        metric.Clear();
        foreach (var label in labels)
        {
            WriteLabel(label);
        }
        if (sample.Histogram is { } value)
        {
            WriteHistogram(value);
            WriteMessage(metric, 7, histogram);
        }
        else
        {
            part.Clear();
            WriteDouble(part, 1, sample.Value);
            WriteMessage(metric, 5, part);
        }
        WriteTag(metric, 6, Varint);
        metric.WriteUvarint((ulong)sample.TimestampMs);
        WriteMessage(family, 4, metric);
    }

    /// <summary>Ends the family: its message with the length in front; valid until the next family.</summary>
    public ReadOnlySpan<byte> EndFamily()
    {
        part.Clear();
        part.WriteUvarint((ulong)family.Length);
        part.WriteBytes(family.WrittenSpan);
        return part.WrittenSpan;
    }

    private void WriteHistogram(Histogram value)
    {
        histogram.Clear();
        WriteDouble(histogram, 4, value.Count);
        WriteDouble(histogram, 2, value.Sum);
        if (value.Layout.IsCustom)
        {
            WriteClassic(value);
            return;
        }
        var layout = value.Layout;
        WriteTag(histogram, 5, Varint);
        histogram.WriteVarint(layout.Schema);
        WriteDouble(histogram, 6, layout.ZeroThreshold);
        WriteDouble(histogram, 8, value.ZeroCount);
        WriteSide(layout.NegativeSpans, (9, 11), value, layout.PositiveCount, layout.NegativeCount);
        var spans = layout.PositiveSpans;
        // A span of no length says that it is a native histogram, where nothing else does.
        var needsMark = layout is { PositiveSpans.Length: 0, NegativeSpans.Length: 0, ZeroThreshold: 0 };
        WriteSide(needsMark ? [default] : spans, (12, 14), value, 0, layout.PositiveCount);
    }

    private void WriteSide(
        ReadOnlySpan<BucketSpan> spans,
        (int Spans, int Counts) fields,
        Histogram value,
        int first,
        int count
    )
    {
        foreach (var span in spans)
        {
            part.Clear();
            WriteTag(part, 1, Varint);
            part.WriteVarint(span.Offset);
            WriteTag(part, 2, Varint);
            part.WriteUvarint((ulong)span.Length);
            WriteMessage(histogram, fields.Spans, part);
        }
        for (var i = 0; i < count; i++)
        {
            WriteDouble(histogram, fields.Counts, value.BucketAt(first + i));
        }
    }

    /// <summary>The infinite bucket may be left out, and is: the count says as much.</summary>
    private void WriteClassic(Histogram value)
    {
        var bounds = value.Layout.CustomValues;
        var indexes = value.Layout.PositiveIndexes;
        var cumulative = 0.0;
        var next = 0;
        for (var i = 0; i < bounds.Length; i++)
        {
            while (next < indexes.Length && indexes[next] <= i)
            {
                cumulative += value.BucketAt(next++);
            }
            part.Clear();
            WriteDouble(part, 4, cumulative);
            WriteDouble(part, 2, bounds[i]);
            WriteMessage(histogram, 3, part);
        }
    }

    private static void WriteTag(ByteWriter output, int field, int wire) =>
        output.WriteUvarint((ulong)((field << 3) | wire));

    private static void WriteDouble(ByteWriter output, int field, double value)
    {
        WriteTag(output, field, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(output.Reserve(sizeof(double)), value);
        output.Advance(sizeof(double));
    }

    private static void WriteMessage(ByteWriter output, int field, ByteWriter message)
    {
        WriteTag(output, field, LengthPrefixed);
        output.WriteUvarint((ulong)message.Length);
        output.WriteBytes(message.WrittenSpan);
    }
}
