using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Histograms;

namespace Tributary.Exports;

/// <summary>Rows as in RFC 4180, in UTF-8: timestamp, a column for each label in the order of the names, value.</summary>
/// <remarks>
/// A line ends with a newline alone. A text stands in quotes where it has a comma, a quote or a line break in it, or blanks at
/// its ends; quotes in it are doubled; nothing else is changed. A label that a series has not is an empty field. A native
/// histogram is the text that Prometheus shows of it.
/// </remarks>
internal sealed class CsvRows : RowWriter
{
    private const string TimeColumn = "timestamp";
    private const string ValueColumn = "value";
    private readonly TimeText times = new();
    private readonly ByteWriter labels = new();
    private string[] columns = [];

    /// <inheritdoc/>
    public override void Begin(IReadOnlyList<SpilledSeries> series, ByteWriter output)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in series)
        {
            foreach (var label in one.Labels.Labels)
            {
                names.Add(label.Name);
            }
        }
        columns = [.. names];
        Array.Sort(columns, Utf8Order.Compare);
        output.WriteBytes("timestamp"u8);
        foreach (var column in columns)
        {
            output.WriteByte((byte)',');
            var shown = column;
            // As Prometheus does with labels of one name.
            while (shown is TimeColumn or ValueColumn || (shown != column && names.Contains(shown)))
            {
                shown = "exported_" + shown;
            }
            WriteText(shown, output);
        }
        output.WriteBytes(",value\n"u8);
    }

    /// <inheritdoc/>
    public override void BeginSeries(LabelSet series, ByteWriter output)
    {
        labels.Clear();
        foreach (var column in columns)
        {
            labels.WriteByte((byte)',');
            if (series.Get(column) is { } value)
            {
                WriteText(value, labels);
            }
        }
        labels.WriteByte((byte)',');
    }

    /// <inheritdoc/>
    public override void End(ByteWriter output) { }

    /// <inheritdoc/>
    protected override void Write(long timestampMs, double value, ByteWriter output)
    {
        times.Write(timestampMs, output);
        output.WriteBytes(labels.WrittenSpan);
        output.Advance(FloatFormat.FormatPlain(value, output.Reserve(FloatFormat.MaxLength)));
        output.WriteByte((byte)'\n');
        Rows++;
    }

    /// <inheritdoc/>
    protected override void Write(long timestampMs, Histogram value, ByteWriter output)
    {
        times.Write(timestampMs, output);
        output.WriteBytes(labels.WrittenSpan);
        WriteText(HistogramText.Of(value), output);
        output.WriteByte((byte)'\n');
        Rows++;
    }

    private static void WriteText(string text, ByteWriter output)
    {
        var needsQuotes = text.AsSpan().ContainsAny("\",\r\n\t") || text.StartsWith(' ') || text.EndsWith(' ');
        if (!needsQuotes)
        {
            Append(text, output);
            return;
        }
        output.WriteByte((byte)'"');
        Append(text.Replace("\"", "\"\"", StringComparison.Ordinal), output);
        output.WriteByte((byte)'"');
    }

    private static void Append(string text, ByteWriter output) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));
}
