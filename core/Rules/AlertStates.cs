using System.Globalization;
using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>Moves the alerts of one rule on by one evaluation.</summary>
internal static class AlertStates
{
    /// <summary>The alerts behind an evaluation; resolved ones stay for a while.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">The alerts before it.</param>
    /// <param name="given">What the query gave, as alerts that begin now.</param>
    /// <param name="tickMs">The time of the evaluation, milliseconds since the epoch.</param>
    public static IReadOnlyList<ActiveAlert> Next(
        RuleConfig rule,
        IReadOnlyList<ActiveAlert> before,
        IReadOnlyList<ActiveAlert> given,
        long tickMs
    )
    {
        var waiting = given.ToDictionary(alert => alert.Labels);
        var next = new List<ActiveAlert>(Math.Max(before.Count, given.Count));
        foreach (var known in before)
        {
            if (!waiting.Remove(known.Labels, out var alert))
            {
                Add(next, Missing(rule, known, tickMs), rule, tickMs);
            }
            else if (known.State is AlertState.Inactive)
            {
                Add(next, alert, rule, tickMs);
            }
            else
            {
                Add(
                    next,
                    known with
                    {
                        Value = alert.Value,
                        Annotations = alert.Annotations,
                        KeepFiringSinceMs = 0,
                    },
                    rule,
                    tickMs
                );
            }
        }
        foreach (var alert in given)
        {
            if (waiting.ContainsKey(alert.Labels))
            {
                Add(next, alert, rule, tickMs);
            }
        }
        return next;
    }

    /// <summary>The samples of the alerts that are not over.</summary>
    public static List<RuleSample> Samples(RuleConfig rule, IReadOnlyList<ActiveAlert> alerts)
    {
        var samples = new List<RuleSample>(2 * alerts.Count);
        foreach (var alert in alerts)
        {
            if (alert.State is not AlertState.Inactive)
            {
                var seconds = Math.Floor(alert.ActiveAtMs / (double)TimeSpan.MillisecondsPerSecond);
                samples.Add(new RuleSample(ResultLabels.State(rule, alert.Labels, alert.State), 1));
                samples.Add(new RuleSample(ResultLabels.ForState(rule, alert.Labels), seconds));
            }
        }
        return samples;
    }

    /// <summary>Refuses more alerts than a limit.</summary>
    /// <exception cref="LimitException">There are more.</exception>
    public static void Limit(int limit, IReadOnlyList<ActiveAlert> alerts)
    {
        var active = alerts.Count(alert => alert.State is not AlertState.Inactive);
        if (limit > 0 && active > limit)
        {
            throw new LimitException(
                string.Create(CultureInfo.InvariantCulture, $"exceeded limit of {limit} with {active} alerts")
            );
        }
    }

    /// <summary>An alert that the query gives no more; null when it is forgotten.</summary>
    private static ActiveAlert? Missing(RuleConfig rule, ActiveAlert known, long tickMs)
    {
        switch (known.State)
        {
            case AlertState.Firing when rule.KeepFiringFor > TimeSpan.Zero:
                var sinceMs = known.KeepFiringSinceMs == 0 ? tickMs : known.KeepFiringSinceMs;
                return tickMs - sinceMs < (long)rule.KeepFiringFor.TotalMilliseconds
                    ? known with
                    {
                        KeepFiringSinceMs = sinceMs,
                    }
                    : Resolved(known, tickMs);
            case AlertState.Firing:
                return Resolved(known, tickMs);
            case AlertState.Inactive:
                return tickMs - known.ResolvedAtMs > (long)ActiveAlert.ResolvedRetention.TotalMilliseconds
                    ? null
                    : known;
            default:
                return known.IsEndUntold ? known with { State = AlertState.Inactive } : null;
        }
    }

    private static ActiveAlert Resolved(ActiveAlert known, long tickMs) =>
        known with
        {
            State = AlertState.Inactive,
            ResolvedAtMs = tickMs,
        };

    private static void Add(List<ActiveAlert> next, ActiveAlert? alert, RuleConfig rule, long tickMs)
    {
        if (alert is not null)
        {
            next.Add(alert.State is AlertState.Inactive ? alert : Timed(rule, alert, tickMs));
        }
    }

    /// <summary>Fires when it is active for long enough; goes back when <c>for</c> became longer.</summary>
    private static ActiveAlert Timed(RuleConfig rule, ActiveAlert alert, long tickMs)
    {
        var isDue = tickMs - alert.ActiveAtMs >= (long)rule.For.TotalMilliseconds;
        return alert.State switch
        {
            AlertState.Pending when isDue => alert with
            {
                State = AlertState.Firing,
                FiredAtMs = tickMs,
                ResolvedAtMs = 0,
            },
            AlertState.Firing when !isDue => alert with
            {
                State = AlertState.Pending,
                FiredAtMs = 0,
                LastSentMs = 0,
                KeepFiringSinceMs = 0,
            },
            _ => alert,
        };
    }
}
