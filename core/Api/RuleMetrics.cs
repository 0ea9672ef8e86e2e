using Tributary.Exposition;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Api;

/// <summary>Rule groups as metrics, under the names and with the label that Prometheus has.</summary>
internal static class RuleMetrics
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>Writes the families; nothing without groups.</summary>
    public static void Write(MetricsWriter text, IReadOnlyList<RuleGroupStatus> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }
        Family(
            text,
            groups,
            "rule_group_interval_seconds",
            "gauge",
            "The interval of a rule group.",
            group => group.Config.Interval.TotalSeconds
        );
        Family(text, groups, "rule_group_rules", "gauge", "The number of rules.", group => group.Config.Rules.Count);
        Family(
            text,
            groups,
            "rule_group_iterations_total",
            "counter",
            "The total number of scheduled rule group evaluations, whether executed or missed.",
            group => group.Evaluations + group.Missed
        );
        Family(
            text,
            groups,
            "rule_group_iterations_missed_total",
            "counter",
            "The total number of rule group evaluations that were left out, because they were too long ago.",
            group => group.Missed
        );
        Family(
            text,
            groups,
            "rule_evaluations_total",
            "counter",
            "The total number of rule evaluations.",
            group => group.RuleEvaluations
        );
        Family(
            text,
            groups,
            "rule_evaluation_failures_total",
            "counter",
            "The total number of rule evaluation failures.",
            group => group.RuleFailures
        );
        WriteLast(text, groups);
    }

    private static void WriteLast(MetricsWriter text, IReadOnlyList<RuleGroupStatus> groups)
    {
        Family(
            text,
            groups,
            "rule_group_last_evaluation_timestamp_seconds",
            "gauge",
            "The timestamp of the last rule group evaluation in seconds.",
            group => group.StartedMs / MillisecondsPerSecond
        );
        Family(
            text,
            groups,
            "rule_group_last_duration_seconds",
            "gauge",
            "The duration of the last rule group evaluation.",
            group => group.EvaluationTime.TotalSeconds
        );
        Family(
            text,
            groups,
            "rule_group_last_evaluation_samples",
            "gauge",
            "The number of samples returned during the last rule group evaluation.",
            group => group.Samples
        );
    }

    private static void Family(
        MetricsWriter text,
        IReadOnlyList<RuleGroupStatus> groups,
        string name,
        string type,
        string help,
        Func<RuleGroupStatus, double> value
    )
    {
        name = $"prometheus_{name}";
        text.WriteFamily(name, type, help);
        foreach (var group in groups)
        {
            text.WriteSample(name, value(group), new Label("rule_group", $"{group.Config.File};{group.Config.Name}"));
        }
    }
}
