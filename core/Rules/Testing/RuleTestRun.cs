using System.Diagnostics;
using System.Globalization;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Notation;
using Tributary.PromQL.Syntax;
using Tributary.Templates;

namespace Tributary.Rules.Testing;

/// <summary>Runs one test: time goes on from evaluation to evaluation, and what was expected is compared with what is there.</summary>
internal sealed class RuleTestRun : IDisposable
{
    private const long NanosecondsPerMs = 1_000_000;
    private const string Indent = "            ";

    private readonly RuleTestFile file;
    private readonly RuleTest test;
    private readonly RuleTestOptions options;
    private readonly IReadOnlyList<RuleGroupConfig> groups;
    private readonly GroupState[] states;
    private readonly IReadOnlyList<RuleStatus>[] statuses;
    private readonly GroupEvaluator evaluator;
    private readonly QueryEngine queries;
    private readonly List<string> problems = [];

    /// <summary>A run.</summary>
    /// <param name="file">What holds for all tests of the file.</param>
    /// <param name="test">The test.</param>
    /// <param name="groups">All groups, in the order of their files.</param>
    /// <param name="options">How it is run.</param>
    public RuleTestRun(RuleTestFile file, RuleTest test, IReadOnlyList<RuleGroupConfig> groups, RuleTestOptions options)
    {
        (this.file, this.test, this.options) = (file, test, options);
        var order = file.GroupOrder.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        this.groups = [.. groups.OrderBy(group => order.GetValueOrDefault(group.Name))];
        states = [.. this.groups.Select(GroupState.New)];
        statuses = [.. this.groups.Select(_ => (IReadOnlyList<RuleStatus>)[])];
        Store = new TestStore(test);
        queries = new QueryEngine(
            Store,
            options.Engine with
            {
                DefaultSubqueryStep = file.EvaluationInterval,
            },
            TimeProvider.System
        );
        var settings = new RuleSettings { ExternalLabels = test.ExternalLabels, ExternalUrl = test.ExternalUrl };
        evaluator = new GroupEvaluator(settings, TimeProvider.System);
    }

    /// <summary>The series of the test and of the rules.</summary>
    public TestStore Store { get; }

    /// <summary>Runs the test.</summary>
    /// <returns>What is not as expected, for people; nothing when the test passes.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var end = test.End;
        for (var at = TimeSpan.Zero; at <= end; at += file.EvaluationInterval)
        {
            var nowMs = test.StartMs + (long)at.TotalMilliseconds;
            Store.AdvanceTo(nowMs);
            if (!await EvaluateAsync(nowMs, at, cancellationToken))
            {
                return problems;
            }
            CheckAlerts(at);
        }
        foreach (var query in test.Queries)
        {
            await CheckAsync(query, cancellationToken);
        }
        Took = Stopwatch.GetElapsedTime(began);
        return problems;
    }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => queries.Dispose();

    /// <summary>Evaluates all groups; false when a rule failed.</summary>
    private async Task<bool> EvaluateAsync(long nowMs, TimeSpan at, CancellationToken cancellationToken)
    {
        var isGood = true;
        for (var i = 0; i < groups.Count; i++)
        {
            var outcome = await evaluator.EvaluateAsync(groups[i], states[i], nowMs, queries, cancellationToken);
            (states[i], statuses[i]) = (outcome.State, outcome.Rules);
            Store.Add(outcome.Samples);
            Store.Add(outcome.Markers);
            foreach (var rule in outcome.Rules.Where(rule => rule.Health is RuleHealth.Bad))
            {
                isGood = false;
                var name = rule.Config.Record ?? rule.Config.Alert;
                var time = new GoDuration((long)at.TotalMilliseconds * NanosecondsPerMs, false);
                problems.Add($"    rule: {name}, time: {time}, err: {rule.LastError}");
            }
        }
        return isGood;
    }

    /// <summary>Compares the alerts of this evaluation with those expected from now until before the next one.</summary>
    private void CheckAlerts(TimeSpan at)
    {
        var due = test.Alerts.Where(alert => alert.At >= at && alert.At - at < file.EvaluationInterval);
        foreach (var expected in due.OrderBy(alert => alert.At))
        {
            var firing = statuses
                .SelectMany(rules => rules)
                .Where(rule => rule.Config.Alert == expected.Name)
                .SelectMany(rule => rule.Alerts)
                .Where(alert => alert.State is AlertState.Firing)
                .Select(alert => AlertNotation.Of(alert.Labels.Labels.ToArray(), alert.Annotations))
                .Order()
                .ToArray();
            var wanted = expected.Expected.Order().ToArray();
            if (!wanted.SequenceEqual(firing))
            {
                var name = test.Name.Length > 0 ? $"    name: {test.Name},\n" : "";
                var place = $"{name}    alertname: {expected.Name}, time: {DurationText.Format(expected.At)}, \n";
                problems.Add(place + Compared(wanted, firing));
            }
        }
    }

    private string Compared(AlertNotation[] wanted, AlertNotation[] firing) =>
        options.ShowsDiff
            ? "        diff:" + LineDiff.Of(AlertNotation.Show(wanted, ""), AlertNotation.Show(firing, ""), Indent)
            : $"        exp:{AlertNotation.Show(wanted, Indent)}, \n        got:{AlertNotation.Show(firing, Indent)}";

    private async Task CheckAsync(QueryTest query, CancellationToken cancellationToken)
    {
        var place = $"    expr: {Quoting.Quote(query.Query)}, time: {DurationText.Format(query.At)},";
        Result[] wanted;
        Result[] got;
        try
        {
            var timeMs = test.StartMs + (long)query.At.TotalMilliseconds;
            var samples = await RuleQuery.AskAsync(queries, query.Query, timeMs, cancellationToken);
            got = [.. samples.Select(Result.Of).OrderBy(result => result.Labels)];
            wanted = [.. query.Expected.Select(Result.Of).OrderBy(result => result.Labels)];
        }
        catch (Exception exception) when (exception is RuleException or NotationException)
        {
            problems.Add($"{place} err: {exception.Message}");
            return;
        }
        var isEqual =
            wanted.Length == got.Length && wanted.Zip(got).All(pair => pair.First.Equals(pair.Second, file.IsFuzzy));
        if (!isEqual)
        {
            problems.Add($"{place}\n        exp: {Show(wanted)}\n        got: {Show(got)}");
        }
    }

    private static string Show(Result[] results) =>
        results.Length == 0 ? "nil" : string.Join(", ", results.Select(result => result.ToString()));

    /// <summary>A sample, expected or there.</summary>
    private sealed record Result(LabelSet Labels, double Value, string Histogram)
    {
        public static Result Of(RuleSample sample) =>
            sample.Histogram is { } histogram
                ? new Result(sample.Labels, 0, HistogramNotation.Print(histogram))
                : new Result(sample.Labels, sample.Value, "");

        /// <exception cref="NotationException">It is not written as it has to be.</exception>
        public static Result Of(SampleNotation sample)
        {
            LabelSet labels;
            try
            {
                labels = SeriesNotation.ParseLabels(sample.Labels);
                if (sample.Histogram.Length == 0)
                {
                    return new Result(labels, sample.Value, "");
                }
                var values = ValueNotation.Parse(sample.Histogram);
                return values is [{ Histogram: { } histogram }]
                    ? new Result(labels, 0, HistogramNotation.Print(histogram))
                    : throw new NotationException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"expected one histogram, got {values.Count} values"
                        )
                    );
            }
            catch (NotationException exception)
            {
                throw new NotationException($"labels {Quoting.Quote(sample.Labels)}: {exception.Message}", exception);
            }
        }

        /// <summary>Whether it is the same; as in Prometheus, NaN is equal to nothing.</summary>
        public bool Equals(Result other, bool isFuzzy) =>
            Labels.Equals(other.Labels)
            && Histogram == other.Histogram
            && (
                Value == other.Value
                || (isFuzzy && (Math.BitDecrement(Value) == other.Value || Math.BitIncrement(Value) == other.Value))
            );

        public override string ToString() =>
            AlertNotation.Show(Labels.Labels.ToArray())
            + " "
            + (Histogram.Length > 0 ? Histogram : GoFloat.Format(Value, 'E', GoFloat.ShortestPrecision));
    }
}
