namespace Tributary.Exposition;

/// <summary>The formats that are read.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text, 0.0.4 and 1.0.0: they differ only in what a source may write.</summary>
    Text,

    /// <summary>OpenMetrics 0.0.1 and 1.0.0.</summary>
    OpenMetrics,

    /// <summary>Delimited protobuf messages, <c>io.prometheus.client.MetricFamily</c>.</summary>
    Protobuf,
}
