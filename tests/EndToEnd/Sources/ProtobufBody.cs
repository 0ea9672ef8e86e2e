using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Writes delimited <c>io.prometheus.client.MetricFamily</c> messages as client libraries do, integer histograms included.</summary>
internal sealed class ProtobufBody
{
    public const string Type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private const int Counter = 0;
    private const int Gauge = 1;
    private const int HistogramType = 4;
    private const int GaugeHistogram = 5;

    private readonly ByteWriter body = new();
    private readonly ByteWriter family = new();

    public byte[] Bytes => body.WrittenSpan.ToArray();

    /// <summary>Adds a family of counters.</summary>
    public ProtobufBody AddCounters(string name, params IEnumerable<(string N, double Value)> metrics) =>
        Add(name, Counter, metrics.Select(metric => (metric.N, 3, Message(part => Double(part, 1, metric.Value)))));

    /// <summary>Adds a family of gauges.</summary>
    public ProtobufBody AddGauges(string name, params IEnumerable<(string N, double Value)> metrics) =>
        Add(name, Gauge, metrics.Select(metric => (metric.N, 2, Message(part => Double(part, 1, metric.Value)))));

    /// <summary>Adds a family of native histograms, gauges when the first one is.</summary>
    public ProtobufBody AddHistograms(string name, params IReadOnlyList<(string N, Histogram Value)> metrics) =>
        Add(
            name,
            metrics.Count > 0 && metrics[0].Value.Hint is CounterResetHint.Gauge ? GaugeHistogram : HistogramType,
            metrics.Select(metric => (metric.N, 7, Message(part => Write(part, metric.Value))))
        );

    private ProtobufBody Add(string name, int type, IEnumerable<(string N, int Field, byte[] Value)> metrics)
    {
        family.Clear();
        Text(family, 1, name);
        Integer(family, 3, (ulong)type);
        foreach (var (n, field, value) in metrics)
        {
            var label = Message(part =>
            {
                Text(part, 1, "n");
                Text(part, 2, n);
            });
            Nested(
                family,
                4,
                Message(metric =>
                {
                    Nested(metric, 1, label);
                    Nested(metric, field, value);
                })
            );
        }
        body.WriteUvarint((ulong)family.Length);
        body.WriteBytes(family.WrittenSpan);
        return this;
    }

    private static void Write(ByteWriter part, Histogram value)
    {
        var layout = value.Layout;
        if (value.IsFloat)
        {
            Double(part, 4, value.Count);
            Double(part, 8, value.ZeroCount);
        }
        else
        {
            Integer(part, 1, (ulong)value.Count);
            Integer(part, 7, (ulong)value.ZeroCount);
        }
        Double(part, 2, value.Sum);
        Signed(part, 5, layout.Schema);
        Double(part, 6, layout.ZeroThreshold);
        WriteSide(part, 9, layout.NegativeSpans, value, layout.PositiveCount, layout.NegativeCount);
        WriteSide(part, 12, layout.PositiveSpans, value, 0, layout.PositiveCount);
    }

    /// <summary>Spans, then counts: of integers the differences.</summary>
    private static void WriteSide(
        ByteWriter part,
        int field,
        ReadOnlySpan<BucketSpan> spans,
        Histogram value,
        int first,
        int count
    )
    {
        foreach (var span in spans)
        {
            var (offset, length) = (span.Offset, span.Length);
            Nested(
                part,
                field,
                Message(one =>
                {
                    Signed(one, 1, offset);
                    Integer(one, 2, (ulong)length);
                })
            );
        }
        var before = 0L;
        for (var i = first; i < first + count; i++)
        {
            if (value.IsFloat)
            {
                Double(part, field + 2, value.Floats[i]);
            }
            else
            {
                Signed(part, field + 1, value.Integers[i] - before);
                before = value.Integers[i];
            }
        }
    }

    private static byte[] Message(Action<ByteWriter> write)
    {
        var part = new ByteWriter();
        write(part);
        return part.WrittenSpan.ToArray();
    }

    private static void Tag(ByteWriter part, int field, int wireType) =>
        part.WriteUvarint(((ulong)field << 3) | (uint)wireType);

    private static void Integer(ByteWriter part, int field, ulong value)
    {
        Tag(part, field, 0);
        part.WriteUvarint(value);
    }

    private static void Signed(ByteWriter part, int field, long value)
    {
        Tag(part, field, 0);
        part.WriteVarint(value);
    }

    private static void Double(ByteWriter part, int field, double value)
    {
        Tag(part, field, 1);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        part.WriteBytes(bytes);
    }

    private static void Text(ByteWriter part, int field, string text)
    {
        Tag(part, field, 2);
        part.WriteString(text);
    }

    private static void Nested(ByteWriter part, int field, ReadOnlySpan<byte> bytes)
    {
        Tag(part, field, 2);
        part.WriteUvarint((ulong)bytes.Length);
        part.WriteBytes(bytes);
    }
}
