using Tributary.Configuration.Rules;
using Tributary.Model;

namespace Tributary.Rules;

/// <summary>The labels of what rules give, and the names that Prometheus gave them.</summary>
internal static class ResultLabels
{
    /// <summary>The series that says of an alert where it is.</summary>
    public const string Alerts = "ALERTS";

    /// <summary>The series that says since when an alert is active, in seconds.</summary>
    public const string AlertsForState = "ALERTS_FOR_STATE";

    /// <summary>The label with the name of the alert.</summary>
    public const string AlertName = "alertname";

    /// <summary>The label with the state of the alert.</summary>
    public const string AlertStateName = "alertstate";

    /// <summary>What a text has to hold to be a template.</summary>
    private const string Action = "{{";

    /// <summary>Labels with others set over them; an empty value removes one.</summary>
    public static LabelSet With(LabelSet labels, params IEnumerable<Label> set)
    {
        var changed = new Dictionary<string, Label>(StringComparer.Ordinal);
        foreach (var label in labels.Labels)
        {
            changed[label.Name] = label;
        }
        foreach (var label in set)
        {
            changed[label.Name] = label;
        }
        return LabelSet.Of(changed.Values);
    }

    /// <summary>The series of a recording rule for one of the query.</summary>
    public static LabelSet Recorded(RuleConfig rule, LabelSet found) =>
        With(found, [new Label(LabelSet.MetricNameLabel, rule.Record!), .. rule.Labels]);

    /// <summary>The series that says where an alert is.</summary>
    public static LabelSet State(RuleConfig rule, LabelSet alert, AlertState state) =>
        Series(rule, alert, [new Label(LabelSet.MetricNameLabel, Alerts), new Label(AlertStateName, NameOf(state))]);

    /// <summary>The series that says since when an alert is active.</summary>
    public static LabelSet ForState(RuleConfig rule, LabelSet alert) =>
        Series(rule, alert, [new Label(LabelSet.MetricNameLabel, AlertsForState)]);

    /// <summary>What an alert is known by, from one of its two series.</summary>
    public static LabelSet AlertOf(RuleConfig rule, LabelSet series)
    {
        var labels = new List<Label>(series.Labels.Length);
        foreach (var label in series.Labels)
        {
            var isOwn =
                label.Name is LabelSet.MetricNameLabel or AlertStateName
                || (IsTemplate(label.Value) && rule.Labels.Contains(label));
            if (!isOwn)
            {
                labels.Add(label);
            }
        }
        return LabelSet.Of(labels);
    }

    /// <summary>Whether a series can be one of a rule's, by its name and the labels that the rule sets in any case.</summary>
    public static bool MayBeOf(RuleConfig rule, LabelSet series)
    {
        if (rule.Record is { } name)
        {
            return string.Equals(series.MetricName, name, StringComparison.Ordinal) && HasLabelsOf(rule, series);
        }
        return series.MetricName is Alerts or AlertsForState
            && string.Equals(series.Get(AlertName), rule.Alert, StringComparison.Ordinal)
            && HasLabelsOf(rule, series);
    }

    /// <summary>Whether a text is a template.</summary>
    public static bool IsTemplate(string text) => text.Contains(Action, StringComparison.Ordinal);

    /// <summary>The state as labels and the API have it.</summary>
    public static string NameOf(AlertState state) =>
        state switch
        {
            AlertState.Inactive => "inactive",
            AlertState.Pending => "pending",
            AlertState.Firing => "firing",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };

    /// <summary>As in Prometheus, a label of the rule that is empty for this alert stands there as it was written.</summary>
    private static LabelSet Series(RuleConfig rule, LabelSet alert, Label[] own) =>
        With(With(LabelSet.Of(rule.Labels), alert.Labels.ToArray()), [.. own, new Label(AlertName, rule.Alert!)]);

    private static bool HasLabelsOf(RuleConfig rule, LabelSet series)
    {
        foreach (var label in rule.Labels)
        {
            var isFixed =
                !(rule.Alert is not null && IsTemplate(label.Value))
                && label.Name is not (LabelSet.MetricNameLabel or AlertName or AlertStateName);
            if (isFixed && !string.Equals(series.Get(label.Name) ?? "", label.Value, StringComparison.Ordinal))
            {
                return false;
            }
        }
        return true;
    }
}
