using System.Buffers;
using System.Text;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Writes families and samples in text format 0.0.4, or as OpenMetrics.</summary>
/// <remarks>
/// See <see href="https://prometheus.io/docs/instrumenting/exposition_formats/"/> and
/// <see href="https://prometheus.io/docs/specs/om/open_metrics_spec/"/>.
/// </remarks>
/// <param name="output">Where the text goes.</param>
/// <param name="isOpenMetrics">Whether it is OpenMetrics; then <see cref="WriteEnd"/> comes last.</param>
public sealed class TextFormatWriter(IBufferWriter<byte> output, bool isOpenMetrics = false) : MetricsWriter
{
    private const string CounterSuffix = "_total";

    /// <inheritdoc/>
    public override void WriteFamily(string name, string type, string help = "")
    {
        var family = MetricNames.EscapeMetricName(name);
        if (isOpenMetrics)
        {
            // There a counter's family lacks the suffix of its samples, and quotes are escaped in help texts too.
            family =
                type is "counter" && family.EndsWith(CounterSuffix, StringComparison.Ordinal)
                    ? family[..^CounterSuffix.Length]
                    : family;
            type = type is "untyped" ? "unknown" : type;
        }
        if (help.Length > 0)
        {
            var escaped = EscapeHelp(help);
            escaped = isOpenMetrics ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
            Write($"# HELP {family} {escaped}\n");
        }
        Write($"# TYPE {family} {type}\n");
    }

    /// <summary>Ends an OpenMetrics body; text 0.0.4 has no end.</summary>
    public override void WriteEnd()
    {
        if (isOpenMetrics)
        {
            Write("# EOF\n");
        }
    }

    /// <inheritdoc/>
    public override void WriteSample(string name, double value, params ReadOnlySpan<Label> labels)
    {
        Write(MetricNames.EscapeMetricName(name));
        var separator = "{"u8;
        foreach (var label in labels)
        {
            output.Write(separator);
            output.Write(label.Text);
            separator = ","u8;
        }
        output.Write(labels.IsEmpty ? " "u8 : "} "u8);
        output.Advance(FloatFormat.Format(value, output.GetSpan(FloatFormat.MaxLength)));
        output.Write("\n"u8);
    }

    /// <summary>A help text with the escapes of text format 0.0.4.</summary>
    public static string EscapeHelp(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
