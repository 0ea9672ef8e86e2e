using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>limitk</c> and <c>limit_ratio</c>: some of the series, whatever their values.</summary>
internal static class LimitAggregation
{
    /// <summary>The first k series of each group that have a value at a step.</summary>
    public static ColumnStream Count(
        AggregateExpression expression,
        ColumnStream input,
        double[] parameter,
        QueryRun run
    )
    {
        if (!CountParameter.HasAny(parameter))
        {
            return new ColumnList(input.Grid, []);
        }
        var list = ColumnList.Of(input, run);
        // What is taken away below is not counted any more.
        list.Release(run.Budget);
        var grouping = new Grouping(list, expression);
        var taken = new int[grouping.Count];
        for (var step = 0; step < list.Grid.Count; step++)
        {
            run.Check();
            taken.AsSpan().Clear();
            var k = Math.Min(parameter[step], list.Count);
            for (var i = 0; i < list.Count; i++)
            {
                var column = list.Series[i].Column;
                // k is cut to a whole number, as upstream does.
                if (column.Has(step) && ++taken[grouping[i]] > Math.Truncate(k))
                {
                    column.Remove(step);
                }
            }
        }
        return ColumnList.Counted(list.Grid, list.Series, run);
    }

    /// <summary>
    /// The series whose hash lies in the given part of all hashes; a negative ratio takes those that its complement leaves.
    /// </summary>
    public static ColumnStream Ratio(
        AggregateExpression expression,
        ColumnStream input,
        double[] parameter,
        QueryRun run
    )
    {
        if (parameter.All(ratio => ratio == 0))
        {
            return new ColumnList(input.Grid, []);
        }
        if (parameter.Any(double.IsNaN))
        {
            throw QueryException.Execution("Ratio value is NaN");
        }
        var position = expression.Parameter!.Position.Start;
        if (parameter.Max() is var max && max > 1)
        {
            run.Annotations.Warn(AnnotationTexts.InvalidRatio(max, 1), position);
        }
        if (parameter.Min() is var min && min < -1)
        {
            run.Annotations.Warn(AnnotationTexts.InvalidRatio(min, -1), position);
        }
        var list = ColumnList.Of(input, run);
        // What is taken away below is not counted any more.
        list.Release(run.Budget);
        foreach (var series in list.Series)
        {
            run.Check();
            var offset = LabelSetHash.Compute(series.Labels) / (double)ulong.MaxValue;
            for (var step = 0; step < list.Grid.Count; step++)
            {
                var ratio = Math.Clamp(parameter[step], -1, 1);
                var isKept = ratio > 0 ? offset < ratio : ratio < 0 && offset >= 1 + ratio;
                if (!isKept)
                {
                    series.Column.Remove(step);
                }
            }
        }
        return ColumnList.Counted(list.Grid, list.Series, run);
    }
}
