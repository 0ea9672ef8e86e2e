using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;

namespace Tributary.Exports;

/// <summary>Which rule groups that an export can touch have still to be evaluated for a run.</summary>
/// <param name="groups">The groups, and when each was evaluated last.</param>
/// <param name="rules">How long evaluations that nobody made are made up for.</param>
/// <param name="schedule">When groups are due; null when that is not known: then an interval says it.</param>
/// <param name="time">The clock.</param>
internal sealed class RuleCoverage(
    Func<IReadOnlyList<RuleGroupStatus>> groups,
    Func<RulesConfig> rules,
    TickSchedule? schedule,
    TimeProvider time
)
{
    /// <summary>So many groups are named.</summary>
    private const int MaxListed = 1000;

    /// <summary>What is missing of the results of rules.</summary>
    /// <param name="config">The export.</param>
    /// <param name="timeMs">The scheduled time of the run, which is the end of what it exports.</param>
    public IReadOnlyList<ExportGap> Missing(ExportConfig config, long timeMs)
    {
        var startMs = Exporter.RangeOf(config, timeMs).MinMs - 1;
        return
        [
            .. groups()
                .Where(group => IsTouched(config.Selectors, group.Config))
                .Select(group => Gap(group, startMs, timeMs))
                .OfType<ExportGap>()
                .Take(MaxListed),
        ];
    }

    private ExportGap? Gap(RuleGroupStatus status, long startMs, long timeMs)
    {
        var group = status.Config;
        var key = SourceKey.RulesOf(group.File, group.Name);
        var (lastMs, intervalMs) = (status.LastEvaluationMs, (long)group.Interval.TotalMilliseconds);
        var offsetMs = (long)group.QueryOffset.TotalMilliseconds;
        // Samples of an evaluation have its time less the offset.
        var untilMs = timeMs + offsetMs;
        var neededMs = schedule?.TickAtOrBefore(key, group.Interval, untilMs) ?? untilMs - intervalMs + 1;
        if (lastMs >= neededMs)
        {
            return null;
        }
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        // The last one that is due is made however old it is; one with a later one behind it is not.
        var isOver =
            neededMs + (2 * intervalMs) <= nowMs && neededMs < nowMs - (long)rules().MaxCatchUp.TotalMilliseconds;
        if (isOver && lastMs == 0)
        {
            // Of what was before the group, or before what is known of it, nothing is missed.
            return null;
        }
        return new ExportGap(
            key,
            Math.Max(lastMs - offsetMs, startMs),
            timeMs,
            IsOpen: !isOver,
            isOver ? "the rules were not evaluated then" : "the rules are not evaluated up to here yet"
        );
    }

    /// <summary>Whether a selector can match what a rule of the group gives; when that is not certain, it can.</summary>
    internal static bool IsTouched(IReadOnlyList<VectorSelector> selectors, RuleGroupConfig group) =>
        group.Rules.Any(rule => selectors.Any(selector => CanMatch(selector, rule)));

    private static bool CanMatch(VectorSelector selector, RuleConfig rule)
    {
        foreach (var matcher in selector.Matchers)
        {
            var isPossible = matcher.Name switch
            {
                LabelSet.MetricNameLabel => rule.Record is { } name
                    ? matcher.Matches(name)
                    : matcher.Matches(ResultLabels.Alerts) || matcher.Matches(ResultLabels.AlertsForState),
                ResultLabels.AlertName when rule.Alert is { } alert => matcher.Matches(alert),
                ResultLabels.AlertStateName when rule.Alert is not null => true,
                _ => MayHave(rule, matcher),
            };
            if (!isPossible)
            {
                return false;
            }
        }
        return true;
    }

    private static bool MayHave(RuleConfig rule, LabelMatcher matcher)
    {
        foreach (var label in rule.Labels)
        {
            if (string.Equals(label.Name, matcher.Name, StringComparison.Ordinal))
            {
                return (rule.Alert is not null && ResultLabels.IsTemplate(label.Value)) || matcher.Matches(label.Value);
            }
        }
        return true;
    }
}
