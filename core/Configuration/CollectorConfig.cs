using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;
using Tributary.Costs;

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

    /// <summary>What queries may use.</summary>
    public QueryConfig Query { get; init; } = new();

    /// <summary>The section <c>tributary.web</c>.</summary>
    public WebConfig Web { get; init; } = new();

    /// <summary>The section <c>tributary.backfill</c>.</summary>
    public BackfillConfig Backfill { get; init; } = BackfillConfig.Default;

    /// <summary>What is kept.</summary>
    public StorageConfig Storage { get; init; } = new();

    /// <summary>How far back samples are accepted: <c>storage.tsdb.out_of_order_time_window</c>, else 6 h.</summary>
    public TimeSpan OutOfOrderTimeWindow { get; init; } = TimeSpan.FromHours(6);

    /// <summary>The groups of <c>rule_files</c>, in the order of the files.</summary>
    public IReadOnlyList<RuleGroupConfig> RuleGroups { get; init; } = [];

    /// <summary>The section <c>tributary.rules</c>.</summary>
    public RulesConfig Rules { get; init; } = new();

    /// <summary>The section <c>alerting</c>.</summary>
    public AlertingConfig Alerting { get; init; } = new();

    /// <summary>The section <c>remote_write</c>, in the order of the file; names are unique.</summary>
    public IReadOnlyList<RemoteWriteConfig> RemoteWrites { get; init; } = [];

    /// <summary>Log files that a destination of remote write has not taken are kept for so long.</summary>
    public TimeSpan RemoteWriteMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The section <c>tributary.exports</c>, in the order of the file; names are unique.</summary>
    public IReadOnlyList<ExportConfig> Exports { get; init; } = [];

    /// <summary>What things cost.</summary>
    public CostSettings Costs { get; init; } = new();

    /// <summary>What is in the file and not served, each with its place.</summary>
    public IReadOnlyList<ConfigError> Warnings { get; init; } = [];

    /// <summary>The configuration as YAML with defaults filled in and secrets shown as <c>&lt;secret&gt;</c>.</summary>
    public string EffectiveYaml { get; init; } = "";
}
