using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary><c>absent</c> and <c>absent_over_time</c>: 1 at the steps at which a vector is empty.</summary>
internal static class AbsentFunctions
{
    /// <summary>The plan of either.</summary>
    /// <param name="vector">The vector; <c>last_over_time</c> of a range.</param>
    /// <param name="argument">The argument, without parentheses: its matchers become labels.</param>
    public static VectorPlan Plan(VectorPlan vector, Expression argument)
    {
        var labels = LabelsOf(argument);
        return run =>
        {
            var stream = vector(run);
            var grid = stream.Grid;
            var present = new bool[grid.Count];
            var gate = new Lock();
            run.ForBatches(
                stream.Count,
                256,
                (workspace, from, to) =>
                {
                    var own = new bool[grid.Count];
                    for (var i = from; i < to; i++)
                    {
                        var column = workspace.RentColumn(grid.Count);
                        if (stream.Stored(i) is { } stored)
                        {
                            ColumnMath.MarkPresent(stored, own);
                        }
                        else
                        {
                            stream.Compute(i, column, workspace);
                            ColumnMath.MarkPresent(column, own);
                        }
                        workspace.Return(column);
                    }
                    lock (gate)
                    {
                        for (var i = 0; i < own.Length; i++)
                        {
                            present[i] |= own[i];
                        }
                    }
                }
            );
            stream.Release(run.Budget);
            var result = new StepColumn(grid.Count);
            for (var i = 0; i < present.Length; i++)
            {
                if (!present[i])
                {
                    result.Values[i] = 1;
                }
            }
            return ColumnList.Counted(grid, [new SeriesColumn(labels, result)], run);
        };
    }

    /// <summary>The labels that a selector's matchers fix: those that one matcher names, which wants equality.</summary>
    private static LabelSet LabelsOf(Expression argument)
    {
        var selector = argument switch
        {
            SelectorExpression instant => instant,
            MatrixSelector matrix => matrix.Selector,
            _ => null,
        };
        if (selector is null)
        {
            return LabelSet.Empty;
        }
        var fixedLabels = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var matcher in selector.Selector.Matchers)
        {
            if (string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal))
            {
                continue;
            }
            // As upstream, only an equality before counts as seen.
            if (matcher.Operator == MatchOperator.Equal && seen.Add(matcher.Name))
            {
                fixedLabels[matcher.Name] = matcher.Value;
            }
            else
            {
                fixedLabels.Remove(matcher.Name);
            }
        }
        return LabelSet.Of(fixedLabels.Select(pair => new Label(pair.Key, pair.Value)));
    }
}
