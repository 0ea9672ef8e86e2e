using Tributary.Configuration.Rules;
using Tributary.Model;

namespace Tributary.Rules;

/// <summary>The state of a group from its last batch in the log, whichever process wrote it, and from what else is known.</summary>
/// <remarks>
/// The batch says which series and alerts there are and since when; when an alert began to fire and what people were told,
/// only who evaluated knows, or the group's row.
/// </remarks>
internal static class ChainState
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>The state behind a batch.</summary>
    /// <param name="group">The group as it is now.</param>
    /// <param name="batch">Its last batch that counts.</param>
    /// <param name="facts">What else is known, of that or an earlier time.</param>
    public static GroupState Of(RuleGroupConfig group, Batch batch, GroupState facts)
    {
        var rules = group.Rules.Select(_ => new Found()).ToArray();
        var left = new List<RuleSeries>();
        var cursor = 0;
        for (var i = 0; !batch.Report.IsEnding && i < batch.Scraped.Count; i++)
        {
            var columns = batch.Scraped;
            var histogram = columns.Histograms.IsEmpty ? null : columns.Histograms.Span[i];
            var sample = new RuleSample(columns.Series[i], columns.Values.Span[i], histogram);
            if (sample.IsStale)
            {
                continue;
            }
            // The samples are in the order of the rules.
            var position = Find(group, sample.Labels, cursor);
            if (position < 0)
            {
                left.Add(sample.Series);
                continue;
            }
            cursor = position;
            rules[position].Add(group.Rules[position], sample);
        }
        var states = new RuleState[rules.Length];
        for (var i = 0; i < states.Length; i++)
        {
            var bare = rules[i].Alerts(group.Rules[i], batch.TickMs);
            states[i] = new RuleState(rules[i].Series, Join(bare, facts.Rules[i].Alerts, facts.TickMs, batch.TickMs));
        }
        return new GroupState(batch.TickMs, states) { Left = left };
    }

    /// <summary>A state with what the group's row knows more.</summary>
    /// <param name="group">The group.</param>
    /// <param name="state">The state; without an evaluation the row is all that is known.</param>
    /// <param name="row">The row.</param>
    public static GroupState With(RuleGroupConfig group, GroupState state, GroupRow row)
    {
        var byRule = group.Rules.Select(_ => new List<ActiveAlert>()).ToArray();
        foreach (var (position, alert) in row.Alerts)
        {
            var isThere = position < byRule.Length && IsOf(group.Rules[position], alert.Labels);
            var found = isThere ? position : group.Rules.ToList().FindIndex(rule => IsOf(rule, alert.Labels));
            if (found >= 0)
            {
                byRule[found].Add(alert);
            }
        }
        var tickMs = state.TickMs == 0 ? row.TickMs : state.TickMs;
        return state with
        {
            TickMs = tickMs,
            Rules =
            [
                .. state.Rules.Select(
                    (rule, i) =>
                        rule with
                        {
                            Alerts = state.TickMs == 0 ? byRule[i] : Join(rule.Alerts, byRule[i], row.TickMs, tickMs),
                        }
                ),
            ],
        };
    }

    /// <summary>Alerts as the log has them, with what is known of them; and those that are over and still to be told of.</summary>
    private static IReadOnlyList<ActiveAlert> Join(
        IReadOnlyList<ActiveAlert> alerts,
        IReadOnlyList<ActiveAlert> facts,
        long factsMs,
        long tickMs
    )
    {
        if (facts.Count == 0)
        {
            return alerts;
        }
        var known = facts.ToDictionary(alert => alert.Labels);
        var joined = new List<ActiveAlert>(alerts.Count);
        foreach (var alert in alerts)
        {
            joined.Add(
                !known.Remove(alert.Labels, out var fact) ? alert
                : fact.ActiveAtMs / TimeSpan.MillisecondsPerSecond == alert.ActiveAtMs / TimeSpan.MillisecondsPerSecond
                    ? Join(alert, fact, tickMs)
                : Anew(alert, fact, factsMs, tickMs)
            );
        }
        foreach (var fact in facts)
        {
            if (!known.ContainsKey(fact.Labels) || factsMs > tickMs)
            {
                continue;
            }
            if (fact.State is AlertState.Inactive)
            {
                joined.Add(fact);
            }
            else if (fact.State is AlertState.Firing && factsMs < tickMs)
            {
                joined.Add(fact with { State = AlertState.Inactive, ResolvedAtMs = tickMs });
            }
            else if (fact.IsEndUntold)
            {
                joined.Add(fact with { State = AlertState.Inactive });
            }
        }
        return joined;
    }

    /// <summary>An alert that begins anew; whoever was told that the one before fires has still to hear that it is over.</summary>
    /// <remarks>The batch may follow from one that lost against a later one, so that nobody evaluated the end.</remarks>
    private static ActiveAlert Anew(ActiveAlert alert, ActiveAlert fact, long factsMs, long tickMs)
    {
        if (alert.State is not AlertState.Pending || factsMs > tickMs)
        {
            return alert;
        }
        var overAtMs = fact.State is AlertState.Firing ? tickMs : fact.ResolvedAtMs;
        return overAtMs > fact.LastSentMs
            ? alert with
            {
                FiredAtMs = fact.FiredAtMs,
                ResolvedAtMs = overAtMs,
                LastSentMs = fact.LastSentMs,
            }
            : alert;
    }

    private static ActiveAlert Join(ActiveAlert alert, ActiveAlert fact, long tickMs)
    {
        var isFiring = alert.State is AlertState.Firing;
        if (!isFiring && (alert.ResolvedAtMs > 0 || fact is { State: AlertState.Pending, ResolvedAtMs: > 0 }))
        {
            var former = alert.ResolvedAtMs > 0 ? alert : fact;
            return alert with
            {
                ActiveAtMs = fact.ActiveAtMs,
                Annotations = alert.Annotations.Count == 0 ? fact.Annotations : alert.Annotations,
                Value = double.IsNaN(alert.Value) ? fact.Value : alert.Value,
                FiredAtMs = former.FiredAtMs,
                ResolvedAtMs = former.ResolvedAtMs,
                LastSentMs = Math.Max(fact.LastSentMs, alert.LastSentMs),
            };
        }
        var hasFired = isFiring && fact is { State: AlertState.Firing, FiredAtMs: > 0 } && fact.FiredAtMs <= tickMs;
        return alert with
        {
            ActiveAtMs = fact.ActiveAtMs,
            Annotations = alert.Annotations.Count == 0 ? fact.Annotations : alert.Annotations,
            Value = double.IsNaN(alert.Value) ? fact.Value : alert.Value,
            FiredAtMs = hasFired ? fact.FiredAtMs : alert.FiredAtMs,
            KeepFiringSinceMs = hasFired && fact.KeepFiringSinceMs <= tickMs ? fact.KeepFiringSinceMs : 0,
            LastSentMs = isFiring ? Math.Max(fact.LastSentMs, alert.LastSentMs) : 0,
        };
    }

    private static bool IsOf(RuleConfig rule, LabelSet alert) =>
        rule.Alert is not null && ResultLabels.MayBeOf(rule, ResultLabels.ForState(rule, alert));

    private static int Find(RuleGroupConfig group, LabelSet series, int cursor)
    {
        for (var i = 0; i < group.Rules.Count; i++)
        {
            var position = (cursor + i) % group.Rules.Count;
            if (ResultLabels.MayBeOf(group.Rules[position], series))
            {
                return position;
            }
        }
        return -1;
    }

    /// <summary>What a batch has of one rule.</summary>
    private sealed class Found
    {
        private readonly Dictionary<LabelSet, double> activeAt = [];
        private readonly Dictionary<LabelSet, AlertState> states = [];

        public List<RuleSeries> Series { get; } = [];

        public void Add(RuleConfig rule, RuleSample sample)
        {
            Series.Add(sample.Series);
            if (rule.Alert is null)
            {
                return;
            }
            var alert = ResultLabels.AlertOf(rule, sample.Labels);
            if (string.Equals(sample.Labels.MetricName, ResultLabels.AlertsForState, StringComparison.Ordinal))
            {
                activeAt[alert] = sample.Value;
                return;
            }
            var isFiring = string.Equals(
                sample.Labels.Get(ResultLabels.AlertStateName),
                ResultLabels.NameOf(AlertState.Firing),
                StringComparison.Ordinal
            );
            states[alert] = isFiring ? AlertState.Firing : AlertState.Pending;
        }

        public List<ActiveAlert> Alerts(RuleConfig rule, long tickMs)
        {
            var alerts = new List<ActiveAlert>(activeAt.Count);
            foreach (var (labels, seconds) in activeAt)
            {
                var atMs = (long)(seconds * MillisecondsPerSecond);
                var state = states.GetValueOrDefault(labels, AlertState.Pending);
                alerts.Add(
                    new ActiveAlert
                    {
                        Labels = labels,
                        State = state,
                        Value = double.NaN,
                        ActiveAtMs = atMs,
                        FiredAtMs =
                            state is AlertState.Firing ? Math.Min(tickMs, atMs + (long)rule.For.TotalMilliseconds) : 0,
                    }
                );
            }
            return alerts;
        }
    }
}
