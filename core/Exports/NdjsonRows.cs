using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Histograms;

namespace Tributary.Exports;

/// <summary>
/// A JSON object a line: <c>{"timestamp":"…","labels":{…},"value":1.5}</c>; a value that JSON has no number for is a text,
/// <c>"NaN"</c>, <c>"+Inf"</c> or <c>"-Inf"</c>; a native histogram is <c>"histogram":{"count":…,"sum":…,"buckets":[…]}</c>.
/// </summary>
/// <remarks>
/// A bucket is <c>[kind, lower, upper, count]</c> as in Prometheus' HTTP API: 0 the upper bound belongs to it, 1 the lower,
/// 2 neither, 3 both. Buckets that are empty are left out.
/// </remarks>
internal sealed class NdjsonRows : RowWriter
{
    private const int BothInside = 3;
    private const int NoneInside = 2;

    private static readonly JsonWriterOptions Layout = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly TimeText times = new();
    private readonly ArrayBufferWriter<byte> labels = new();

    /// <inheritdoc/>
    public override void Begin(IReadOnlyList<SpilledSeries> series, ByteWriter output) { }

    /// <inheritdoc/>
    public override void BeginSeries(LabelSet series, ByteWriter output)
    {
        labels.ResetWrittenCount();
        using var json = new Utf8JsonWriter(labels, Layout);
        json.WriteStartObject();
        foreach (var label in series.Labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override void End(ByteWriter output) { }

    /// <inheritdoc/>
    protected override void Write(long timestampMs, double value, ByteWriter output)
    {
        Begin(timestampMs, output);
        output.WriteBytes(",\"value\":"u8);
        WriteNumber(value, output);
        output.WriteBytes("}\n"u8);
        Rows++;
    }

    /// <inheritdoc/>
    protected override void Write(long timestampMs, Histogram value, ByteWriter output)
    {
        Begin(timestampMs, output);
        output.WriteBytes(",\"histogram\":{\"count\":"u8);
        WriteNumber(value.Count, output);
        output.WriteBytes(",\"sum\":"u8);
        WriteNumber(value.Sum, output);
        output.WriteBytes(",\"buckets\":["u8);
        var buckets = new OrderedBuckets(value);
        var isFirst = true;
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[i];
            if (bucket.Count == 0)
            {
                continue;
            }
            output.WriteBytes(isFirst ? "["u8 : ",["u8);
            isFirst = false;
            output.WriteByte((byte)('0' + KindOf(bucket)));
            foreach (var number in (ReadOnlySpan<double>)[bucket.Lower, bucket.Upper, bucket.Count])
            {
                output.WriteByte((byte)',');
                WriteNumber(number, output);
            }
            output.WriteByte((byte)']');
        }
        output.WriteBytes("]}}\n"u8);
        Rows++;
    }

    private static int KindOf(HistogramBucket bucket) =>
        bucket.LowerInclusive && bucket.UpperInclusive ? BothInside
        : bucket.LowerInclusive ? 1
        : bucket.UpperInclusive ? 0
        : NoneInside;

    private void Begin(long timestampMs, ByteWriter output)
    {
        output.WriteBytes("{\"timestamp\":\""u8);
        times.Write(timestampMs, output);
        output.WriteBytes("\",\"labels\":"u8);
        output.WriteBytes(labels.WrittenSpan);
    }

    private static void WriteNumber(double value, ByteWriter output)
    {
        var isNumber = double.IsFinite(value);
        if (!isNumber)
        {
            output.WriteByte((byte)'"');
        }
        output.Advance(FloatFormat.FormatPlain(value, output.Reserve(FloatFormat.MaxLength)));
        if (!isNumber)
        {
            output.WriteByte((byte)'"');
        }
    }
}
