using System.Text.Json;
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
        ["query_errors/stats_bad_lookback"] = new(
            400,
            (_, actual) =>
                Error(actual, "error parsing lookback delta duration: cannot parse \"x\" to a valid duration")
        ),
    };

    /// <summary>What is different of an exchange; null when nothing is.</summary>
    public static HttpApiDifference? Find(string id) => All.GetValueOrDefault(id);

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
