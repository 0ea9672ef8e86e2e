using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Writes families of counters and gauges and their samples, in one of the formats.</summary>
public abstract class MetricsWriter
{
    /// <summary>Type and help text of a family.</summary>
    /// <param name="name">The family's name; what text format 0.0.4 does not allow is replaced.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c>, <c>histogram</c>, <c>summary</c> or <c>untyped</c>.</param>
    /// <param name="help">The help text, unescaped; empty for none.</param>
    public abstract void WriteFamily(string name, string type, string help = "");

    /// <summary>One sample of the family, without a timestamp.</summary>
    /// <param name="name">The metric name; what text format 0.0.4 does not allow is replaced.</param>
    /// <param name="value">The value.</param>
    /// <param name="labels">Labels with plain names, in the order given.</param>
    public abstract void WriteSample(string name, double value, params ReadOnlySpan<Label> labels);

    /// <summary>Ends the body.</summary>
    public abstract void WriteEnd();
}
