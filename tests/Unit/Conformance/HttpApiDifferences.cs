using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>All differences between 2.42 and 3.14, by the names of the exchanges.</summary>
internal static class HttpApiDifferences
{
    private static readonly Dictionary<string, HttpApiDifference> All = new(StringComparer.Ordinal)
    {
        // Renamed to double_exponential_smoothing.
        ["query/holt_winters"] = new(400, (_, actual) => Error(actual, "unknown function")),
        // A dot matches a line break.
        ["query/dot_newline_regex"] = new(200, (_, actual) => Count(Result(actual), 1)),
        // Ranges are open at their left edge.
        ["query/left_edge"] = new(200, (_, actual) => Equal(Result(actual)[0].GetProperty("value")[1], "5")),
        ["query/limit"] = new(200, (expected, actual) => Cut(Result(expected), Result(actual), actual, 2)),
        ["query_range/limit"] = new(200, (expected, actual) => Cut(Result(expected), Result(actual), actual, 1)),
        ["labels/limit"] = new(200, (expected, actual) => Cut(Data(expected), Data(actual), actual, 3)),
        ["label_values/limit"] = new(200, (expected, actual) => Cut(Data(expected), Data(actual), actual, 2)),
        ["live/rules"] = Rules(_ => true, _ => true),
        // Groups without a rule that is asked for are left out.
        ["live/rules_alert"] = Rules(_ => true, rule => Text(rule, "type") is "alerting"),
        ["live/rules_record"] = Rules(_ => true, rule => Text(rule, "type") is "recording"),
        // 2.42 does not know these parameters.
        ["live/rules_name"] = Rules(_ => true, rule => Text(rule, "name") is "FiringNow" or "app_errors:ratio"),
        ["live/rules_group"] = Rules(group => Text(group, "name") is "limited", _ => true),
        ["query_errors/stats_bad_lookback"] = new(
            400,
            (_, actual) =>
                Error(actual, "error parsing lookback delta duration: cannot parse \"x\" to a valid duration")
        ),
    };

    /// <summary>Times and the place of the file are everyone's own, and what an error says.</summary>
    private static readonly JsonComparison RulesComparison = new()
    {
        Ignored =
        [
            "/data/groups/*/evaluationTime",
            "/data/groups/*/lastEvaluation",
            "/data/groups/*/file",
            "/data/groups/*/rules/*/evaluationTime",
            "/data/groups/*/rules/*/lastEvaluation",
            "/data/groups/*/rules/*/alerts/*/activeAt",
        ],
        Presence = ["/data/groups/*/rules/*/lastError"],
    };

    /// <summary>What is different of an exchange; null when nothing is.</summary>
    public static HttpApiDifference? Find(string id) => All.GetValueOrDefault(id);

    /// <summary>Rules: those that are asked for, and labels of recording rules also when there are none.</summary>
    private static HttpApiDifference Rules(Func<JsonNode, bool> hasGroup, Func<JsonNode, bool> hasRule) =>
        new(
            200,
            (expected, actual) =>
            {
                var root = JsonNode.Parse(expected.GetRawText())!;
                var groups = root["data"]!["groups"]!.AsArray();
                foreach (var group in groups.OfType<JsonNode>().ToList())
                {
                    var rules = group["rules"]!.AsArray();
                    foreach (var rule in rules.OfType<JsonNode>().Where(rule => !hasRule(rule)).ToList())
                    {
                        rules.Remove(rule);
                    }
                    if (rules.Count == 0 || !hasGroup(group))
                    {
                        groups.Remove(group);
                    }
                    foreach (var rule in rules.OfType<JsonNode>().Where(rule => rule["labels"] is null))
                    {
                        rule["labels"] = new JsonObject();
                    }
                }
                using var wanted = JsonDocument.Parse(WithSortedAlerts(root));
                using var found = JsonDocument.Parse(WithSortedAlerts(JsonNode.Parse(actual.GetRawText())!));
                return RulesComparison.Find(wanted.RootElement, found.RootElement);
            }
        );

    /// <summary>The order of alerts is unspecified.</summary>
    private static string WithSortedAlerts(JsonNode root)
    {
        foreach (var rule in root["data"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()))
        {
            if (rule!["alerts"] is JsonArray alerts)
            {
                var sorted = alerts
                    .OrderBy(alert => alert!["labels"]!.ToJsonString(), StringComparer.Ordinal)
                    .Select(alert => alert!.DeepClone())
                    .ToArray();
                rule["alerts"] = new JsonArray(sorted);
            }
        }
        return root.ToJsonString();
    }

    private static string? Text(JsonNode node, string member) => node[member]?.GetValue<string>();

    private static JsonElement Data(JsonElement answer) => answer.GetProperty("data");

    private static JsonElement Result(JsonElement answer) => Data(answer).GetProperty("result");

    private static string? Count(JsonElement list, int count) =>
        list.GetArrayLength() == count ? null : $"{list.GetArrayLength()} instead of {count}: {list}";

    private static string? Equal(JsonElement text, string expected) =>
        string.Equals(text.GetString(), expected, StringComparison.Ordinal) ? null : $"{text} instead of {expected}";

    private static string? Error(JsonElement answer, string text) =>
        answer.GetProperty("errorType").GetString() is "bad_data"
        && answer.GetProperty("error").GetString()!.Contains(text, StringComparison.Ordinal)
            ? null
            : $"{answer}";

    private static string? Cut(JsonElement all, JsonElement some, JsonElement answer, int count) =>
        Count(some, count)
        ?? (
            !answer.TryGetProperty("warnings", out var warnings)
            || !warnings.EnumerateArray().Any(warning => warning.GetString() is LookUp<string>.Truncated)
                ? "there is no warning"
            : some.EnumerateArray().All(one => all.EnumerateArray().Any(other => JsonElement.DeepEquals(one, other)))
                ? null
            : $"{some} is no part of {all}"
        );
}
