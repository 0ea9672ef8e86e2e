using System.Text;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>One metric of protobuf's exposition, and one after the other the samples that it stands for.</summary>
/// <remarks>
/// A sample's series is written as OpenMetrics would have it, <c>name{a="b"}</c>: so a series is the same in all formats,
/// and everything behind a reader need not know this one.
/// </remarks>
/// <param name="options">What becomes of histograms.</param>
internal sealed class MetricMessage(HistogramOptions options)
{
    private readonly HistogramMessage parts = new();
    private byte[] labels = new byte[256];
    private byte[] series = new byte[256];
    private int labelsLength;
    private int seriesLength;
    private FamilyType type;
    private byte[] familyName = [];
    private bool isNameQuoted;
    private double value;
    private int next;
    private int end;
    private bool hasNative;
    private bool hasClassic;
    private bool hasCustom;

    /// <summary>The series of the current sample.</summary>
    public ReadOnlySpan<byte> Series => series.AsSpan(0, seriesLength);

    /// <summary>The value of the current sample, when it is a float.</summary>
    public double Value { get; private set; }

    /// <summary>The value of the current sample, when it is a histogram; else null.</summary>
    public Histogram? Histogram { get; private set; }

    /// <summary>The metric's timestamp, milliseconds since the epoch; 0 is none, as in Prometheus.</summary>
    public long TimestampMs { get; private set; }

    private bool IsHistogram => type is FamilyType.Histogram or FamilyType.GaugeHistogram;

    /// <summary>Reads a metric; <see cref="MoveNext"/> then goes through its samples.</summary>
    /// <param name="metric">The message.</param>
    /// <param name="offset">Where it begins in the body; only errors use it.</param>
    /// <param name="name">The family's name; valid UTF-8, not empty.</param>
    /// <param name="familyType">The family's type.</param>
    public void Read(ReadOnlySpan<byte> metric, long offset, byte[] name, FamilyType familyType)
    {
        (type, familyName, isNameQuoted) = (familyType, name, !MetricNames.IsLegacyMetricName(name));
        (value, TimestampMs, labelsLength) = (0, 0, 0);
        parts.Clear();
        var message = new WireReader(metric, offset);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    ReadLabel(message.ReadMessage("label"));
                    break;
                case 2 when type is FamilyType.Gauge:
                    ReadValue(message.ReadMessage("gauge"));
                    break;
                case 3 when type is FamilyType.Counter:
                    ReadValue(message.ReadMessage("counter"));
                    break;
                case 5 when type is FamilyType.Untyped:
                    ReadValue(message.ReadMessage("untyped"));
                    break;
                case 4 when type is FamilyType.Summary:
                    parts.ReadSummary(message.ReadMessage("summary"));
                    break;
                case 7 when IsHistogram:
                    parts.ReadHistogram(message.ReadMessage("histogram"));
                    break;
                case 6:
                    TimestampMs = (long)message.ReadNumber("timestamp_ms");
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
        Plan();
    }

    /// <summary>Goes to the next sample of the metric; false behind the last one.</summary>
    /// <returns>Null, or what is wrong with a histogram.</returns>
    public string? MoveNext(out bool hasSample)
    {
        hasSample = next < end;
        Histogram = null;
        if (!hasSample)
        {
            return null;
        }
        var step = next++;
        if (type is not FamilyType.Summary && !IsHistogram)
        {
            Value = value;
            Write("", "", 0);
            return null;
        }
        if (hasNative && step == 0)
        {
            Write("", "", 0);
            var problem = parts.TryBuild(type is FamilyType.GaugeHistogram, out var native);
            Histogram = native;
            return problem;
        }
        if (hasCustom && step == end - 1)
        {
            Write("", "", 0);
            var problem = parts.TryConvert(type is FamilyType.GaugeHistogram, out var custom);
            Histogram = custom;
            return problem is null ? null : $"a classic histogram that is to be converted: {problem}";
        }
        MoveToPart(step - (hasNative ? 1 : 0));
        return null;
    }

    /// <summary>Counts the samples: a native histogram, then the classic series, then what they are converted to.</summary>
    private void Plan()
    {
        next = 0;
        (hasNative, hasClassic, hasCustom) = (false, type is FamilyType.Summary, false);
        if (IsHistogram)
        {
            hasNative = options.IsNativeRead && parts.IsNative;
            hasCustom = !hasNative && options.ConvertsClassic;
            hasClassic = hasNative ? options.KeepsClassic && parts.Parts.Count > 0 : !hasCustom || options.KeepsClassic;
        }
        else if (type is not FamilyType.Summary)
        {
            end = 1;
            return;
        }
        end = (hasNative ? 1 : 0) + (hasClassic ? 2 + CountParts() : 0) + (hasCustom ? 1 : 0);
    }

    /// <summary>The buckets up to the infinite one, which is there always, or all quantiles.</summary>
    private int CountParts()
    {
        if (!IsHistogram)
        {
            return parts.Parts.Count;
        }
        var infinite = parts.Parts.FindIndex(part => double.IsPositiveInfinity(part.Bound));
        return 1 + (infinite < 0 ? parts.Parts.Count : infinite);
    }

    private void MoveToPart(int part)
    {
        switch (part)
        {
            case 0:
                Value = parts.Count;
                Write("_count", "", 0);
                break;
            case 1:
                Value = parts.Sum;
                Write("_sum", "", 0);
                break;
            case var index when index - 2 == parts.Parts.Count:
                Value = parts.Count;
                Write("_bucket", "le", double.PositiveInfinity);
                break;
            case var index:
                (var bound, Value) = parts.Parts[index - 2];
                Write(IsHistogram ? "_bucket" : "", IsHistogram ? "le" : "quantile", bound);
                break;
        }
    }

    private void ReadValue(WireReader message)
    {
        while (message.Next())
        {
            if (message.Field == 1)
            {
                value = HistogramMessage.Normal(message.ReadDouble("value"));
            }
            else
            {
                message.Skip();
            }
        }
    }

    private void ReadLabel(WireReader message)
    {
        ReadOnlySpan<byte> name = [];
        ReadOnlySpan<byte> text = [];
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    name = message.ReadBytes("name");
                    break;
                case 2:
                    text = message.ReadBytes("value");
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
        if (name.IsEmpty)
        {
            throw message.Error("a label has no name");
        }
        Append(ref labels, ref labelsLength, labelsLength > 0 ? ","u8 : []);
        if (MetricNames.IsLegacyLabelName(name))
        {
            Append(ref labels, ref labelsLength, name);
        }
        else
        {
            AppendQuoted(ref labels, ref labelsLength, name);
        }
        Append(ref labels, ref labelsLength, "="u8);
        AppendQuoted(ref labels, ref labelsLength, text);
    }

    /// <summary>Writes the text of a sample's series.</summary>
    private void Write(string suffix, string boundName, double bound)
    {
        seriesLength = 0;
        var separator = "{"u8;
        if (isNameQuoted)
        {
            Append(ref series, ref seriesLength, separator);
            AppendQuoted(ref series, ref seriesLength, familyName);
            seriesLength--;
            Append(ref series, ref seriesLength, Encoding.UTF8.GetBytes(suffix));
            Append(ref series, ref seriesLength, "\""u8);
            separator = ","u8;
        }
        else
        {
            Append(ref series, ref seriesLength, familyName);
            Append(ref series, ref seriesLength, SuffixText(suffix));
        }
        if (labelsLength > 0)
        {
            Append(ref series, ref seriesLength, separator);
            Append(ref series, ref seriesLength, labels.AsSpan(0, labelsLength));
            separator = ","u8;
        }
        if (boundName.Length > 0)
        {
            Append(ref series, ref seriesLength, separator);
            Append(ref series, ref seriesLength, boundName is "le" ? "le=\""u8 : "quantile=\""u8);
            Span<byte> text = stackalloc byte[FloatFormat.MaxLength];
            text = text[..FloatFormat.Format(bound, text)];
            Append(ref series, ref seriesLength, text);
            // As in OpenMetrics a whole bound is 1.0.
            var isWhole = double.IsFinite(bound) && text.IndexOfAny((byte)'.', (byte)'e') < 0;
            Append(ref series, ref seriesLength, isWhole ? ".0\""u8 : "\""u8);
            separator = ","u8;
        }
        Append(ref series, ref seriesLength, separator[0] == '{' ? [] : "}"u8);
    }

    private static ReadOnlySpan<byte> SuffixText(string suffix) =>
        suffix switch
        {
            "_count" => "_count"u8,
            "_sum" => "_sum"u8,
            "_bucket" => "_bucket"u8,
            _ => [],
        };

    private static void AppendQuoted(ref byte[] target, ref int length, ReadOnlySpan<byte> text)
    {
        Append(ref target, ref length, "\""u8);
        EscapedText.Append(ref target, ref length, text);
        Append(ref target, ref length, "\""u8);
    }

    private static void Append(ref byte[] target, ref int length, ReadOnlySpan<byte> text)
    {
        if (target.Length - length < text.Length)
        {
            Array.Resize(ref target, Math.Max(2 * target.Length, length + text.Length));
        }
        text.CopyTo(target.AsSpan(length));
        length += text.Length;
    }
}
