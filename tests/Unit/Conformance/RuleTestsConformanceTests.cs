using System.Text.Json;
using Tributary.PromQL.Evaluation;
using Tributary.Rules.Testing;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Unit tests of rules: those that have to pass pass, the others fail.</summary>
public sealed class RuleTestsConformanceTests
{
    [Fact]
    public void RuleTests_Files_PassOrFail() =>
        ConformanceData.Run("rule-tests", ConformanceData.Lines("rule-tests/verdicts.jsonl"), Judge);

    [Fact]
    public void RuleTests_UnknownFields_MayBeIgnored()
    {
        var path = ConformanceData.PathOf("rule-tests/promtool/rules_run_extrafields.yml");
        string[] files = File.Exists(path) ? [path] : [];
        ConformanceData.Run(
            "rule-tests (unknown fields)",
            files,
            file => Problems(file, new RuleTestOptions { IgnoresUnknownFields = true })
        );
    }

    private static string? Judge(JsonElement verdict)
    {
        var test = verdict.GetProperty("test").GetString()!;
        var isGood = verdict.GetProperty("expect").GetString() is "pass";
        var problems = Problems(ConformanceData.PathOf($"rule-tests/{test}"), new RuleTestOptions());
        return isGood == problems is null ? null : $"{test}: {problems ?? "it passed"}";
    }

    private static string? Problems(string path, RuleTestOptions options)
    {
        options = options with { Engine = new EngineOptions { Features = QueryFeatures.DurationExpressions } };
        var outcome = new RuleTestRunner(options)
            .RunAsync(path, TestContext.Current.CancellationToken)
            .GetAwaiter()
            .GetResult();
        return outcome.IsGood
            ? outcome.Results.Count == 0
                ? "no tests"
                : null
            : string.Join('\n', outcome.Results.SelectMany(result => result.Problems));
    }
}
