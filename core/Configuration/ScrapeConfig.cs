namespace Tributary.Configuration;

/// <summary>A job: sources that are scraped alike.</summary>
public sealed record ScrapeConfig
{
    /// <summary>The unique name, and the default of the label <c>job</c>.</summary>
    public required string JobName { get; init; }

    /// <summary>The time between two scrapes; not zero.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The limit of one scrape; not zero and not above <see cref="ScrapeInterval"/>.</summary>
    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The path of the URL, unescaped.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>The URL's parameters, in the order of the file.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Params { get; init; } =
        new OrderedDictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether a series' own label wins over the target's label of the same name.</summary>
    public bool HonorLabels { get; init; }

    /// <summary>Whether timestamps in the body count.</summary>
    public bool HonorTimestamps { get; init; } = true;

    /// <summary>The targets.</summary>
    public IReadOnlyList<StaticConfig> StaticConfigs { get; init; } = [];
}
