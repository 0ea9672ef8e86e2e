using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <content><c>info(v, {selector})</c>: labels of info metrics, joined by instance and job.</content>
internal sealed partial class Planner
{
    private const string TargetInfo = "target_info";

    private VectorPlan Info(CallExpression call, StepGrid grid)
    {
        var matchers =
            call.Arguments.Count > 1
                ? ((SelectorExpression)StepInvariance.Unwrapped(call.Arguments[1])).Selector.Matchers
                : [new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, TargetInfo)];
        var names = InfoNames([.. matchers.Where(IsName)]);
        LabelMatcher[] data = [.. matchers.Where(matcher => !IsName(matcher))];
        var argument = StepInvariance.Unwrapped(call.Arguments[0]);
        var lookups = InfoLookups(argument, grid);
        var range = new TimeRange(lookups.StartMs - context.LookbackMs + 1, lookups.EndMs);
        var selection = Selections.Add([.. data, .. names], range);
        var vector = Vector(argument, grid);
        // Values of info metrics are 1: what matters is which is newest.
        var lookback = new Lookback(lookups, context.LookbackMs, SelectedPart.InfoTime);
        return run =>
            new InfoJoin(names, data, run).Evaluate(
                ColumnList.Of(vector(run), run),
                selection.Series,
                series => new SelectorStream(grid, series, lookback, false, run)
            );
    }

    /// <summary>The matchers of the names of info metrics: without one that says what they are, all <c>_info</c> ones.</summary>
    private static LabelMatcher[] InfoNames(LabelMatcher[] names) =>
        names.Any(matcher => matcher.Operator is MatchOperator.Equal or MatchOperator.Regex) ? names
        : names.Length > 0 ? [new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Regex, ".+_info"), .. names]
        : [new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, TargetInfo)];

    private static bool IsName(LabelMatcher matcher) =>
        string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal);

    /// <summary>
    /// When info metrics are looked up: as the first selector of the argument is, with the offsets of the subqueries
    /// around it, up to the first fixed time.
    /// </summary>
    private StepGrid InfoLookups(Expression argument, StepGrid grid)
    {
        var path = new List<Expression>();
        if (!TryFindSelector(argument, path))
        {
            return grid;
        }
        var offsetMs = 0L;
        for (var i = path.Count - 1; i >= 0; i--)
        {
            var (at, offset) = path[i] switch
            {
                SelectorExpression selector => (selector.At, selector.Offset),
                SubqueryExpression subquery => (subquery.At, subquery.Offset),
                _ => (default, null),
            };
            offsetMs += durations.ResolveOffset(offset);
            if (at.Kind != AtKind.None)
            {
                return EndsOf(at, null, grid).Moved(-offsetMs);
            }
        }
        return grid.Moved(-offsetMs);
    }

    private static bool TryFindSelector(Expression expression, List<Expression> path)
    {
        path.Add(expression);
        if (expression is SelectorExpression)
        {
            return true;
        }
        foreach (var child in expression.Children)
        {
            if (TryFindSelector(child, path))
            {
                return true;
            }
        }
        path.RemoveAt(path.Count - 1);
        return false;
    }
}
