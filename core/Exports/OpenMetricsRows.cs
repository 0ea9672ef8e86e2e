using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Exports;

/// <summary>
/// OpenMetrics with timestamps, as <c>promtool tsdb create-blocks-from openmetrics</c> reads it: families by name, their
/// series in order, the samples of a series by time; <c># EOF</c> at the end.
/// </summary>
/// <remarks>
/// Every family is of type unknown: what kind a series was is not stored with its samples. Native histograms have no form in
/// this text and are left out. Names that are not of the classic letters stand in quotes, as Prometheus 3 reads them.
/// </remarks>
/// <param name="nameless">The metric name of series that have none.</param>
internal sealed class OpenMetricsRows(string nameless) : RowWriter
{
    private readonly ByteWriter series = new();
    private string? family;

    /// <inheritdoc/>
    public override void Begin(IReadOnlyList<SpilledSeries> series, ByteWriter output) { }

    /// <inheritdoc/>
    public override void BeginSeries(LabelSet series, ByteWriter output)
    {
        var name = NameOf(series);
        var isClassic = IsClassic(name, allowsColon: true);
        if (!string.Equals(name, family, StringComparison.Ordinal))
        {
            family = name;
            output.WriteBytes("# TYPE "u8);
            WriteName(name, isClassic, output);
            output.WriteBytes(" unknown\n"u8);
        }
        this.series.Clear();
        if (isClassic)
        {
            Append(name, this.series);
        }
        var separator = (byte)'{';
        if (!isClassic)
        {
            this.series.WriteByte(separator);
            WriteName(name, isClassic: false, this.series);
            separator = (byte)',';
        }
        foreach (var label in series.Labels)
        {
            if (string.Equals(label.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal))
            {
                continue;
            }
            this.series.WriteByte(separator);
            separator = (byte)',';
            WriteName(label.Name, IsClassic(label.Name, allowsColon: false), this.series);
            this.series.WriteByte((byte)'=');
            WriteQuoted(label.Value, this.series);
        }
        if (separator == (byte)',')
        {
            this.series.WriteByte((byte)'}');
        }
        this.series.WriteByte((byte)' ');
    }

    /// <inheritdoc/>
    public override void End(ByteWriter output) => output.WriteBytes("# EOF\n"u8);

    /// <inheritdoc/>
    protected override void Write(long timestampMs, double value, ByteWriter output)
    {
        output.WriteBytes(series.WrittenSpan);
        output.Advance(FloatFormat.FormatPlain(value, output.Reserve(FloatFormat.MaxLength)));
        output.WriteByte((byte)' ');
        TimeText.WriteSeconds(timestampMs, output);
        output.WriteByte((byte)'\n');
        Rows++;
    }

    /// <inheritdoc/>
    protected override void Write(long timestampMs, Histogram value, ByteWriter output) => LeftOut++;

    /// <inheritdoc/>
    protected override string NameOf(LabelSet labels) => labels.Get(LabelSet.MetricNameLabel) ?? nameless;

    private static bool IsClassic(string name, bool allowsColon) =>
        !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (allowsColon && c == ':'));

    private static void WriteName(string name, bool isClassic, ByteWriter output)
    {
        if (isClassic)
        {
            Append(name, output);
        }
        else
        {
            WriteQuoted(name, output);
        }
    }

    private static void WriteQuoted(string text, ByteWriter output)
    {
        output.WriteByte((byte)'"');
        output.WriteBytes(EscapedText.Of(Encoding.UTF8.GetBytes(text)));
        output.WriteByte((byte)'"');
    }

    private static void Append(string text, ByteWriter output) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));
}
