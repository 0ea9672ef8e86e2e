using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>Which alerts are sent behind an evaluation.</summary>
/// <param name="Alerts">What is sent.</param>
/// <param name="State">The state in which that is noted.</param>
internal sealed record AlertNotices(IReadOnlyList<FiringAlert> Alerts, GroupState State)
{
    /// <summary>An alert that is not heard of again counts as over behind so many of the greater of interval and delay.</summary>
    private const int ValidFor = 4;

    /// <summary>The alerts that are due.</summary>
    /// <param name="group">The group.</param>
    /// <param name="state">Its state behind the evaluation.</param>
    /// <param name="rules">How its rules went: of one without a result nothing is sent; null is all went well.</param>
    /// <param name="pace">How often alerts are sent again, and when it is now.</param>
    public static AlertNotices Of(
        RuleGroupConfig group,
        GroupState state,
        IReadOnlyList<RuleStatus>? rules,
        NoticePace pace
    )
    {
        var alerts = new List<FiringAlert>();
        var states = new RuleState[state.Rules.Count];
        var everyMs = Math.Max((long)group.Interval.TotalMilliseconds, pace.ResendMs);
        var validUntilMs = Math.Max(state.TickMs, pace.NowMs) + (ValidFor * everyMs);
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = state.Rules[i];
            if (group.Rules[i].Alert is null || rules is not null && rules[i].Health is not RuleHealth.Good)
            {
                continue;
            }
            var sent = new List<ActiveAlert>(states[i].Alerts.Count);
            foreach (var alert in states[i].Alerts)
            {
                if (!IsDue(alert, state.TickMs, pace))
                {
                    sent.Add(alert);
                    continue;
                }
                sent.Add(alert with { LastSentMs = state.TickMs });
                var isResolved = alert.State is not AlertState.Firing;
                alerts.Add(
                    new FiringAlert(
                        group.Rules[i],
                        alert.Labels,
                        alert.Annotations,
                        alert.FiredAtMs,
                        isResolved ? alert.ResolvedAtMs : validUntilMs,
                        isResolved
                    )
                );
            }
            states[i] = states[i] with { Alerts = sent };
        }
        return new AlertNotices(alerts, alerts.Count == 0 ? state : state with { Rules = states });
    }

    private static bool IsDue(ActiveAlert alert, long tickMs, NoticePace pace) =>
        alert.IsEndUntold
        || alert.State is not AlertState.Pending
            && (
                alert.ResolvedAtMs > alert.LastSentMs
                || alert.FiredAtMs > alert.LastSentMs
                || (!pace.IsOnlyNew && alert.LastSentMs + pace.ResendMs < tickMs)
            );
}

/// <summary>How often alerts are sent.</summary>
/// <param name="ResendMs">An alert of which nothing is new is sent again no more often.</param>
/// <param name="NowMs">The present, milliseconds since the epoch.</param>
/// <param name="IsOnlyNew">Whether only alerts are sent of which something is new: evaluations of the past are made up for.</param>
internal readonly record struct NoticePace(long ResendMs, long NowMs, bool IsOnlyNew);
