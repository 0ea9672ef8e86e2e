using System.Diagnostics;
using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <content>Calls of functions that yield vectors.</content>
internal sealed partial class Planner
{
    private VectorPlan Call(CallExpression call, StepGrid grid)
    {
        var name = call.Function.Name;
        if (RangeFunction.Find(name) is { } overRange)
        {
            return OverRange(overRange, call, grid);
        }
        if (InstantFunction.Find(name) is { } instant)
        {
            return Instant(instant, call, grid);
        }
        if (VectorFunction.Find(name) is { } whole)
        {
            return Whole(whole, call, grid);
        }
        return name switch
        {
            "timestamp" => Timestamp(call, grid, SelectedPart.Timestamp),
            "start_timestamp" => Timestamp(call, grid, SelectedPart.StartTimestamp),
            "vector" => OfScalar(Scalar(call.Arguments[0], grid), grid),
            "absent" => AbsentFunctions.Plan(
                Vector(call.Arguments[0], grid),
                StepInvariance.Unwrapped(call.Arguments[0])
            ),
            // Of all functions the one that keeps names: series that differ in nothing else are no error here.
            "absent_over_time" => AbsentFunctions.Plan(
                OverRange(RangeFunction.Find("last_over_time")!, call, grid),
                StepInvariance.Unwrapped(call.Arguments[0])
            ),
            "label_replace" => LabelFunctions.Replace(call, Vector(call.Arguments[0], grid)),
            "label_join" => LabelFunctions.Join(call, Vector(call.Arguments[0], grid)),
            "sort" or "sort_desc" or "sort_by_label" or "sort_by_label_desc" => SortFunctions.Plan(
                call,
                Vector(call.Arguments[0], grid)
            ),
            "info" => Info(call, grid),
            _ => throw new UnreachableException(name),
        };
    }

    /// <summary>A function of one value: of an argument, or of the time for dates without one.</summary>
    private VectorPlan Instant(InstantFunction function, CallExpression call, StepGrid grid)
    {
        if (call.Arguments.Count == 0)
        {
            return run =>
                Mapped(
                    OfScalar(inner => Times(grid, inner), grid)(run),
                    false,
                    column => function.Evaluate(new InstantInput { Column = column }, column),
                    run
                );
        }
        var vector = Vector(call.Arguments[0], grid);
        var parameters = call.Arguments.Skip(1).Select(argument => Scalar(argument, grid)).ToList();
        return run =>
        {
            var values = Values(parameters, run);
            return Mapped(
                vector(run),
                true,
                column =>
                    function.Evaluate(
                        new InstantInput
                        {
                            Column = column,
                            Parameter = values.Length > 0 ? values[0] : [],
                            Parameter2 = values.Length > 1 ? values[1] : [],
                        },
                        column
                    ),
                run
            );
        };
    }

    /// <summary>A function of a whole vector: <c>histogram_quantile</c> and its like.</summary>
    private VectorPlan Whole(VectorFunction function, CallExpression call, StepGrid grid)
    {
        VectorPlan? vector = null;
        var (place, label) = (0, "");
        var parameters = new List<ScalarPlan>();
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            var argument = StepInvariance.Unwrapped(call.Arguments[i]);
            switch (argument.Type)
            {
                case ExpressionType.Vector:
                    (vector, place) = (Vector(argument, grid), i);
                    break;
                case ExpressionType.String:
                    label = ((StringLiteral)argument).Value;
                    break;
                default:
                    parameters.Add(Scalar(argument, grid));
                    break;
            }
        }
        var positions = PositionsOf(call);
        return run =>
        {
            var list = ColumnList.Of(vector!(run), run);
            var functionContext = new FunctionContext(run.Annotations, positions)
            {
                LookbackMs = context.LookbackMs,
                DelaysNameRemoval = run.DelaysNameRemoval,
            };
            ReadOnlyMemory<double>[] values = [.. Values(parameters, run)];
            var input = new VectorInput(list.Series, grid, values, place, functionContext) { Label = label };
            var found = function.Evaluate(input);
            list.Release(run.Budget);
            return ColumnMerge.Merge(ColumnList.Counted(grid, found.Select(one => NameDropped(one, run)), run));
        };
    }

    private static SeriesColumn NameDropped(SeriesColumn series, QueryRun run) =>
        series.DropName && !run.DelaysNameRemoval ? series with { Labels = Metadata.Drop(series.Labels) } : series;

    private VectorPlan Timestamp(CallExpression call, StepGrid grid, SelectedPart part)
    {
        var argument = StepInvariance.Unwrapped(call.Arguments[0]);
        if (part == SelectedPart.StartTimestamp)
        {
            // Known of samples alone, and of them only if they are looked at.
            if (argument is not SelectorExpression || !context.Options.Has(QueryFeatures.StartTimestamps))
            {
                return _ => new ColumnList(grid, []);
            }
        }
        if (argument is SelectorExpression selector)
        {
            var selected = Selector(selector, grid, part);
            return run => Merged(selected(run), run);
        }
        var vector = Vector(argument, grid);
        return run => Mapped(vector(run), true, column => PutTimes(column, grid), run);
    }

    private static ColumnStream Merged(ColumnStream stream, QueryRun run) =>
        stream.DropsMetadata && ColumnMerge.HasSameLabels(stream)
            ? ColumnMerge.Merge(ColumnList.Of(stream, run))
            : stream;

    private static void PutTimes(StepColumn column, StepGrid grid)
    {
        for (var i = 0; i < column.Count; i++)
        {
            if (column.Has(i))
            {
                column.Set(i, grid.At(i) / 1000.0);
            }
        }
    }

    private static VectorPlan OfScalar(ScalarPlan scalar, StepGrid grid) =>
        run => ColumnList.Counted(grid, [new SeriesColumn(LabelSet.Empty, StepColumn.Of(scalar(run)))], run);
}
