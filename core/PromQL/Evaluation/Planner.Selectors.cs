using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <content>Selectors and subqueries: from where samples come.</content>
internal sealed partial class Planner
{
    /// <summary>The selection of a range, for the plain matrix of an instant query.</summary>
    public (Selection Selection, long EndMs, long RangeMs) Matrix(MatrixSelector matrix, StepGrid grid)
    {
        var rangeMs = durations.ResolvePositive(matrix.Range);
        var ends = EndsOf(matrix.Selector.At, matrix.Selector.Offset, grid);
        return (
            Selections.Add(matrix.Selector.Selector.Matchers, Around(matrix, ends, rangeMs)),
            ends.StartMs,
            rangeMs
        );
    }

    /// <summary>The inner vector of a subquery and its steps, for evaluations at some steps.</summary>
    public (VectorPlan Vector, StepGrid Steps, StepGrid Ends, long RangeMs) Subquery(
        SubqueryExpression subquery,
        StepGrid grid
    )
    {
        var rangeMs = durations.ResolvePositive(subquery.Range);
        var stepMs = subquery.Step is { } step
            ? durations.ResolvePositive(step)
            : (long)context.Options.DefaultSubqueryStep.TotalMilliseconds;
        // Less than a millisecond is none.
        stepMs = Math.Max(1, stepMs);
        var ends = EndsOf(subquery.At, subquery.Offset, grid);
        var before = ends.StartMs - rangeMs;
        var start = before / stepMs * stepMs;
        start += start <= before ? stepMs : 0;
        var end = ends.EndMs;
        var count = end < start ? 0 : ((end - start) / stepMs) + 1;
        if (count > context.Options.MaxSamples || count * sizeof(double) > context.Options.MaxMemoryBytes)
        {
            throw QueryException.TooManySamples();
        }
        SubquerySteps += count;
        var steps = new StepGrid(start, stepMs, (int)Math.Min(count, int.MaxValue));
        VectorPlan vector =
            count == 0
                ? _ => new ColumnList(steps, [])
                : bucketUse.Below(subquery, () => Vector(subquery.Expression, steps));
        return (vector, steps, ends, rangeMs);
    }

    private VectorPlan Selector(SelectorExpression selector, StepGrid grid, SelectedPart part)
    {
        var lookups = EndsOf(selector.At, selector.Offset, grid);
        if (part != SelectedPart.Value && selector.At.Kind != AtKind.None)
        {
            // As upstream: the time of a sample at a fixed time is looked up without the offset.
            lookups = EndsOf(selector.At, null, grid);
        }
        var isSmoothed = selector.Extension == RangeExtension.Smoothed;
        var range = new TimeRange(
            lookups.StartMs - context.LookbackMs + 1,
            lookups.EndMs + (isSmoothed ? context.LookbackMs : 0)
        );
        var series = bucketUse.SeriesOf(Selections.Add(selector.Selector.Matchers, range));
        if (isSmoothed && part == SelectedPart.Value)
        {
            var position = selector.Position.Start;
            return run => new SmoothedStream(grid, series(), lookups, context.LookbackMs, position, run);
        }
        var lookback = new Lookback(lookups, context.LookbackMs, part);
        return run =>
        {
            var dropsNow = part != SelectedPart.Value && !run.DelaysNameRemoval;
            return new SelectorStream(grid, series(), lookback, dropsNow, run);
        };
    }

    /// <summary>The plan of a function over a range.</summary>
    private VectorPlan OverRange(RangeFunction function, CallExpression call, StepGrid grid)
    {
        var (argument, parameters) = RangeArguments(call, grid);
        var extension = argument is MatrixSelector { Selector.Extension: var given } ? Extension(given) : default;
        var positions = PositionsOf(call);
        FunctionContext ContextOf(QueryRun run) =>
            new(run.Annotations, positions)
            {
                Extension = extension,
                LookbackMs = context.LookbackMs,
                UsesStartTimes = context.Options.Has(QueryFeatures.StartTimestamps),
                UsesTypeLabels = context.Options.Has(QueryFeatures.TypeAndUnitLabels),
                DelaysNameRemoval = run.DelaysNameRemoval,
                Stop = run.Stop,
            };
        if (argument is MatrixSelector matrix)
        {
            RangeExtensions.Check(matrix.Selector.Extension, call.Function.Name);
            var rangeMs = durations.ResolvePositive(matrix.Range);
            var ends = EndsOf(matrix.Selector.At, matrix.Selector.Offset, grid);
            var series = bucketUse.SeriesOf(
                Selections.Add(matrix.Selector.Selector.Matchers, Around(matrix, ends, rangeMs))
            );
            return run =>
            {
                var range = new RangeCall(function, ends, rangeMs, Values(parameters, run), ContextOf(run));
                var dropsNow = !function.KeepsName && !run.DelaysNameRemoval;
                return Distinct(new RangeStream(grid, series(), range, dropsNow, run), run);
            };
        }
        var subquery = Subquery((SubqueryExpression)argument, grid);
        return run =>
        {
            var range = new RangeCall(
                function,
                subquery.Ends,
                subquery.RangeMs,
                Values(parameters, run),
                ContextOf(run)
            );
            var dropsNow = !function.KeepsName && !run.DelaysNameRemoval;
            return Distinct(new SubqueryStream(grid, subquery.Vector(run), range, dropsNow, run), run);
        };
    }

    private (Expression Range, List<ScalarPlan> Parameters) RangeArguments(CallExpression call, StepGrid grid)
    {
        Expression? range = null;
        var parameters = new List<ScalarPlan>();
        foreach (var argument in call.Arguments.Select(StepInvariance.Unwrapped))
        {
            if (argument.Type == ExpressionType.Matrix)
            {
                range = argument;
            }
            else
            {
                parameters.Add(Scalar(argument, grid));
            }
        }
        return (range!, parameters);
    }

    private static double[][] Values(List<ScalarPlan> parameters, QueryRun run) =>
        [.. parameters.Select(parameter => parameter(run))];

    /// <summary>Equal label sets are an error over ranges, even if they never have values at the same step.</summary>
    private static ColumnStream Distinct(ColumnStream stream, QueryRun run) =>
        stream.DropsMetadata && ColumnMerge.HasSameLabels(stream)
            ? ColumnMerge.Refuse(ColumnList.Of(stream, run))
            : stream;

    /// <summary>Where a selection looks at each step.</summary>
    private StepGrid EndsOf(AtModifier at, DurationExpression? offset, StepGrid grid)
    {
        var offsetMs = durations.ResolveOffset(offset);
        return at.Kind switch
        {
            AtKind.None => grid.Moved(-offsetMs),
            AtKind.Timestamp => new StepGrid(at.Timestamp - offsetMs, 0, grid.Count),
            AtKind.Start => new StepGrid(context.Grid.StartMs - offsetMs, 0, grid.Count),
            _ => new StepGrid(context.EndMs - offsetMs, 0, grid.Count),
        };
    }

    private TimeRange Around(MatrixSelector matrix, StepGrid ends, long rangeMs)
    {
        var extension = matrix.Selector.Extension;
        return new TimeRange(
            ends.StartMs - rangeMs + 1 - (extension == RangeExtension.None ? 0 : context.LookbackMs),
            ends.EndMs + (extension == RangeExtension.Smoothed ? context.LookbackMs : 0)
        );
    }

    private static WindowExtension Extension(RangeExtension extension) =>
        extension switch
        {
            RangeExtension.Anchored => WindowExtension.Anchored,
            RangeExtension.Smoothed => WindowExtension.Smoothed,
            _ => WindowExtension.None,
        };

    private static int[] PositionsOf(CallExpression call) =>
        [.. call.Arguments.Select(argument => StepInvariance.Unwrapped(argument).Position.Start)];
}
