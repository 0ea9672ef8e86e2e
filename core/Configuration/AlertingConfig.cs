namespace Tributary.Configuration;

/// <summary>The section <c>alerting</c>: who gets alerts.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alertmanager_config</remarks>
public sealed record AlertingConfig;
