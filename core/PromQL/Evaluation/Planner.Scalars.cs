using System.Diagnostics;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Matching;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <content>Scalars: one number at each step.</content>
internal sealed partial class Planner
{
    private const int CountedSteps = 20_000;

    /// <summary>The plan of a scalar.</summary>
    public ScalarPlan Scalar(Expression expression, StepGrid grid)
    {
        expression = StepInvariance.Unwrapped(expression);
        return expression switch
        {
            NumberLiteral number => Constant(number.Value, grid),
            UnaryExpression { IsNegative: false } unary => Scalar(unary.Expression, grid),
            UnaryExpression unary => Each(Scalar(unary.Expression, grid), value => -value),
            BinaryExpression { Operator: BinaryOperator.TrimLower or BinaryOperator.TrimUpper } trimming =>
                throw QueryException.Execution(
                    $"operator {Quoting.Quote(trimming.Operator.Symbol())} not allowed for Scalar operations"
                ),
            BinaryExpression binary => Pairs(
                Scalar(binary.Left, grid),
                Scalar(binary.Right, grid),
                (left, right) => ScalarOperator.Compute(binary.Operator, left, right)
            ),
            CallExpression call => ScalarCall(call, grid),
            _ => throw new UnreachableException(expression.GetType().Name),
        };
    }

    private ScalarPlan ScalarCall(CallExpression call, StepGrid grid) =>
        call.Function.Name switch
        {
            "time" => run => Times(grid, run),
            "pi" => Constant(Math.PI, grid),
            "start" => Constant(context.Grid.StartMs / 1000.0, grid),
            "end" => Constant(context.EndMs / 1000.0, grid),
            "range" => Constant((context.EndMs - context.Grid.StartMs) / 1000.0, grid),
            // As upstream, a range query from a time to the same time counts as an instant query here.
            "step" => Constant(context.EndMs == context.Grid.StartMs ? 0 : context.Grid.StepMs / 1000.0, grid),
            "max_of" => Pairs(Scalar(call.Arguments[0], grid), Scalar(call.Arguments[1], grid), Math.Max),
            "min_of" => Pairs(Scalar(call.Arguments[0], grid), Scalar(call.Arguments[1], grid), Math.Min),
            "scalar" => OnlyFloat(call.Arguments[0], grid),
            _ => throw new UnreachableException(call.Function.Name),
        };

    private static double[] Times(StepGrid grid, QueryRun run)
    {
        var times = NewScalar(grid, run);
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = grid.At(i) / 1000.0;
        }
        return times;
    }

    private static ScalarPlan Constant(double value, StepGrid grid) =>
        run =>
        {
            var values = NewScalar(grid, run);
            values.AsSpan().Fill(value);
            return values;
        };

    /// <summary>Subqueries may have very many steps: those of scalars stay counted up to the end of the query.</summary>
    private static double[] NewScalar(StepGrid grid, QueryRun run)
    {
        run.Check();
        run.Budget.TakeBytes(grid.Count < CountedSteps ? 0 : (long)grid.Count * sizeof(double));
        return new double[grid.Count];
    }

    private static ScalarPlan Each(ScalarPlan inner, Func<double, double> map) =>
        run => Array.ConvertAll(inner(run), value => map(value));

    private static ScalarPlan Pairs(ScalarPlan left, ScalarPlan right, Func<double, double, double> map) =>
        run =>
        {
            var (one, other) = (left(run), right(run));
            for (var i = 0; i < one.Length; i++)
            {
                one[i] = map(one[i], other[i]);
            }
            return one;
        };

    /// <summary><c>scalar()</c>: the float of the only series that has one, else NaN.</summary>
    private ScalarPlan OnlyFloat(Expression argument, StepGrid grid)
    {
        var vector = Vector(argument, grid);
        return run =>
        {
            var list = ColumnList.Of(vector(run), run);
            var result = NewScalar(grid, run);
            for (var step = 0; step < result.Length; step++)
            {
                var found = Absent.Value;
                foreach (var series in list.Series)
                {
                    var value = series.Column.Values[step];
                    if (!Absent.Is(value))
                    {
                        if (!Absent.Is(found))
                        {
                            found = Absent.Value;
                            break;
                        }
                        found = value;
                    }
                }
                result[step] = Absent.Is(found) ? double.NaN : found;
            }
            list.Release(run.Budget);
            return result;
        };
    }
}
