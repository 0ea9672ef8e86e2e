using System.Globalization;
using System.Text;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;

namespace Tributary.Rules;

/// <summary>Since when alerts are active of which only the store knows, behind a time in which nobody evaluated.</summary>
/// <remarks>
/// Evaluations that were missed are made up for, so this is for what lies before them: an outage longer than is made up for,
/// a group under a new name. The time before counts, as in Prometheus, if the outage was not too long; the outage does not;
/// and what did not fire before has a grace period.
/// </remarks>
/// <param name="settings">How long an outage may be, and the grace period.</param>
internal sealed class ForStates(RuleSettings settings)
{
    /// <summary>Gives alerts that begin now the beginning that the store has of them.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="alerts">The alerts.</param>
    /// <param name="tickMs">The time of the evaluation, milliseconds since the epoch.</param>
    /// <param name="queries">Knows what is stored.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public async Task<IReadOnlyList<ActiveAlert>> RestoreAsync(
        RuleConfig rule,
        IReadOnlyList<ActiveAlert> alerts,
        long tickMs,
        QueryEngine queries,
        CancellationToken cancellationToken
    )
    {
        if (rule.For < settings.ForGracePeriod || alerts.Count == 0)
        {
            return alerts;
        }
        var selector = SelectorOf(rule);
        // Results of earlier rules at this very time are none of the past.
        var beforeMs = tickMs - 1;
        IReadOnlyList<RuleSample> values;
        IReadOnlyList<RuleSample> times;
        try
        {
            values = await AskAsync(selector);
            times = values.Count == 0 ? [] : await AskAsync($"timestamp({selector})");
        }
        catch (RuleException)
        {
            // As in Prometheus: what cannot be restored begins anew.
            return alerts;
        }
        var downAt = times.ToDictionary(sample => sample.Labels, sample => sample.Value);
        var known = new Dictionary<LabelSet, (double ActiveAt, double DownAt)>();
        foreach (var sample in values)
        {
            var name = new Label(LabelSet.MetricNameLabel, "");
            if (downAt.TryGetValue(ResultLabels.With(sample.Labels, name), out var seconds))
            {
                known[ResultLabels.AlertOf(rule, sample.Labels)] = (sample.Value, seconds);
            }
        }
        return
        [
            .. alerts.Select(alert =>
                known.TryGetValue(alert.Labels, out var was)
                    ? alert with
                    {
                        ActiveAtMs = ActiveAt(rule, (long)was.ActiveAt * 1000, (long)was.DownAt * 1000, tickMs),
                    }
                    : alert
            ),
        ];

        Task<IReadOnlyList<RuleSample>> AskAsync(string text) =>
            RuleQuery.AskAsync(queries, text, beforeMs, cancellationToken, settings.OutageTolerance);
    }

    private long ActiveAt(RuleConfig rule, long activeAtMs, long downAtMs, long tickMs)
    {
        var graceMs = (long)settings.ForGracePeriod.TotalMilliseconds;
        var forMs = (long)rule.For.TotalMilliseconds;
        var remainingMs = forMs - (downAtMs - activeAtMs);
        return remainingMs <= 0 ? activeAtMs
            : remainingMs < graceMs ? tickMs + graceMs - forMs
            : activeAtMs + (tickMs - downAtMs);
    }

    /// <summary>All that the rule can have written.</summary>
    private static string SelectorOf(RuleConfig rule)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{{{LabelSet.MetricNameLabel}=\"{ResultLabels.AlertsForState}\", {ResultLabels.AlertName}={Quoting.Quote(rule.Alert!)}"
        );
        foreach (var label in rule.Labels)
        {
            if (!ResultLabels.IsTemplate(label.Value) && label.Name is not ResultLabels.AlertName)
            {
                text.Append(CultureInfo.InvariantCulture, $", {NameOf(label.Name)}={Quoting.Quote(label.Value)}");
            }
        }
        return text.Append('}').ToString();
    }

    private static string NameOf(string name) => LabelText.IsPlainName(name) ? name : Quoting.Quote(name);
}
