using Tributary.Model;

namespace Tributary.Configuration.Rules;

/// <summary>One group of a rule file; its rules are evaluated in their order, all at one time.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/</remarks>
/// <param name="File">The file, as the configuration names it.</param>
/// <param name="Name">The name, unique in its file.</param>
public sealed record RuleGroupConfig(string File, string Name)
{
    /// <summary>How often; <c>global.evaluation_interval</c> when the group says nothing.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Queries look at a time so much before; <c>global.rule_query_offset</c> when the group says nothing.</summary>
    public TimeSpan QueryOffset { get; init; }

    /// <summary>The most series or alerts of one rule; 0 is no limit.</summary>
    public int Limit { get; init; }

    /// <summary>Labels for all results, as they are written; each rule's <see cref="RuleConfig.Labels"/> has them already.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>The rules.</summary>
    public IReadOnlyList<RuleConfig> Rules { get; init; } = [];
}
