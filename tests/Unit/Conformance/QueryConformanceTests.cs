using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>The queries of the field parse or fail as they should, and survive printing.</summary>
public sealed partial class QueryConformanceTests
{
    [Fact]
    public void Parser_EveryExpression_ParsesUnlessItsTreeHasAnError()
    {
        var cases = new List<(string Query, bool IsValid)>();
        if (ConformanceData.PathOf("parser/lezer-expression.txt") is var path && File.Exists(path))
        {
            foreach (Match match in LezerCase().Matches(File.ReadAllText(path)))
            {
                var tree = match.Groups["tree"].Value;
                cases.Add((match.Groups["query"].Value.Trim(), !tree.Contains('⚠', StringComparison.Ordinal)));
            }
        }
        ConformanceData.Run("parser", cases, item => Judge(item.Query, item.IsValid, ParserOptions.All));
    }

    [Fact]
    public void PromqlCompliance_EveryQuery_ParsesUnlessItFailed() =>
        ConformanceData.Run(
            "promql-compliance (parsed)",
            ComplianceQueries(),
            item => Judge(item.Query, item.IsValid, ParserOptions.Stable)
        );

    [Fact]
    public void Promqltest_EveryExpression_ParsesUnlessItMayFail() =>
        ConformanceData.Run("promqltest (parsed)", ScriptQueries(), JudgeScript);

    private static IEnumerable<(string Query, bool IsValid)> ComplianceQueries()
    {
        var path = ConformanceData.PathOf("promql-compliance/expected-2.42.jsonl.gz");
        if (!File.Exists(path))
        {
            yield break;
        }
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var item = document.RootElement;
            // Some fail when they are evaluated only.
            var failsToParse =
                item.TryGetProperty("error", out var error)
                && error.GetString()!.Contains("parse error", StringComparison.Ordinal);
            yield return (item.GetProperty("query").GetString()!, !failsToParse);
        }
    }

    private static string? Judge(string query, bool isValid, ParserOptions options)
    {
        try
        {
            var expression = QueryParser.Parse(query, options);
            return isValid ? Survives(expression) : $"{query}: parsed as {expression}";
        }
        catch (ParseException exception)
        {
            return isValid ? $"{query}: {exception.Message}" : null;
        }
    }

    /// <summary>What printing, on one line and on many, changes in an expression.</summary>
    private static string? Survives(Expression expression)
    {
        var line = expression.ToString();
        foreach (var text in new[] { line, ExpressionFormatter.Format(expression) })
        {
            var again = QueryParser.Parse(text, ParserOptions.All);
            // Matchers are printed sorted, so only the second printing has to be equal.
            if (!string.Equals(line, again.ToString(), StringComparison.Ordinal))
            {
                return $"{line} became {again}";
            }
        }
        return null;
    }

    private static IEnumerable<(string Place, string Query, string[] Body, bool Fails)> ScriptQueries()
    {
        var folder = ConformanceData.PathOf("promqltest");
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.test") : [])
        {
            var lines = File.ReadLines(path)
                .Select(line => line.Trim())
                .Select(line => line.StartsWith('#') ? "" : line)
                .ToArray();
            for (var i = 0; i < lines.Length; i++)
            {
                if (EvalLine().Match(lines[i]) is { Success: true } match)
                {
                    var body = lines[(i + 1)..].TakeWhile(line => line.Length > 0).ToArray();
                    var fails =
                        lines[i].StartsWith("eval_fail", StringComparison.Ordinal)
                        || body.Any(line => line.StartsWith("expect fail", StringComparison.Ordinal));
                    var place = $"{Path.GetFileName(path)}:{i + 1}";
                    yield return (place, match.Groups["query"].Value, body, fails);
                }
            }
        }
    }

    private static string? JudgeScript((string Place, string Query, string[] Body, bool Fails) item)
    {
        try
        {
            return Survives(QueryParser.Parse(item.Query, ParserOptions.All)) is { } problem
                ? $"{item.Place}: {problem}"
                : null;
        }
        catch (ParseException exception)
        {
            var expected = item
                .Body.Select(line => FailMessage().Match(line))
                .FirstOrDefault(match => match.Success)
                ?.Groups["text"]
                .Value.Trim();
            var isExpected = expected is null || string.Equals(expected, exception.Message, StringComparison.Ordinal);
            return item.Fails && isExpected ? null : $"{item.Place}: {exception.Message}";
        }
    }

    [GeneratedRegex(
        @"^# [^\n]*\n(?<query>.*?)\n==>\n(?<tree>.*?)(?=^# |\z)",
        RegexOptions.Singleline | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex LezerCase();

    [GeneratedRegex(
        @"^eval\w*\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(?<query>.+)$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex EvalLine();

    [GeneratedRegex(@"^(?:expect fail msg:|expected_fail_message )(?<text>.*)$", RegexOptions.NonBacktracking)]
    private static partial Regex FailMessage();
}
