using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>Fixes the time of a query with <c>@</c>, so that its answer does not depend on when it is asked.</summary>
internal static class FixedTime
{
    private static readonly HashSet<string> Unsafe =
    [
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "end",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "range",
        "start",
        "step",
        "time",
        "timestamp",
    ];

    /// <summary>The query with <c>@</c> at every selector or outermost subquery that has none.</summary>
    /// <returns>Null when a function in it looks at the time of the evaluation.</returns>
    public static string? Fix(string query, ParserOptions options, long timeMs)
    {
        var expression = QueryParser.Parse(query, options);
        return UsesTime(expression) ? null : Fix(expression, timeMs).ToString();
    }

    /// <summary>The times to evaluate at.</summary>
    public static IReadOnlyList<long> Times(long timeMs) =>
        timeMs == 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, timeMs / 5, timeMs, 10 * timeMs];

    private static bool UsesTime(Expression expression) =>
        (expression is CallExpression call && Unsafe.Contains(call.Function.Name))
        || (expression is not SubqueryExpression && expression.Children.Any(UsesTime));

    private static Expression Fix(Expression expression, long timeMs) =>
        expression switch
        {
            SelectorExpression selector => FixSelector(selector, timeMs),
            MatrixSelector matrix => matrix with { Selector = FixSelector(matrix.Selector, timeMs) },
            SubqueryExpression { At.Kind: AtKind.None } subquery => new SubqueryExpression(
                subquery.Expression,
                subquery.Range,
                subquery.Step,
                subquery.Offset,
                new AtModifier(AtKind.Timestamp, timeMs),
                subquery.Position
            ),
            CallExpression call => new CallExpression(
                call.Function,
                [.. call.Arguments.Select(item => Fix(item, timeMs))],
                call.Position
            ),
            AggregateExpression aggregate => new AggregateExpression(
                aggregate.Operator,
                Fix(aggregate.Expression, timeMs),
                aggregate.Parameter is { } parameter ? Fix(parameter, timeMs) : null,
                aggregate.Grouping,
                aggregate.Without,
                aggregate.Position
            ),
            BinaryExpression binary => new BinaryExpression(
                binary.Operator,
                Fix(binary.Left, timeMs),
                Fix(binary.Right, timeMs),
                binary.Matching,
                binary.ReturnBool,
                binary.Position
            ),
            UnaryExpression unary => new UnaryExpression(
                unary.IsNegative,
                Fix(unary.Expression, timeMs),
                unary.Position
            ),
            ParenthesesExpression inner => new ParenthesesExpression(Fix(inner.Expression, timeMs), inner.Position),
            _ => expression,
        };

    private static SelectorExpression FixSelector(SelectorExpression selector, long timeMs) =>
        selector.At.Kind == AtKind.None ? selector with { At = new AtModifier(AtKind.Timestamp, timeMs) } : selector;
}
