using System.Globalization;
using System.Text;
using Tributary.Configuration.Relabel;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Relabeling;
using Tributary.Rules;

namespace Tributary.Alerting;

/// <summary>Makes of alerts what Alertmanagers are told.</summary>
public static class Notifications
{
    /// <summary>The alerts with external labels where they have none of that name, relabelled; without those that a rule drops.</summary>
    /// <param name="alerts">The alerts.</param>
    /// <param name="externalLabels">What tells us from others.</param>
    /// <param name="rules">The rules of <c>alerting.alert_relabel_configs</c>.</param>
    /// <param name="externalUrl">Where others reach us.</param>
    public static IReadOnlyList<Notification> Of(
        IEnumerable<FiringAlert> alerts,
        LabelSet externalLabels,
        IReadOnlyList<RelabelConfig> rules,
        Uri externalUrl
    )
    {
        var relabeler = new Relabeler(rules);
        var notifications = new List<Notification>();
        foreach (var alert in alerts)
        {
            if (relabeler.Apply(WithExternal(alert.Labels, externalLabels)) is { Labels.Length: > 0 } labels)
            {
                notifications.Add(
                    new Notification(
                        labels,
                        alert.Annotations,
                        alert.StartsAtMs,
                        alert.EndsAtMs,
                        alert.IsResolved,
                        GeneratorUrl(externalUrl, alert.Rule.Expression)
                    )
                );
            }
        }
        return notifications;
    }

    /// <summary>Notifications relabelled once more, for some Alertmanagers only.</summary>
    public static IReadOnlyList<Notification> Relabel(
        IReadOnlyList<Notification> notifications,
        IReadOnlyList<RelabelConfig> rules
    )
    {
        if (rules.Count == 0)
        {
            return notifications;
        }
        var relabeler = new Relabeler(rules);
        var kept = new List<Notification>();
        foreach (var notification in notifications)
        {
            if (relabeler.Apply(notification.Labels) is { Labels.Length: > 0 } labels)
            {
                kept.Add(notification with { Labels = labels });
            }
        }
        return kept;
    }

    /// <summary>The address of the page that shows a query as a table: <c>{url}/graph?g0.expr={query}&amp;g0.tab=1</c>.</summary>
    public static string GeneratorUrl(Uri externalUrl, Expression expression) =>
        $"{externalUrl.AbsoluteUri.TrimEnd('/')}/graph?g0.expr={EscapeQuery(expression.ToString()!)}&g0.tab=1";

    private static LabelSet WithExternal(LabelSet labels, LabelSet external)
    {
        var missing = new List<Label>();
        foreach (var label in external.Labels)
        {
            if (labels.Get(label.Name) is null)
            {
                missing.Add(label);
            }
        }
        return missing.Count == 0 ? labels : LabelSet.Of([.. labels.Labels, .. missing]);
    }

    /// <summary>As Go's <c>url.QueryEscape</c>: spaces are <c>+</c>, and only letters, digits and <c>-_.~</c> stay.</summary>
    private static string EscapeQuery(string text)
    {
        var output = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~')
            {
                output.Append(c);
            }
            else if (c == ' ')
            {
                output.Append('+');
            }
            else
            {
                output.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }
        return output.ToString();
    }
}
