using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Writes durations in the form in which Prometheus prints them.</summary>
internal static class DurationPrinter
{
    private static readonly (string Unit, long Milliseconds, bool OnlyExact)[] Units =
    [
        ("y", 365L * 24 * 3600 * 1000, true),
        ("w", 7L * 24 * 3600 * 1000, true),
        ("d", 24L * 3600 * 1000, false),
        ("h", 3600L * 1000, false),
        ("m", 60L * 1000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];

    /// <summary>A duration expression as query text; one literal is always written as a duration.</summary>
    public static string Print(DurationExpression duration)
    {
        if (duration is DurationLiteral literal)
        {
            return Milliseconds(literal.Milliseconds);
        }
        var output = new StringBuilder();
        Append(output, duration);
        return output.ToString();
    }

    /// <summary>Seconds as a duration, cut to milliseconds: <c>-1h30m</c>.</summary>
    public static string Seconds(double seconds) => Milliseconds((long)(seconds * 1e9) / 1_000_000);

    private static string Milliseconds(long milliseconds)
    {
        if (milliseconds <= 0)
        {
            return milliseconds == 0 ? "0s" : "-" + Milliseconds(-milliseconds);
        }
        var output = new StringBuilder();
        foreach (var (unit, size, onlyExact) in Units)
        {
            if (milliseconds >= size && (!onlyExact || milliseconds % size == 0))
            {
                output.Append(CultureInfo.InvariantCulture, $"{milliseconds / size}{unit}");
                milliseconds %= size;
            }
        }
        return output.ToString();
    }

    private static void Append(StringBuilder output, DurationExpression duration)
    {
        switch (duration)
        {
            case DurationLiteral literal:
                output.Append(literal.IsDuration ? Seconds(literal.Seconds) : GoNumber.Plain(literal.Seconds));
                break;
            case DurationOfQuery ofQuery:
                output.Append(ofQuery.Kind == QueryDuration.Step ? "step()" : "range()");
                break;
            case DurationNegation negation:
                output.Append('-');
                Append(output, negation.Inner);
                break;
            case DurationParentheses parentheses:
                output.Append('(');
                Append(output, parentheses.Inner);
                output.Append(')');
                break;
            case DurationBinary { Operator: DurationOperator.MinOf or DurationOperator.MaxOf } call:
                output.Append(call.Operator.Symbol()).Append('(');
                Append(output, call.Left);
                output.Append(", ");
                Append(output, call.Right);
                output.Append(')');
                break;
            case DurationBinary binary:
                Append(output, binary.Left);
                output.Append(' ').Append(binary.Operator.Symbol()).Append(' ');
                Append(output, binary.Right);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
