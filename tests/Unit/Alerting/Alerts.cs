using Tributary.Alerting;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Alerting;

/// <summary>Alerts for tests.</summary>
internal static class Alerts
{
    public const long NowMs = 1_795_163_924_000;

    public static FiringAlert Firing(
        string name,
        string? severity = null,
        bool isResolved = false,
        long startMs = NowMs
    ) =>
        new(
            new RuleConfig { Alert = name, Expression = QueryParser.Parse("up == 0", ParserOptions.Stable) },
            LabelSet.Of("alertname", name, "severity", severity ?? ""),
            [new Label("summary", $"{name} <fires>")],
            startMs,
            startMs + 240_000,
            isResolved
        );

    public static Notification Of(string name, bool isResolved = false, long startMs = NowMs, long endMs = NowMs) =>
        new(LabelSet.Of("alertname", name), [], startMs, endMs, isResolved, "http://h/graph");
}
