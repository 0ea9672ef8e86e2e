using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;

namespace Tributary.Configuration;

/// <summary>The section <c>alerting</c>: who gets alerts.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alertmanager_config</remarks>
public sealed record AlertingConfig
{
    /// <summary>Rules over the labels of alerts, external ones included, before they go to any Alertmanager.</summary>
    public IReadOnlyList<RelabelConfig> AlertRelabelConfigs { get; init; } = [];

    /// <summary>The Alertmanagers, in the order of the file.</summary>
    public IReadOnlyList<AlertmanagerConfig> Alertmanagers { get; init; } = [];
}

/// <summary>Alertmanagers that are found and asked alike.</summary>
public sealed record AlertmanagerConfig
{
    /// <summary>How long one request may take; not zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What stands before <c>/api/v2/alerts</c> in the path.</summary>
    public string PathPrefix { get; init; } = "";

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>How they are asked.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;

    /// <summary>Rules over the labels of Alertmanagers.</summary>
    public IReadOnlyList<RelabelConfig> RelabelConfigs { get; init; } = [];

    /// <summary>Rules over the labels of alerts for these Alertmanagers, behind those for all.</summary>
    public IReadOnlyList<RelabelConfig> AlertRelabelConfigs { get; init; } = [];

    /// <summary>How they are found: a job of which nothing but its ways to find targets counts; its name is the number of the item, from 1.</summary>
    public required ScrapeConfig Discovery { get; init; }
}
