using System.Diagnostics;

namespace Tributary.PromQL.Syntax;

/// <summary>Computes durations once the times of the query are known.</summary>
/// <param name="Query">The text of the query, for errors.</param>
/// <param name="StepMilliseconds">The time between two evaluations, for <c>step()</c>; 0 in an instant query.</param>
/// <param name="RangeMilliseconds">The time from the start to the end of the query, for <c>range()</c>.</param>
public sealed record DurationResolver(string Query, long StepMilliseconds, long RangeMilliseconds)
{
    /// <summary>A range or a step in milliseconds.</summary>
    /// <exception cref="ParseException">The duration is computed, and not positive, out of range, or divided by zero.</exception>
    public long ResolvePositive(DurationExpression duration) => Resolve(duration, mayBeNegative: false);

    /// <summary>An offset in milliseconds; negative to look ahead, 0 for none.</summary>
    /// <exception cref="ParseException">The duration is computed, and out of range, or divided by zero.</exception>
    public long ResolveOffset(DurationExpression? offset) => offset is null ? 0 : Resolve(offset, mayBeNegative: true);

    private long Resolve(DurationExpression duration, bool mayBeNegative)
    {
        if (duration is DurationLiteral literal)
        {
            return literal.Milliseconds;
        }
        var seconds = Seconds(duration);
        var problem =
            !double.IsFinite(seconds) ? "duration is NaN or infinite"
            : seconds <= 0 && !mayBeNegative ? "duration must be greater than 0"
            : Math.Abs(seconds) > QueryNumber.MaxSeconds ? "duration is out of range"
            : null;
        return problem is null ? (long)(seconds * 1000) : throw Error(duration, problem);
    }

    private double Seconds(DurationExpression duration) =>
        duration switch
        {
            DurationLiteral literal => literal.Seconds,
            DurationOfQuery { Kind: QueryDuration.Step } => StepMilliseconds / 1000.0,
            DurationOfQuery => RangeMilliseconds / 1000.0,
            DurationNegation negation => -Seconds(negation.Inner),
            DurationParentheses parentheses => Seconds(parentheses.Inner),
            DurationBinary binary => Join(binary, Seconds(binary.Left), Seconds(binary.Right)),
            _ => throw new UnreachableException(),
        };

    private double Join(DurationBinary binary, double left, double right) =>
        binary.Operator switch
        {
            DurationOperator.Add => left + right,
            DurationOperator.Subtract => left - right,
            DurationOperator.Multiply => left * right,
            DurationOperator.Divide => right == 0 ? throw Error(binary, "division by zero") : left / right,
            DurationOperator.Modulo => right == 0 ? throw Error(binary, "modulo by zero") : left % right,
            DurationOperator.Power => Math.Pow(left, right),
            DurationOperator.MinOf => Math.Min(left, right),
            DurationOperator.MaxOf => Math.Max(left, right),
            _ => throw new UnreachableException(),
        };

    private ParseException Error(DurationExpression duration, string problem)
    {
        var place = duration is DurationParentheses { Inner: not DurationLiteral } outer
            ? outer.Inner.Position
            : duration.Position;
        return ParseException.OfRange(Query, place, problem);
    }
}
