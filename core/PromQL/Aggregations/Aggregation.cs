using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary>Joins the series of a vector in groups.</summary>
internal static class Aggregation
{
    /// <summary>Series of one batch together have about so many values: they stay in the cache.</summary>
    private const int BatchValues = 65_536;

    /// <summary>The least steps that are worth a thread.</summary>
    private const int MinSlice = 32;

    /// <summary>Evaluates an aggregation.</summary>
    /// <param name="expression">Which one.</param>
    /// <param name="input">What is aggregated.</param>
    /// <param name="parameter">The scalar parameter by step; empty when it has none.</param>
    /// <param name="run">The query.</param>
    public static ColumnStream Evaluate(
        AggregateExpression expression,
        ColumnStream input,
        double[] parameter,
        QueryRun run
    )
    {
        if (Accumulator.Of(expression, run) is { } accumulator)
        {
            return Accumulate(expression, input, accumulator, run);
        }
        return expression.Operator switch
        {
            AggregateOperator.TopK or AggregateOperator.BottomK => new RankAggregation(expression, parameter, run).Of(
                input
            ),
            AggregateOperator.LimitK => LimitAggregation.Count(expression, input, parameter, run),
            AggregateOperator.LimitRatio => LimitAggregation.Ratio(expression, input, parameter, run),
            AggregateOperator.Quantile => new QuantileAggregation(expression, parameter, run).Of(input),
            AggregateOperator.CountValues => new CountValuesAggregation(expression, run).Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>
    /// Streams series through the accumulator: a batch is computed by several threads, each with some of the series; then
    /// it is added by several threads, each with some of the steps. So every step sees the series in order, as on one
    /// thread.
    /// </summary>
    private static ColumnList Accumulate(
        AggregateExpression expression,
        ColumnStream input,
        Accumulator accumulator,
        QueryRun run
    )
    {
        var steps = input.Grid.Count;
        var grouping = new Grouping(input, expression);
        var stateBytes = (long)grouping.Count * steps * accumulator.BytesPerStep;
        run.Budget.TakeBytes(stateBytes);
        accumulator.Start(grouping.Count, steps);
        var dropsName = new bool[grouping.Count];
        var batch = new StepColumn?[Math.Min(Math.Clamp(BatchValues / steps, 16, 4096), Math.Max(1, input.Count))];
        var own = new StepColumn?[batch.Length];
        run.Budget.TakeBytes((long)batch.Length * steps * sizeof(double));
        for (var start = 0; start < input.Count; start += batch.Length)
        {
            var count = Math.Min(batch.Length, input.Count - start);
            run.ForBatches(
                count,
                Math.Max(1, Math.Min(16, count / 8)),
                (workspace, from, to) =>
                {
                    for (var i = from; i < to; i++)
                    {
                        batch[i] = input.Stored(start + i) ?? ComputeInto(ref own[i], input, start + i, workspace);
                    }
                }
            );
            Add(accumulator, grouping, input, batch.AsMemory(0, count), start, run);
            for (var i = 0; i < count; i++)
            {
                dropsName[grouping[start + i]] |= input.DropsNameLater(start + i);
            }
        }
        run.Budget.ReleaseBytes((long)batch.Length * steps * sizeof(double));
        input.Release(run.Budget);
        var result = Finish(accumulator, grouping, input.Grid, dropsName, run);
        run.Budget.ReleaseBytes(stateBytes);
        return result;
    }

    private static StepColumn ComputeInto(ref StepColumn? own, ColumnStream input, int series, Workspace workspace)
    {
        own ??= new StepColumn(input.Grid.Count);
        own.Clear();
        input.Compute(series, own, workspace);
        return own;
    }

    private static void Add(
        Accumulator accumulator,
        Grouping grouping,
        ColumnStream input,
        ReadOnlyMemory<StepColumn?> batch,
        int start,
        QueryRun run
    )
    {
        var steps = input.Grid.Count;
        var slice = Math.Max(MinSlice, (steps + run.Parallelism - 1) / run.Parallelism);
        run.ForBatches(
            steps,
            slice,
            (_, from, to) =>
            {
                var columns = batch.Span;
                for (var i = 0; i < columns.Length; i++)
                {
                    var column = columns[i]!;
                    var name = column.Histograms is null ? "" : input.RawLabelsOf(start + i).MetricName;
                    accumulator.Add(grouping[start + i], name, column, from, to);
                }
            }
        );
    }

    private static ColumnList Finish(
        Accumulator accumulator,
        Grouping grouping,
        StepGrid grid,
        bool[] dropsName,
        QueryRun run
    )
    {
        var result = new List<SeriesColumn>(grouping.Count);
        for (var group = 0; group < grouping.Count; group++)
        {
            var column = new StepColumn(grid.Count);
            accumulator.Finish(group, column);
            var (floats, histograms) = ColumnMath.CountValues(column);
            if (floats + histograms > 0)
            {
                run.Budget.TakeColumn(grid.Count, floats, histograms, ColumnMath.HistogramBytes(column));
                result.Add(new SeriesColumn(grouping.LabelsOf(group), column) { DropName = dropsName[group] });
            }
        }
        return new ColumnList(grid, result);
    }
}
