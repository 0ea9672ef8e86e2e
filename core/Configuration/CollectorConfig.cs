namespace Tributary.Configuration;

/// <summary>A configuration file, checked, with every default filled in.</summary>
public sealed record CollectorConfig
{
    /// <summary>The section <c>global</c>.</summary>
    public GlobalConfig Global { get; init; } = new();

    /// <summary>The section <c>scrape_configs</c>, in the order of the file; job names are unique.</summary>
    public IReadOnlyList<ScrapeConfig> ScrapeConfigs { get; init; } = [];

    /// <summary>The section <c>tributary.federate</c>.</summary>
    public FederateConfig Federate { get; init; } = new();
}
