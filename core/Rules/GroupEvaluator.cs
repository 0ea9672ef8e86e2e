using System.Globalization;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;

namespace Tributary.Rules;

/// <summary>Evaluates a group at one time: rules in their order, each sees what those before it gave. Nothing is stored.</summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="settings">What holds for all rules.</param>
/// <param name="time">Says how long it takes.</param>
internal sealed class GroupEvaluator(RuleSettings settings, TimeProvider time)
{
    private readonly AlertTexts texts = new(settings);
    private readonly ForStates forStates = new(settings);

    /// <summary>Evaluates.</summary>
    /// <param name="group">The group.</param>
    /// <param name="before">Its state behind the evaluation before.</param>
    /// <param name="tickMs">The scheduled time, milliseconds since the epoch.</param>
    /// <param name="queries">Answers the queries.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <param name="isFirst">
    /// Whether nothing is known of an evaluation before: then the store is asked since when alerts are active.
    /// </param>
    /// <param name="last">The series of the last evaluation's samples; used again when they are the same.</param>
    /// <exception cref="Stores.StoreException">The store cannot be read: the evaluation is to be made later.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public async Task<GroupOutcome> EvaluateAsync(
        RuleGroupConfig group,
        GroupState before,
        long tickMs,
        QueryEngine queries,
        CancellationToken cancellationToken,
        bool isFirst = false,
        SeriesList? last = null
    )
    {
        var began = time.GetTimestamp();
        var results = new GroupResults(tickMs - (long)group.QueryOffset.TotalMilliseconds);
        OverlaySource? overlay = null;
        var over = queries.Over(source => overlay = new OverlaySource(source, results));
        var states = new RuleState[group.Rules.Count];
        var statuses = new RuleStatus[states.Length];
        for (var i = 0; i < states.Length; i++)
        {
            var (rule, known, ruleBegan) = (group.Rules[i], before.Rules[i], time.GetTimestamp());
            var (state, error) = await TryAsync(
                new Turn(group, rule, known, tickMs, over, isFirst),
                results,
                cancellationToken
            );
            states[i] = state;
            statuses[i] = new RuleStatus(rule)
            {
                Health = error.Length == 0 ? RuleHealth.Good : RuleHealth.Bad,
                LastError = error,
                LastEvaluationMs = tickMs,
                EvaluationTime = time.GetElapsedTime(ruleBegan),
                Alerts = state.Alerts,
            };
        }
        results.End(before.Left, []);
        return new GroupOutcome(
            new GroupState(tickMs, states),
            results.Samples(last ?? SeriesList.Empty),
            results.Markers(),
            statuses,
            overlay!.Asked
        )
        {
            EvaluationTime = time.GetElapsedTime(began),
        };
    }

    private async Task<(RuleState State, string Error)> TryAsync(
        Turn turn,
        GroupResults results,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<ActiveAlert> alerts = [];
        List<RuleSample> samples;
        try
        {
            var found = await RuleQuery.AskAsync(
                turn.Queries,
                turn.Rule.Expression.ToString(),
                results.TimeMs,
                cancellationToken
            );
            if (turn.Rule.Record is null)
            {
                alerts = await AlertsAsync(turn, found, cancellationToken);
                samples = AlertStates.Samples(turn.Rule, alerts);
            }
            else
            {
                samples = Recorded(turn, found);
            }
        }
        catch (LimitException exception)
        {
            // As in Prometheus: the alerts begin anew, and nothing is said of their series.
            return (turn.Known with { Alerts = [] }, exception.Message);
        }
        catch (RuleException exception)
        {
            return (turn.Known, exception.Message);
        }
        var (series, refused) = results.Add(samples);
        results.End(turn.Known.Series, series);
        return (
            new RuleState(series, alerts),
            refused == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"duplicate sample for timestamp: another rule gave {refused} of the series another value"
                )
        );
    }

    private static List<RuleSample> Recorded(Turn turn, IReadOnlyList<RuleSample> found)
    {
        var samples = new List<RuleSample>(found.Count);
        var unique = new HashSet<LabelSet>(found.Count);
        foreach (var sample in found)
        {
            var labels = ResultLabels.Recorded(turn.Rule, sample.Labels);
            if (!unique.Add(labels))
            {
                throw new RuleException("vector contains metrics with the same labelset after applying rule labels");
            }
            samples.Add(sample with { Labels = labels });
        }
        return turn.Group.Limit > 0 && samples.Count > turn.Group.Limit
            ? throw new RuleException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"exceeded limit of {turn.Group.Limit} with {samples.Count} series"
                )
            )
            : samples;
    }

    private async Task<IReadOnlyList<ActiveAlert>> AlertsAsync(
        Turn turn,
        IReadOnlyList<RuleSample> found,
        CancellationToken cancellationToken
    )
    {
        var given = new List<ActiveAlert>(found.Count);
        var unique = new HashSet<LabelSet>(found.Count);
        var (rule, tickMs) = (turn.Rule, turn.TickMs);
        foreach (var sample in found)
        {
            var (labels, annotations) = await texts.ExpandAsync(rule, sample, tickMs, turn.Queries, cancellationToken);
            var alert = ResultLabels.With(
                sample.Labels,
                [new Label(LabelSet.MetricNameLabel, ""), .. labels, new Label(ResultLabels.AlertName, rule.Alert!)]
            );
            if (!unique.Add(alert))
            {
                throw new RuleException("vector contains metrics with the same labelset after applying alert labels");
            }
            given.Add(
                new ActiveAlert
                {
                    Labels = alert,
                    Annotations = annotations,
                    State = AlertState.Pending,
                    Value = sample.Histogram is null ? sample.Value : 0,
                    ActiveAtMs = tickMs,
                }
            );
        }
        var begun = turn.IsFirst
            ? await forStates.RestoreAsync(rule, given, tickMs, turn.Queries, cancellationToken)
            : given;
        var next = AlertStates.Next(rule, turn.Known.Alerts, begun, tickMs);
        AlertStates.Limit(turn.Group.Limit, next);
        return next;
    }

    /// <summary>One rule at one time.</summary>
    private sealed record Turn(
        RuleGroupConfig Group,
        RuleConfig Rule,
        RuleState Known,
        long TickMs,
        QueryEngine Queries,
        bool IsFirst
    );
}
