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
        family.WriteString(1, name);
        if (help.Length > 0)
        {
            family.WriteString(2, help);
        }
        family.WriteNumber(3, (ulong)type);
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
        part.WriteDouble(1, value);
        var field = type switch
        {
            FamilyType.Counter => 3,
            FamilyType.Gauge => 2,
            _ => 5,
        };
        metric.WriteMessage(field, part);
        if (timestampMs is { } time)
        {
            metric.WriteNumber(6, (ulong)time);
        }
        family.WriteMessage(4, metric);
    }

    private void WriteLabel(Label label)
    {
        part.Clear();
        part.WriteString(1, label.Name);
        part.WriteString(2, label.Value);
        metric.WriteMessage(1, part);
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
            metric.WriteMessage(7, histogram);
        }
        else
        {
            part.Clear();
            part.WriteDouble(1, sample.Value);
            metric.WriteMessage(5, part);
        }
        metric.WriteNumber(6, (ulong)sample.TimestampMs);
        family.WriteMessage(4, metric);
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
        histogram.WriteDouble(4, value.Count);
        histogram.WriteDouble(2, value.Sum);
        if (value.Layout.IsCustom)
        {
            WriteClassic(value);
            return;
        }
        var layout = value.Layout;
        histogram.WriteSigned(5, layout.Schema);
        histogram.WriteDouble(6, layout.ZeroThreshold);
        histogram.WriteDouble(8, value.ZeroCount);
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
            part.WriteSigned(1, span.Offset);
            part.WriteNumber(2, (ulong)span.Length);
            histogram.WriteMessage(fields.Spans, part);
        }
        for (var i = 0; i < count; i++)
        {
            histogram.WriteDouble(fields.Counts, value.BucketAt(first + i));
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
            part.WriteDouble(4, cumulative);
            part.WriteDouble(2, bounds[i]);
            histogram.WriteMessage(3, part);
        }
    }
}
