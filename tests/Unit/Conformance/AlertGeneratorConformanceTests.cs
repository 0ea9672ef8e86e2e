using System.Globalization;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Tests.Unit.PromQL.Evaluation;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>
/// The rules of the alert generator's compliance suite, evaluated for twenty minutes over series that rise above their
/// thresholds and fall below them again.
/// </summary>
public sealed class AlertGeneratorConformanceTests
{
    private const string Metric = "alert_generator_test_suite";
    private const long StepMs = 15_000;
    private const long StartMs = 1_700_000_010_000;
    private const int Steps = 80;
    private const int RisesAt = 16;
    private const int FallsAt = 60;

    /// <summary>The suite's thresholds are 10, 13 and 99.</summary>
    private const double Low = 5;
    private const double High = 15;

    /// <summary>What the texts of alerts are, by annotation and rule; the others have no action, or the value.</summary>
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["NewAlerts_OrderCheck_Rule2 description"] =
            "Based on ALERTS. Old alertname was NewAlerts_OrderCheck_Rule1. foo was bar.",
        ["PendingAndFiringAndResolved_SimpleAlert summary"] = "The value is 15 15",
        ["ZeroFor_SmallFor_ZeroFor template_query_test"] = "Args are: foo bar 99. first_id:1,1:10,2:20,",
        ["ZeroFor_SmallFor_ZeroFor template_test"] = "1.049M 1Mi 2m 15s 95.9% 2022-01-25 12:36:43 +0000 UTC",
        ["ZeroFor_SmallFor_SmallFor template_test"] =
            "This Part IS TESTING the strings. ::1 127.0.0.1. 7815. replaced text. .",
    };

    [Fact]
    public async Task AlertGenerator_Rules_AreEvaluated()
    {
        var path = ConformanceData.PathOf("alert-generator/rules.yaml");
        var groups = File.Exists(path)
            ? RuleFileReader.Read(
                await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken),
                path,
                new RuleFileOptions()
            )
            : [];
        var judged = new List<(string Group, string? Problem)>();
        foreach (var group in groups)
        {
            judged.Add((group.Name, await JudgeAsync(group)));
        }
        ConformanceData.Run("alert-generator (runs)", judged, one => one.Problem);
    }

    private static async Task<string?> JudgeAsync(RuleGroupConfig group)
    {
        var source = new MemorySource();
        using var queries = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        var evaluator = new GroupEvaluator(new RuleSettings(), TimeProvider.System);
        var state = GroupState.New(group);
        for (var step = 0; step <= Steps; step++)
        {
            var timeMs = StartMs + (step * StepMs);
            Feed(source, group, step, timeMs);
            if (step % 2 != 0)
            {
                continue;
            }
            var outcome = await evaluator.EvaluateAsync(
                group,
                state,
                timeMs,
                queries,
                TestContext.Current.CancellationToken
            );
            state = outcome.State;
            Store(source, outcome.Samples);
            Store(source, outcome.Markers);
            for (var i = 0; i < group.Rules.Count; i++)
            {
                if (ProblemOf(group, i, step, outcome.Rules[i]) is { } problem)
                {
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{group.Rules[i].Alert} at step {step}: {problem}"
                    );
                }
            }
        }
        return null;
    }

    private static string? ProblemOf(RuleGroupConfig group, int position, int step, RuleStatus status)
    {
        var rule = group.Rules[position];
        if (status.Health is not RuleHealth.Good)
        {
            return status.LastError;
        }
        var expected = ExpectedOf(group, position, step);
        var states = status
            .Alerts.Where(alert => alert.State is not AlertState.Inactive)
            .Select(alert => alert.State)
            .Distinct()
            .DefaultIfEmpty(AlertState.Inactive)
            .ToList();
        if (states.Count != 1 || states[0] != expected)
        {
            return $"{string.Join(", ", states)}, not {expected}";
        }
        foreach (var annotation in status.Alerts.SelectMany(alert => alert.Annotations))
        {
            var written = rule.Annotations.First(one =>
                string.Equals(one.Name, annotation.Name, StringComparison.Ordinal)
            );
            var text = Texts.GetValueOrDefault($"{rule.Alert} {annotation.Name}", written.Value);
            if (!string.Equals(text, annotation.Value, StringComparison.Ordinal))
            {
                return $"{annotation.Name} is {annotation.Value}, not {text}";
            }
        }
        return null;
    }

    private static AlertState ExpectedOf(RuleGroupConfig group, int position, int step)
    {
        var rule = group.Rules[position];
        if (!rule.Expression.ToString().Contains(Metric, StringComparison.Ordinal))
        {
            // It is about the alerts of the rule before it, at the same time.
            return ExpectedOf(group, position - 1, step) is AlertState.Firing ? AlertState.Firing : AlertState.Inactive;
        }
        var isAbove = step is >= RisesAt and < FallsAt && ThresholdOf(rule) < High;
        return !isAbove ? AlertState.Inactive
            : (step - RisesAt) * StepMs >= rule.For.TotalMilliseconds ? AlertState.Firing
            : AlertState.Pending;
    }

    private static double ThresholdOf(RuleConfig rule) =>
        double.Parse(rule.Expression.ToString().Split(" > ")[^1], CultureInfo.InvariantCulture);

    private static void Feed(MemorySource source, RuleGroupConfig group, int step, long timeMs)
    {
        var value = step is >= RisesAt and < FallsAt ? High : Low;
        foreach (var rule in group.Rules)
        {
            foreach (var variant in (string[])["one", "two"])
            {
                source.Add(
                    LabelSet.Of(
                        LabelSet.MetricNameLabel,
                        Metric,
                        "alertname",
                        rule.Alert!,
                        "rulegroup",
                        group.Name,
                        "variant",
                        variant
                    ),
                    timeMs,
                    value
                );
            }
        }
        foreach (var (id, answer) in new[] { ("2", 20), ("1", 10) })
        {
            source.Add(
                LabelSet.Of(LabelSet.MetricNameLabel, Metric, "rulegroup", group.Name, "for", "template", "id", id),
                timeMs,
                answer
            );
        }
    }

    private static void Store(MemorySource source, SampleColumns columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            source.Add(columns.Series[i], columns.TimestampsMs.Span[i], columns.Values.Span[i]);
        }
    }
}
