using System.Diagnostics;
using Tributary.PromQL.Aggregations;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Matching;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>
/// Turns an expression into a plan: which series it needs of which time, and how to compute it from them. Every part knows
/// its steps: those of the query, one step where the result is the same at all of them, or those of a subquery.
/// </summary>
internal sealed partial class Planner
{
    private readonly PlanContext context;
    private readonly StepInvariance invariance = new();
    private readonly DurationResolver durations;
    private readonly BucketUse bucketUse = new();

    /// <summary>A planner for one query.</summary>
    public Planner(PlanContext context)
    {
        this.context = context;
        durations = new DurationResolver(
            context.Query,
            context.IsInstant ? 0 : context.Grid.StepMs,
            context.EndMs - context.Grid.StartMs
        );
    }

    /// <summary>The selections that the plans need.</summary>
    public SelectionPlan Selections { get; } = new();

    /// <summary>How many steps the subqueries have together.</summary>
    public long SubquerySteps { get; private set; }

    /// <summary>The plan of an instant vector.</summary>
    public VectorPlan Vector(Expression expression, StepGrid grid)
    {
        expression = StepInvariance.Unwrapped(expression);
        if (grid.Count <= 1 || !invariance.Holds(expression))
        {
            return VectorAt(expression, grid);
        }
        var once = VectorAt(expression, StepGrid.Instant(grid.StartMs));
        return run => new RepeatedStream(grid, once(run));
    }

    private VectorPlan VectorAt(Expression expression, StepGrid grid) =>
        bucketUse.Below(expression, () => PlanOf(expression, grid));

    private VectorPlan PlanOf(Expression expression, StepGrid grid) =>
        expression switch
        {
            SelectorExpression selector => Selector(selector, grid, SelectedPart.Value),
            CallExpression call => Call(call, grid),
            AggregateExpression aggregate => Aggregate(aggregate, grid),
            BinaryExpression binary => Binary(binary, grid),
            UnaryExpression { IsNegative: false } unary => Vector(unary.Expression, grid),
            UnaryExpression unary => Negative(unary, grid),
            _ => throw new UnreachableException(expression.GetType().Name),
        };

    private VectorPlan Aggregate(AggregateExpression expression, StepGrid grid)
    {
        // Annotations are about what stands inside of parentheses.
        expression = new AggregateExpression(
            expression.Operator,
            StepInvariance.Unwrapped(expression.Expression),
            expression.Parameter is { } given ? StepInvariance.Unwrapped(given) : null,
            expression.Grouping,
            expression.Without,
            expression.Position
        );
        var input = Vector(expression.Expression, grid);
        var parameter = expression.Parameter is { Type: ExpressionType.Scalar } scalar ? Scalar(scalar, grid) : null;
        return run =>
        {
            double[] values = parameter is null ? [] : parameter(run);
            return Aggregation.Evaluate(expression, input(run), values, run);
        };
    }

    private VectorPlan Binary(BinaryExpression expression, StepGrid grid)
    {
        if (expression.Left.Type == ExpressionType.Scalar)
        {
            return WithScalar(expression, Scalar(expression.Left, grid), Vector(expression.Right, grid), true);
        }
        if (expression.Right.Type == ExpressionType.Scalar)
        {
            return WithScalar(expression, Scalar(expression.Right, grid), Vector(expression.Left, grid), false);
        }
        var (left, right) = (Vector(expression.Left, grid), Vector(expression.Right, grid));
        return run =>
        {
            var one = ColumnList.Of(left(run), run);
            var other = ColumnList.Of(right(run), run);
            return expression.Operator.IsSet()
                ? SetOperation.Evaluate(expression, one, other, run)
                : new VectorOperation(expression, one, other, run).Evaluate();
        };
    }

    private VectorPlan WithScalar(BinaryExpression expression, ScalarPlan scalar, VectorPlan vector, bool scalarIsLeft)
    {
        var dropsName = ColumnOperator.ChangesMetric(expression.Operator) || expression.ReturnBool;
        return run =>
        {
            var values = scalar(run);
            var @operator = new ColumnOperator(expression, run);
            return Mapped(vector(run), dropsName, column => @operator.ApplyScalar(column, values, scalarIsLeft), run);
        };
    }

    private VectorPlan Negative(UnaryExpression expression, StepGrid grid)
    {
        var inner = Vector(expression.Expression, grid);
        return run => Mapped(inner(run), true, Negate, run);
    }

    private static void Negate(StepColumn column)
    {
        var values = column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            if (!Absent.Is(values[i]))
            {
                values[i] = -values[i];
            }
        }
        for (var i = 0; column.Histograms is { } histograms && i < histograms.Length; i++)
        {
            if (histograms[i] is { } histogram)
            {
                histograms[i] = HistogramArithmetic.Multiply(histogram, -1);
            }
        }
    }

    /// <summary>A vector computed series by series; those that become equal without their names are merged.</summary>
    private static ColumnStream Mapped(ColumnStream inner, bool dropsName, Action<StepColumn> map, QueryRun run)
    {
        var dropsNow = dropsName && !run.DelaysNameRemoval;
        var mapped = new MappedStream(inner, dropsNow, dropsName, map);
        return dropsNow && !inner.DropsMetadata && ColumnMerge.HasSameLabels(mapped)
            ? ColumnMerge.Merge(ColumnList.Of(mapped, run))
            : mapped;
    }
}
