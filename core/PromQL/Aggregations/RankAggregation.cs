using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>topk</c> and <c>bottomk</c>: the k series of each group with the greatest or least values, NaN last.</summary>
/// <remarks>Which of equal values stay, and in which order an instant query answers, is what upstream's heap makes of them.</remarks>
internal sealed class RankAggregation(AggregateExpression expression, double[] parameter, QueryRun run)
{
    private readonly bool isTop = expression.Operator == AggregateOperator.TopK;
    private bool hasIgnored;

    /// <summary>The ranked series.</summary>
    public ColumnStream Of(ColumnStream input)
    {
        if (!CountParameter.HasAny(parameter))
        {
            return new ColumnList(input.Grid, []);
        }
        var list = ColumnList.Of(input, run);
        var grouping = new Grouping(list, expression);
        var kept = new StepColumn?[list.Count];
        var heaps = new RankHeap[grouping.Count];
        List<int>? order = null;
        for (var step = 0; step < list.Grid.Count; step++)
        {
            if ((step & 15) == 0)
            {
                run.Check();
            }
            order = Rank(list, grouping, heaps, step, kept);
        }
        list.Release(run.Budget);
        run.Budget.ReleaseBytes((long)kept.Count(one => one is not null) * list.Grid.Count * sizeof(double));
        var isInstant = list.Grid.Count == 1;
        var series = (isInstant ? order! : Enumerable.Range(0, list.Count))
            .Where(i => kept[i] is not null)
            .Select(i => list.Series[i] with { Column = kept[i]! });
        return ColumnList.Counted(list.Grid, series, run);
    }

    private StepColumn NewColumn(int steps)
    {
        run.Budget.TakeBytes((long)steps * sizeof(double));
        return new StepColumn(steps);
    }

    private List<int> Rank(ColumnList list, Grouping grouping, RankHeap[] heaps, int step, StepColumn?[] kept)
    {
        var order = new List<int>();
        var k = (int)Math.Min(parameter[step], list.Count);
        if (k < 1)
        {
            return order;
        }
        for (var group = 0; group < heaps.Length; group++)
        {
            (heaps[group] ??= new RankHeap(isTop)).Clear();
        }
        for (var i = 0; i < list.Count; i++)
        {
            var column = list.Series[i].Column;
            if (!Absent.Is(column.Values[step]))
            {
                heaps[grouping[i]].Offer(column.Values[step], i, k);
            }
            else if (!hasIgnored && column.HistogramAt(step) is not null)
            {
                hasIgnored = true;
                run.Annotations.Info(
                    AnnotationTexts.HistogramIgnoredInAggregation(expression.Operator.Name()),
                    expression.Position.Start
                );
            }
        }
        foreach (var heap in heaps)
        {
            foreach (var (value, series) in heap.Sorted())
            {
                order.Add(series);
                (kept[series] ??= NewColumn(list.Grid.Count)).Values[step] = value;
            }
        }
        return order;
    }
}

/// <summary>The parameter of <c>topk</c>, <c>bottomk</c> and <c>limitk</c>.</summary>
internal static class CountParameter
{
    private const double MaxInt64 = 9223372036854774784;
    private const double MinInt64 = -9223372036854775808;

    /// <summary>Whether some step asks for a series.</summary>
    /// <exception cref="QueryException">A value is no count.</exception>
    public static bool HasAny(double[] parameter)
    {
        if (parameter.Any(double.IsNaN))
        {
            throw QueryException.Execution("Parameter value is NaN");
        }
        var max = parameter.Max();
        if (max < 1)
        {
            return false;
        }
        if (parameter.Min() is var min && min <= MinInt64)
        {
            throw QueryException.Execution($"Scalar value {Text(min)} underflows int64");
        }
        return max >= MaxInt64 ? throw QueryException.Execution($"Scalar value {Text(max)} overflows int64") : true;
    }

    private static string Text(double value) => AnnotationTexts.Number(value);
}
