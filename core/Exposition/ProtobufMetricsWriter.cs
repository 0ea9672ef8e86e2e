using System.Buffers;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Writes families of counters and gauges as delimited <c>io.prometheus.client.MetricFamily</c> messages.</summary>
/// <param name="output">Where the messages go.</param>
public sealed class ProtobufMetricsWriter(IBufferWriter<byte> output) : MetricsWriter
{
    private readonly ProtobufWriter writer = new();
    private FamilyType type;
    private int samples;

    /// <inheritdoc/>
    public override void WriteFamily(string name, string type, string help = "")
    {
        WriteEnd();
        this.type = TypeOf(type);
        writer.BeginFamily(MetricNames.EscapeMetricName(name), this.type, help);
    }

    /// <inheritdoc/>
    public override void WriteSample(string name, double value, params ReadOnlySpan<Label> labels)
    {
        writer.WriteMetric(labels, type, value, timestampMs: null);
        samples++;
    }

    /// <summary>Ends the last family; one without samples leaves no trace, because the format has none.</summary>
    public override void WriteEnd()
    {
        if (samples > 0)
        {
            output.Write(writer.EndFamily());
            samples = 0;
        }
    }

    /// <summary>The type by its name; what is neither counter nor gauge is written sample by sample, untyped.</summary>
    internal static FamilyType TypeOf(string type) =>
        type switch
        {
            "counter" => FamilyType.Counter,
            "gauge" => FamilyType.Gauge,
            _ => FamilyType.Untyped,
        };
}
