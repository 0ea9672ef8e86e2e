using System.Text.Json;
using Tributary.Alerting;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Api;

/// <summary>The data of <c>/api/v1/rules</c>, <c>/api/v1/alerts</c> and <c>/api/v1/alertmanagers</c>.</summary>
/// <remarks>See <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#rules"/>.</remarks>
public static class RulesJson
{
    /// <summary>Writes groups with their rules, by file and name; a group of which no rule is wanted is left out.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="groups">All groups, in any order.</param>
    /// <param name="query">Which are wanted.</param>
    /// <exception cref="BadRequestException">The token is of no group that there is; nothing was written.</exception>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<RuleGroupStatus> groups, RulesQuery query)
    {
        var rest = Sorted(groups);
        if (query.NextToken.Length > 0)
        {
            var first = rest.FindIndex(group => RulesQuery.TokenOf(group.Config) == query.NextToken);
            if (first < 0)
            {
                var shown = query.NextToken.Length <= 100 ? query.NextToken : query.NextToken[..100] + "…";
                throw new BadRequestException(
                    $"invalid parameter \"group_next_token\": invalid group_next_token '{shown}'. were rule groups changed?"
                );
            }
            rest = rest[first..];
        }
        var next = "";
        var count = 0;
        json.WriteStartObject();
        json.WriteStartArray("groups"u8);
        foreach (var group in rest)
        {
            var rules = query.RulesOf(group);
            if (rules.Count == 0)
            {
                continue;
            }
            if (query.GroupLimit > 0 && count++ == query.GroupLimit)
            {
                next = RulesQuery.TokenOf(group.Config);
                break;
            }
            WriteGroup(json, group, rules, query.ExcludesAlerts);
        }
        json.WriteEndArray();
        if (next.Length > 0)
        {
            json.WriteString("groupNextToken"u8, next);
        }
        json.WriteEndObject();
    }

    /// <summary>Writes the alerts that are pending or firing.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="groups">All groups, in any order.</param>
    public static void WriteAlerts(Utf8JsonWriter json, IReadOnlyList<RuleGroupStatus> groups)
    {
        json.WriteStartObject();
        json.WriteStartArray("alerts"u8);
        foreach (var rule in Sorted(groups).SelectMany(group => group.Rules))
        {
            WriteAlerts(json, rule);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes where alerts are sent, and which Alertmanagers relabelling dropped.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="sets">What each item of the configuration found.</param>
    public static void WriteAlertmanagers(Utf8JsonWriter json, IReadOnlyList<AlertmanagerSet> sets)
    {
        json.WriteStartObject();
        WriteUrls(json, "activeAlertmanagers", sets.SelectMany(set => set.Active));
        WriteUrls(json, "droppedAlertmanagers", sets.SelectMany(set => set.Dropped));
        json.WriteEndObject();
    }

    private static List<RuleGroupStatus> Sorted(IReadOnlyList<RuleGroupStatus> groups) =>
        [
            .. groups
                .OrderBy(group => group.Config.File, StringComparer.Ordinal)
                .ThenBy(group => group.Config.Name, StringComparer.Ordinal),
        ];

    private static void WriteGroup(
        Utf8JsonWriter json,
        RuleGroupStatus group,
        IReadOnlyList<RuleStatus> rules,
        bool excludesAlerts
    )
    {
        json.WriteStartObject();
        json.WriteString("name"u8, group.Config.Name);
        json.WriteString("file"u8, group.Config.File);
        json.WriteStartArray("rules"u8);
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            if (rule.Config.Record is null)
            {
                WriteAlerting(json, rule, excludesAlerts);
            }
            else
            {
                WriteRecording(json, rule);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("interval"u8, group.Config.Interval.TotalSeconds);
        json.WriteNumber("limit"u8, group.Config.Limit);
        json.WriteNumber("evaluationTime"u8, group.EvaluationTime.TotalSeconds);
        json.WriteString("lastEvaluation"u8, TimeOf(group.LastEvaluationMs));
        json.WriteEndObject();
    }

    private static void WriteAlerting(Utf8JsonWriter json, RuleStatus rule, bool excludesAlerts)
    {
        json.WriteString("state"u8, StateOf(rule));
        json.WriteString("name"u8, rule.Config.Alert);
        json.WriteString("query"u8, rule.Config.Expression.ToString());
        json.WriteNumber("duration"u8, rule.Config.For.TotalSeconds);
        json.WriteNumber("keepFiringFor"u8, rule.Config.KeepFiringFor.TotalSeconds);
        WriteLabels(json, "labels", rule.Config.Labels);
        WriteLabels(json, "annotations", rule.Config.Annotations);
        if (excludesAlerts)
        {
            json.WriteNull("alerts"u8);
        }
        else
        {
            json.WriteStartArray("alerts"u8);
            WriteAlerts(json, rule);
            json.WriteEndArray();
        }
        WriteOutcome(json, rule, "alerting");
    }

    private static void WriteRecording(Utf8JsonWriter json, RuleStatus rule)
    {
        json.WriteString("name"u8, rule.Config.Record);
        json.WriteString("query"u8, rule.Config.Expression.ToString());
        WriteLabels(json, "labels", rule.Config.Labels);
        WriteOutcome(json, rule, "recording");
    }

    private static void WriteOutcome(Utf8JsonWriter json, RuleStatus rule, string type)
    {
        json.WriteString(
            "health"u8,
            rule.Health switch
            {
                RuleHealth.Good => "ok"u8,
                RuleHealth.Bad => "err"u8,
                _ => "unknown"u8,
            }
        );
        if (rule.LastError.Length > 0)
        {
            json.WriteString("lastError"u8, rule.LastError);
        }
        json.WriteNumber("evaluationTime"u8, rule.EvaluationTime.TotalSeconds);
        json.WriteString("lastEvaluation"u8, TimeOf(rule.LastEvaluationMs));
        json.WriteString("type"u8, type);
    }

    private static void WriteAlerts(Utf8JsonWriter json, RuleStatus rule)
    {
        // One that is over is only kept to tell of it.
        foreach (var alert in rule.Alerts.Where(alert => alert.State is not AlertState.Inactive))
        {
            json.WriteStartObject();
            LabelsJson.Write(json, "labels", alert.Labels);
            WriteLabels(json, "annotations", alert.Annotations);
            json.WriteString("state"u8, NameOf(alert.State));
            json.WriteString("activeAt"u8, TimeJson.Format(alert.ActiveAtMs));
            if (alert.KeepFiringSinceMs > 0)
            {
                json.WriteString("keepFiringSince"u8, TimeJson.Format(alert.KeepFiringSinceMs));
            }
            json.WritePropertyName("value"u8);
            WriteValue(json, alert.Value);
            json.WriteEndObject();
        }
    }

    /// <summary>As it is: the writer would escape the plus.</summary>
    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        Span<byte> text = stackalloc byte[FloatFormat.MaxLength + 2];
        text[0] = (byte)'"';
        var length = FloatFormat.FormatScientific(value, text[1..]);
        text[length + 1] = (byte)'"';
        json.WriteRawValue(text[..(length + 2)], skipInputValidation: true);
    }

    private static string StateOf(RuleStatus rule) =>
        rule.LastEvaluationMs == 0
            ? "unknown"
            : NameOf(rule.Alerts.Select(alert => alert.State).DefaultIfEmpty(AlertState.Inactive).Max());

    private static string NameOf(AlertState state) =>
        state switch
        {
            AlertState.Firing => "firing",
            AlertState.Pending => "pending",
            _ => "inactive",
        };

    private static string TimeOf(long timestampMs) => TimeJson.Format(timestampMs == 0 ? null : timestampMs);

    private static void WriteLabels(Utf8JsonWriter json, string property, IReadOnlyList<Label> labels)
    {
        json.WriteStartObject(property);
        foreach (var label in labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
    }

    private static void WriteUrls(Utf8JsonWriter json, string property, IEnumerable<Uri> urls)
    {
        json.WriteStartArray(property);
        foreach (var url in urls)
        {
            json.WriteStartObject();
            json.WriteString("url"u8, url.AbsoluteUri);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
