namespace Tributary.Exposition;

/// <summary>The type of a family, by protobuf's numbers (<c>io.prometheus.client.MetricType</c>).</summary>
internal enum FamilyType
{
    /// <summary>A counter.</summary>
    Counter,

    /// <summary>A gauge.</summary>
    Gauge,

    /// <summary>A summary.</summary>
    Summary,

    /// <summary>Anything.</summary>
    Untyped,

    /// <summary>A histogram of either kind.</summary>
    Histogram,

    /// <summary>A histogram whose counts fall, too.</summary>
    GaugeHistogram,
}
