using System.Globalization;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Tests.Unit.PromQL.Evaluation;

namespace Tributary.Tests.Unit.Rules;

/// <summary>A group over series in memory, evaluated once a minute; what it gives is stored like the rest.</summary>
internal sealed class RulePlace : IDisposable
{
    public const long MinuteMs = 60_000;

    /// <summary>Whole seconds, far from the epoch.</summary>
    public const long StartMs = 1_700_000_040_000;

    private readonly MemorySource source = new();
    private readonly QueryEngine engine;
    private readonly GroupEvaluator evaluator;

    public RulePlace(string rules, RuleSettings? settings = null)
    {
        Group = GroupOf(rules);
        State = GroupState.New(Group);
        engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        evaluator = new GroupEvaluator(settings ?? new RuleSettings(), TimeProvider.System);
    }

    public RuleGroupConfig Group { get; private set; }

    public GroupState State { get; set; }

    public GroupOutcome? Outcome { get; private set; }

    /// <summary>The samples and markers of the last evaluation, one a line, sorted; times as minutes from the start.</summary>
    public string Written =>
        string.Join('\n', Lines(Outcome!.Samples).Concat(Lines(Outcome.Markers)).Order(StringComparer.Ordinal));

    /// <summary>The alerts behind the last evaluation: labels, state, and since when in minutes.</summary>
    public string Alerts =>
        string.Join(
            '\n',
            State
                .Rules.SelectMany(rule => rule.Alerts)
                .Select(alert => $"{alert.Labels} {ResultLabels.NameOf(alert.State)} {Minutes(alert.ActiveAtMs)}")
                .Order(StringComparer.Ordinal)
        );

    public static RuleGroupConfig GroupOf(string rules) =>
        RuleFileReader.Read($"groups:\n- name: g\n{rules}", "rules.yml", new RuleFileOptions())[0];

    public void Change(string rules)
    {
        var changed = GroupOf(rules);
        State = State.For(Group, changed);
        Group = changed;
    }

    /// <summary>Adds a sample at a minute.</summary>
    public void Add(int minute, string name, double value, params string[] labels) =>
        source.Add(LabelSet.Of([LabelSet.MetricNameLabel, name, .. labels]), At(minute), value);

    public static long At(int minute) => StartMs + (minute * MinuteMs);

    /// <summary>Evaluates at a minute, and stores what that gives.</summary>
    public async Task<GroupOutcome> EvaluateAsync(int minute, bool isFirst = false)
    {
        Outcome = await evaluator.EvaluateAsync(
            Group,
            State,
            At(minute),
            engine,
            TestContext.Current.CancellationToken,
            isFirst
        );
        State = Outcome.State;
        foreach (var columns in new[] { Outcome.Samples, Outcome.Markers })
        {
            for (var i = 0; i < columns.Count; i++)
            {
                source.Add(
                    columns.Series[i],
                    columns.TimestampsMs.Span[i],
                    columns.Values.Span[i],
                    columns.Histograms.IsEmpty ? null : columns.Histograms.Span[i]
                );
            }
        }
        return Outcome;
    }

    public string Errors => string.Join('\n', Outcome!.Rules.Select(rule => rule.LastError));

    public void Dispose() => engine.Dispose();

    private static IEnumerable<string> Lines(SampleColumns columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var isForState = string.Equals(
                columns.Series[i].MetricName,
                ResultLabels.AlertsForState,
                StringComparison.Ordinal
            );
            var value = columns.Values.Span[i];
            var text =
                columns.IsStale(i) ? "stale"
                : isForState ? $"since {Minutes((long)value * 1000)}"
                : value.ToString(CultureInfo.InvariantCulture);
            yield return $"{columns.Series[i]} {text} @{Minutes(columns.TimestampsMs.Span[i])}";
        }
    }

    private static string Minutes(long timeMs) =>
        ((timeMs - StartMs) / (double)MinuteMs).ToString(CultureInfo.InvariantCulture);
}
