using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Writes expressions on one line, in the form in which Prometheus prints them.</summary>
internal static class ExpressionPrinter
{
    /// <summary>The expression as query text.</summary>
    public static string Print(Expression expression)
    {
        var output = new StringBuilder();
        Append(output, expression);
        return output.ToString();
    }

    /// <summary>Appends the expression.</summary>
    public static void Append(StringBuilder output, Expression expression)
    {
        switch (expression)
        {
            case NumberLiteral number:
                output.Append(number.IsDuration ? DurationPrinter.Seconds(number.Value) : GoNumber.Plain(number.Value));
                break;
            case StringLiteral text:
                output.Append(Quoting.Quote(text.Value));
                break;
            case SelectorExpression selector:
                AppendSelector(output, selector);
                AppendAt(output, selector.At);
                AppendExtension(output, selector.Extension);
                AppendOffset(output, selector.Offset);
                break;
            case MatrixSelector matrix:
                AppendSelector(output, matrix.Selector);
                AppendRange(output, matrix);
                break;
            case SubqueryExpression subquery:
                Append(output, subquery.Expression);
                AppendRange(output, subquery);
                break;
            case CallExpression call:
                output.Append(call.Function.Name).Append('(');
                AppendList(output, call.Arguments);
                output.Append(')');
                break;
            case AggregateExpression aggregate:
                AppendHead(output, aggregate);
                output.Append('(');
                AppendList(output, aggregate.Children);
                output.Append(')');
                break;
            case BinaryExpression binary:
                Append(output, binary.Left);
                output.Append(' ');
                AppendHead(output, binary);
                output.Append(' ');
                Append(output, binary.Right);
                break;
            case UnaryExpression unary:
                output.Append(unary.IsNegative ? '-' : '+');
                Append(output, unary.Expression);
                break;
            case ParenthesesExpression parentheses:
                output.Append('(');
                Append(output, parentheses.Expression);
                output.Append(')');
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Appends an aggregation up to its arguments: <c>sum by (job) </c>.</summary>
    public static void AppendHead(StringBuilder output, AggregateExpression aggregate)
    {
        output.Append(aggregate.Operator.Name());
        if (aggregate.Without || aggregate.Grouping.Count > 0)
        {
            output.Append(aggregate.Without ? " without (" : " by (");
            AppendLabels(output, aggregate.Grouping);
            output.Append(") ");
        }
    }

    /// <summary>Appends an operator with its modifiers: <c>+ on (job) group_left ()</c>.</summary>
    public static void AppendHead(StringBuilder output, BinaryExpression binary)
    {
        output.Append(binary.Operator.Symbol()).Append(binary.ReturnBool ? " bool" : "");
        if (binary.Matching is not { } matching)
        {
            return;
        }
        var isGrouped = matching.Cardinality is MatchCardinality.ManyToOne or MatchCardinality.OneToMany;
        if (matching.Labels.Count > 0 || matching.On || isGrouped)
        {
            output.Append(matching.On ? " on (" : " ignoring (");
            AppendLabels(output, matching.Labels);
            output.Append(')');
        }
        if (isGrouped)
        {
            var isLeft = matching.Cardinality == MatchCardinality.ManyToOne;
            output.Append(isLeft ? " group_left (" : " group_right (");
            AppendLabels(output, matching.Include);
            output.Append(')');
        }
        AppendFill(output, matching.FillLeft, matching.FillRight);
    }

    /// <summary>Appends what follows the matchers of a range: <c>[5m] @ 1.000 offset 1m</c>.</summary>
    public static void AppendRange(StringBuilder output, MatrixSelector matrix)
    {
        output.Append('[').Append(matrix.Range).Append(']');
        AppendExtension(output, matrix.Selector.Extension);
        AppendAt(output, matrix.Selector.At);
        AppendOffset(output, matrix.Selector.Offset);
    }

    /// <summary>Appends what follows the expression of a subquery: <c>[1h:5m] @ 1.000 offset 1m</c>.</summary>
    public static void AppendRange(StringBuilder output, SubqueryExpression subquery)
    {
        output.Append('[').Append(subquery.Range).Append(':').Append(subquery.Step).Append(']');
        AppendAt(output, subquery.At);
        AppendOffset(output, subquery.Offset);
    }

    /// <summary>Appends a name and matchers, sorted, without modifiers.</summary>
    private static void AppendSelector(StringBuilder output, SelectorExpression selector)
    {
        var matchers = new List<string>();
        foreach (var matcher in selector.Selector.Matchers)
        {
            if (selector.Name is not { } name || !matcher.IsName(name))
            {
                matchers.Add(matcher.ToString());
            }
        }
        matchers.Sort(StringComparer.Ordinal);
        output.Append(selector.Name);
        if (matchers.Count > 0 || selector.Name is null)
        {
            output.Append('{').AppendJoin(',', matchers).Append('}');
        }
    }

    private static void AppendExtension(StringBuilder output, RangeExtension extension) =>
        output.Append(
            extension switch
            {
                RangeExtension.Anchored => " anchored",
                RangeExtension.Smoothed => " smoothed",
                _ => "",
            }
        );

    private static void AppendOffset(StringBuilder output, DurationExpression? offset)
    {
        if (offset is not null)
        {
            output.Append(" offset ").Append(offset);
        }
    }

    private static void AppendAt(StringBuilder output, AtModifier at)
    {
        if (at.Kind == AtKind.Timestamp)
        {
            output.Append(CultureInfo.InvariantCulture, $" @ {at.Timestamp / 1000.0:F3}");
        }
        else if (at.Kind != AtKind.None)
        {
            output.Append(at.Kind == AtKind.Start ? " @ start()" : " @ end()");
        }
    }

    private static void AppendFill(StringBuilder output, double? left, double? right)
    {
        if (left is { } both && both == right)
        {
            output.Append(" fill (").Append(GoNumber.General(both)).Append(')');
            return;
        }
        if (left is { } leftValue)
        {
            output.Append(" fill_left (").Append(GoNumber.General(leftValue)).Append(')');
        }
        if (right is { } rightValue)
        {
            output.Append(" fill_right (").Append(GoNumber.General(rightValue)).Append(')');
        }
    }

    private static void AppendLabels(StringBuilder output, IReadOnlyList<string> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            var label = labels[i];
            output.Append(i > 0 ? ", " : "").Append(Keywords.IsPlainLabel(label) ? label : Quoting.Quote(label));
        }
    }

    private static void AppendList(StringBuilder output, IReadOnlyList<Expression> expressions)
    {
        for (var i = 0; i < expressions.Count; i++)
        {
            output.Append(i > 0 ? ", " : "");
            Append(output, expressions[i]);
        }
    }
}
