using System.Collections.Frozen;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary>Which parts of a query have the same result at every step, and so are evaluated once.</summary>
internal sealed class StepInvariance
{
    /// <summary>Functions that look at the time of the evaluation.</summary>
    private static readonly FrozenSet<string> Unsafe = FrozenSet.Create(
        StringComparer.Ordinal,
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "time",
        "timestamp"
    );

    private readonly Dictionary<Expression, bool> known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether an expression has the same result at every step.</summary>
    public bool Holds(Expression expression)
    {
        if (!known.TryGetValue(expression, out var holds))
        {
            holds = Decide(expression);
            known.Add(expression, holds);
        }
        return holds;
    }

    private bool Decide(Expression expression) =>
        expression switch
        {
            NumberLiteral or StringLiteral => true,
            SelectorExpression selector => selector.At.Kind != AtKind.None,
            MatrixSelector matrix => matrix.Selector.At.Kind != AtKind.None,
            SubqueryExpression subquery => subquery.At.Kind != AtKind.None,
            CallExpression { Function.Name: "timestamp" } call => Unwrapped(call.Arguments[0])
                is SelectorExpression { At.Kind: not AtKind.None },
            CallExpression call => !Unsafe.Contains(call.Function.Name) && call.Arguments.All(Holds),
            _ => expression.Children.All(Holds),
        };

    /// <summary>An expression without parentheses around it.</summary>
    public static Expression Unwrapped(Expression expression)
    {
        while (expression is ParenthesesExpression parentheses)
        {
            expression = parentheses.Expression;
        }
        return expression;
    }
}
