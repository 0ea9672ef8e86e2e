using System.Diagnostics;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Writes expressions as people read them: what is longer than a line is broken up and indented.</summary>
/// <remarks>The rules are those of Prometheus' <c>/api/v1/format_query</c>.</remarks>
public sealed class ExpressionFormatter
{
    /// <summary>In UTF-8 bytes.</summary>
    private const int LineLength = 100;

    private readonly StringBuilder output = new();

    /// <summary>The expressions that do not fit on a line.</summary>
    private readonly HashSet<Expression> broken = new(ReferenceEqualityComparer.Instance);

    private ExpressionFormatter() { }

    /// <summary>The formatted query; parsed, it is equal to the expression.</summary>
    public static string Format(Expression expression)
    {
        var formatter = new ExpressionFormatter();
        formatter.Measure(expression);
        formatter.Append(expression, 0);
        return formatter.output.ToString();
    }

    /// <summary>Finds what does not fit, from the inside out, so that nothing long is printed more than once.</summary>
    private bool Measure(Expression expression)
    {
        var isBroken = false;
        if (expression is not MatrixSelector)
        {
            foreach (var child in expression.Children)
            {
                isBroken |= Measure(child);
            }
        }
        isBroken = isBroken || Encoding.UTF8.GetByteCount(ExpressionPrinter.Print(expression)) > LineLength;
        if (isBroken)
        {
            broken.Add(expression);
        }
        return isBroken;
    }

    private void Append(Expression expression, int level)
    {
        // Signs and subqueries hand on to what is inside even on one line; as in Prometheus, a subquery is not indented.
        if (expression is UnaryExpression unary)
        {
            AppendUnary(unary, level);
            return;
        }
        if (!broken.Contains(expression) || IsLeaf(expression))
        {
            Indent(expression is SubqueryExpression ? 0 : level);
            ExpressionPrinter.Append(output, expression);
            return;
        }
        switch (expression)
        {
            case AggregateExpression aggregate:
                Indent(level);
                ExpressionPrinter.AppendHead(output, aggregate);
                AppendList(aggregate.Children, level);
                break;
            case CallExpression call:
                Indent(level);
                output.Append(call.Function.Name);
                AppendList(call.Arguments, level);
                break;
            case ParenthesesExpression parentheses:
                Indent(level);
                AppendList([parentheses.Expression], level);
                break;
            case BinaryExpression binary:
                Append(binary.Left, level + 1);
                output.Append('\n');
                Indent(level);
                ExpressionPrinter.AppendHead(output, binary);
                output.Append('\n');
                Append(binary.Right, level + 1);
                break;
            case SubqueryExpression subquery:
                Append(subquery.Expression, level);
                ExpressionPrinter.AppendRange(output, subquery);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>A sign stands directly before what is inside, whose indentation it takes over.</summary>
    private void AppendUnary(UnaryExpression unary, int level)
    {
        Indent(level);
        output.Append(unary.IsNegative ? '-' : '+');
        var start = output.Length;
        Append(unary.Expression, level);
        var spaces = 0;
        while (output[start + spaces] == ' ')
        {
            spaces++;
        }
        output.Remove(start, spaces);
    }

    private void AppendList(IReadOnlyList<Expression> expressions, int level)
    {
        output.Append("(\n");
        for (var i = 0; i < expressions.Count; i++)
        {
            output.Append(i > 0 ? ",\n" : "");
            Append(expressions[i], level + 1);
        }
        output.Append('\n');
        Indent(level);
        output.Append(')');
    }

    private void Indent(int level) => output.Append(' ', 2 * level);

    private static bool IsLeaf(Expression expression) => expression is MatrixSelector || expression.Children.Count == 0;
}
