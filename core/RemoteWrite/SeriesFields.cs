using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Writes what the messages of remote write and remote read have in common.</summary>
/// <remarks>
/// The histogram is field for field the same in <c>prometheus</c> and in <c>io.prometheus.write.v2</c>; see
/// <see href="https://github.com/prometheus/prometheus/blob/main/prompb/types.proto"/>.
/// </remarks>
internal static class SeriesFields
{
    /// <summary>Writes labels as messages of field 1.</summary>
    /// <param name="output">The message of the series.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="part">Room for one of them.</param>
    public static void WriteLabels(ByteWriter output, LabelSet labels, ByteWriter part)
    {
        foreach (var label in labels.Labels)
        {
            part.Clear();
            part.WriteString(1, label.Name);
            part.WriteString(2, label.Value);
            output.WriteMessage(1, part);
        }
    }

    /// <summary>Writes a sample's message as a field.</summary>
    /// <param name="output">The message of the series.</param>
    /// <param name="timestampMs">Milliseconds since the epoch.</param>
    /// <param name="value">The value, bit for bit.</param>
    /// <param name="part">Room for it.</param>
    public static void WriteSample(ByteWriter output, long timestampMs, double value, ByteWriter part)
    {
        part.Clear();
        part.WriteDouble(1, value);
        part.WriteNumber(2, (ulong)timestampMs);
        output.WriteMessage(2, part);
    }

    /// <summary>Writes a <c>Histogram</c>.</summary>
    /// <param name="output">Where the message's fields go.</param>
    /// <param name="sample">Time and value.</param>
    /// <param name="part">Room for a part of it.</param>
    public static void WriteHistogram(ByteWriter output, HistogramSample sample, ByteWriter part)
    {
        var (value, layout) = (sample.Value, sample.Value.Layout);
        if (value.IsFloat)
        {
            output.WriteDouble(2, value.Count);
        }
        else
        {
            output.WriteNumber(1, (ulong)value.CountBits);
        }
        output.WriteDouble(3, value.Sum);
        output.WriteSigned(4, layout.Schema);
        output.WriteDouble(5, layout.ZeroThreshold);
        if (value.IsFloat)
        {
            output.WriteDouble(7, value.ZeroCount);
        }
        else
        {
            output.WriteNumber(6, (ulong)value.ZeroCountBits);
        }
        WriteSide(output, layout.NegativeSpans, value, (8, layout.PositiveCount, layout.NegativeCount), part);
        WriteSide(output, layout.PositiveSpans, value, (11, 0, layout.PositiveCount), part);
        output.WriteNumber(14, (ulong)HintOf(value.Hint));
        output.WriteNumber(15, (ulong)sample.TimestampMs);
        if (layout.CustomValues.Length > 0)
        {
            part.Clear();
            foreach (var bound in layout.CustomValues)
            {
                WireWriter.WriteFixed(part, bound);
            }
            output.WriteMessage(16, part);
        }
    }

    /// <summary>Spans, then for integers the differences of neighbours, for floats the counts.</summary>
    private static void WriteSide(
        ByteWriter output,
        ReadOnlySpan<BucketSpan> spans,
        Histogram value,
        (int Field, int First, int Count) side,
        ByteWriter part
    )
    {
        foreach (var span in spans)
        {
            part.Clear();
            part.WriteSigned(1, span.Offset);
            part.WriteNumber(2, (ulong)span.Length);
            output.WriteMessage(side.Field, part);
        }
        if (side.Count == 0)
        {
            return;
        }
        part.Clear();
        var before = 0L;
        for (var i = side.First; i < side.First + side.Count; i++)
        {
            if (value.IsFloat)
            {
                WireWriter.WriteFixed(part, value.BucketAt(i));
                continue;
            }
            var count = value.Integers[i];
            part.WriteVarint(count - before);
            before = count;
        }
        output.WriteMessage(side.Field + (value.IsFloat ? 2 : 1), part);
    }

    private static int HintOf(CounterResetHint hint) =>
        hint switch
        {
            CounterResetHint.CounterReset => 1,
            CounterResetHint.NotCounterReset => 2,
            CounterResetHint.Gauge => 3,
            _ => 0,
        };
}
