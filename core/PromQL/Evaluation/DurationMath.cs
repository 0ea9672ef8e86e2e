using System.Diagnostics;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary>Durations of a query in milliseconds, with <c>step()</c> and <c>range()</c> known.</summary>
/// <param name="stepMs">The time between two evaluations; 0 in an instant query.</param>
/// <param name="rangeMs">The time from the start to the end of the query.</param>
internal sealed class DurationMath(long stepMs, long rangeMs)
{
    /// <summary>A range or a step, which is more than nothing.</summary>
    /// <exception cref="QueryException">It is not, or it is no duration.</exception>
    public long Positive(DurationExpression expression) => Milliseconds(expression, allowsNegative: false);

    /// <summary>An offset; 0 for null.</summary>
    /// <exception cref="QueryException">It is no duration.</exception>
    public long Offset(DurationExpression? expression) =>
        expression is null ? 0 : Milliseconds(expression, allowsNegative: true);

    private long Milliseconds(DurationExpression expression, bool allowsNegative)
    {
        var seconds = Evaluate(expression);
        if (!double.IsFinite(seconds))
        {
            throw Error(expression, "duration is NaN or infinite");
        }
        if (seconds <= 0 && !allowsNegative)
        {
            throw Error(expression, "duration must be greater than 0");
        }
        if (Math.Abs(seconds) > QueryNumber.MaxSeconds)
        {
            throw Error(expression, "duration is out of range");
        }
        // As upstream: what is written is rounded, what is computed is cut.
        return (long)(expression is DurationLiteral ? Math.Round(seconds * 1000) : seconds * 1000);
    }

    private double Evaluate(DurationExpression expression) =>
        expression switch
        {
            DurationLiteral literal => literal.Seconds,
            DurationOfQuery query => (query.Kind == QueryDuration.Step ? stepMs : rangeMs) / 1000.0,
            DurationNegation negation => -Evaluate(negation.Inner),
            DurationParentheses parentheses => Evaluate(parentheses.Inner),
            DurationBinary binary => Evaluate(binary, Evaluate(binary.Left), Evaluate(binary.Right)),
            _ => throw new UnreachableException(),
        };

    private static double Evaluate(DurationBinary expression, double left, double right) =>
        expression.Operator switch
        {
            DurationOperator.Add => left + right,
            DurationOperator.Subtract => left - right,
            DurationOperator.Multiply => left * right,
            DurationOperator.Divide => right == 0 ? throw Error(expression, "division by zero") : left / right,
            DurationOperator.Modulo => right == 0 ? throw Error(expression, "modulo by zero") : left % right,
            DurationOperator.Power => Math.Pow(left, right),
            DurationOperator.MinOf => Math.Min(left, right),
            DurationOperator.MaxOf => Math.Max(left, right),
            _ => throw new UnreachableException(),
        };

    private static QueryException Error(DurationExpression expression, string problem) =>
        new(QueryFailure.BadData, $"{expression.Position.Start}:{expression.Position.End}: {problem}");
}
