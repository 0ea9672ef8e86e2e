using System.Diagnostics;
using System.Text.Json;

namespace Tributary.PromQL.Syntax;

/// <summary>Writes expressions as the JSON of Prometheus' <c>/api/v1/parse_query</c>.</summary>
public static class ExpressionJson
{
    /// <summary>Writes an expression as one JSON object.</summary>
    public static void Write(Utf8JsonWriter json, Expression expression)
    {
        json.WriteStartObject();
        switch (expression)
        {
            case NumberLiteral number:
                json.WriteString("type", "numberLiteral");
                json.WriteString("val", GoNumber.Plain(number.Value));
                break;
            case StringLiteral text:
                json.WriteString("type", "stringLiteral");
                json.WriteString("val", text.Value);
                break;
            case SelectorExpression selector:
                json.WriteString("type", "vectorSelector");
                WriteSelector(json, selector);
                break;
            case MatrixSelector matrix:
                json.WriteString("type", "matrixSelector");
                WriteSelector(json, matrix.Selector);
                WriteDuration(json, "range", matrix.Range);
                break;
            case SubqueryExpression subquery:
                WriteSubquery(json, subquery);
                break;
            case CallExpression call:
                WriteCall(json, call);
                break;
            case AggregateExpression aggregate:
                WriteAggregate(json, aggregate);
                break;
            case BinaryExpression binary:
                WriteBinary(json, binary);
                break;
            case UnaryExpression unary:
                json.WriteString("type", "unaryExpr");
                json.WriteString("op", unary.IsNegative ? "-" : "+");
                WriteChild(json, "expr", unary.Expression);
                break;
            case ParenthesesExpression parentheses:
                json.WriteString("type", "parenExpr");
                WriteChild(json, "expr", parentheses.Expression);
                break;
            default:
                throw new UnreachableException();
        }
        json.WriteEndObject();
    }

    private static void WriteChild(Utf8JsonWriter json, string name, Expression? child)
    {
        json.WritePropertyName(name);
        if (child is null)
        {
            json.WriteNullValue();
        }
        else
        {
            Write(json, child);
        }
    }

    private static void WriteSelector(Utf8JsonWriter json, SelectorExpression selector)
    {
        json.WriteString("name", selector.Name ?? "");
        WriteDuration(json, "offset", selector.Offset);
        WriteAt(json, selector.At);
        json.WriteBoolean("anchored", selector.Extension == RangeExtension.Anchored);
        json.WriteBoolean("smoothed", selector.Extension == RangeExtension.Smoothed);
        json.WriteStartArray("matchers");
        // The name before the braces stands last there.
        var matchers = selector.Selector.Matchers;
        var first = selector.Name is null ? 0 : 1;
        for (var i = 0; i < matchers.Count; i++)
        {
            WriteMatcher(json, matchers[(i + first) % matchers.Count]);
        }
        json.WriteEndArray();
    }

    private static void WriteMatcher(Utf8JsonWriter json, LabelMatcher matcher)
    {
        json.WriteStartObject();
        json.WriteString("name", matcher.Name);
        json.WriteString("type", matcher.Operator.Symbol());
        json.WriteString("value", matcher.Value);
        json.WriteEndObject();
    }

    private static void WriteSubquery(Utf8JsonWriter json, SubqueryExpression subquery)
    {
        json.WriteString("type", "subquery");
        WriteChild(json, "expr", subquery.Expression);
        WriteDuration(json, "range", subquery.Range);
        WriteDuration(json, "step", subquery.Step);
        WriteDuration(json, "offset", subquery.Offset);
        WriteAt(json, subquery.At);
    }

    private static void WriteCall(Utf8JsonWriter json, CallExpression call)
    {
        json.WriteString("type", "call");
        json.WriteStartObject("func");
        json.WriteString("name", call.Function.Name);
        json.WriteStartArray("argTypes");
        foreach (var type in call.Function.ArgumentTypes)
        {
            json.WriteStringValue(type.Name());
        }
        json.WriteEndArray();
        json.WriteNumber("variadic", call.Function.Variadic);
        json.WriteString("returnType", call.Function.ReturnType.Name());
        json.WriteEndObject();
        json.WriteStartArray("args");
        foreach (var argument in call.Arguments)
        {
            Write(json, argument);
        }
        json.WriteEndArray();
    }

    private static void WriteAggregate(Utf8JsonWriter json, AggregateExpression aggregate)
    {
        json.WriteString("type", "aggregation");
        json.WriteString("op", aggregate.Operator.Name());
        WriteChild(json, "expr", aggregate.Expression);
        WriteChild(json, "param", aggregate.Parameter);
        WriteTexts(json, "grouping", aggregate.Grouping);
        json.WriteBoolean("without", aggregate.Without);
    }

    private static void WriteBinary(Utf8JsonWriter json, BinaryExpression binary)
    {
        json.WriteString("type", "binaryExpr");
        json.WriteString("op", binary.Operator.Symbol());
        WriteChild(json, "lhs", binary.Left);
        WriteChild(json, "rhs", binary.Right);
        json.WriteBoolean("bool", binary.ReturnBool);
        if (binary.Matching is not { } matching)
        {
            json.WriteNull("matching");
            return;
        }
        json.WriteStartObject("matching");
        json.WriteString("card", matching.Cardinality.Name());
        WriteTexts(json, "labels", matching.Labels);
        json.WriteBoolean("on", matching.On);
        WriteTexts(json, "include", matching.Include);
        json.WriteStartObject("fillValues");
        WriteFill(json, "lhs", matching.FillLeft);
        WriteFill(json, "rhs", matching.FillRight);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>JSON has no such numbers as infinity; where Prometheus' answer breaks off, ours has a text.</summary>
    private static void WriteFill(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number)
        {
            json.WriteNull(name);
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteString(name, GoNumber.Plain(number));
        }
    }

    /// <summary>Writes a duration as milliseconds, 0 for none or an expression, and the expression beside it.</summary>
    private static void WriteDuration(Utf8JsonWriter json, string name, DurationExpression? duration)
    {
        var literal = duration as DurationLiteral;
        json.WriteNumber(name, literal?.Milliseconds ?? 0);
        json.WritePropertyName(name + "Expr");
        if (duration is null || literal is not null)
        {
            json.WriteNullValue();
        }
        else
        {
            WriteDuration(json, duration, isWrapped: false);
        }
    }

    private static void WriteDuration(Utf8JsonWriter json, DurationExpression duration, bool isWrapped)
    {
        if (duration is DurationParentheses { Inner: not DurationLiteral } parentheses)
        {
            WriteDuration(json, parentheses.Inner, isWrapped: true);
            return;
        }
        json.WriteStartObject();
        if (duration is DurationLiteral literal)
        {
            json.WriteString("type", "numberLiteral");
            json.WriteString("val", GoNumber.Plain(literal.Seconds));
            json.WriteBoolean("duration", literal.IsDuration);
        }
        else
        {
            var (symbol, left, right) = PartsOf(duration);
            json.WriteString("type", "durationExpr");
            json.WriteString("op", symbol);
            WriteOperand(json, "lhs", left);
            WriteOperand(json, "rhs", right);
            // A number in parentheses is there a plus with parentheses.
            json.WriteBoolean("wrapped", isWrapped || duration is DurationParentheses);
        }
        json.WriteEndObject();
    }

    private static (string Symbol, DurationExpression? Left, DurationExpression? Right) PartsOf(
        DurationExpression duration
    ) =>
        duration switch
        {
            DurationOfQuery ofQuery => (ofQuery.Kind == QueryDuration.Step ? "step" : "range", null, null),
            DurationNegation negation => ("-", null, negation.Inner),
            DurationParentheses number => ("+", null, number.Inner),
            DurationBinary binary => (binary.Operator.Symbol(), binary.Left, binary.Right),
            _ => throw new UnreachableException(),
        };

    private static void WriteOperand(Utf8JsonWriter json, string name, DurationExpression? operand)
    {
        json.WritePropertyName(name);
        if (operand is null)
        {
            json.WriteNullValue();
        }
        else
        {
            WriteDuration(json, operand, isWrapped: false);
        }
    }

    private static void WriteAt(Utf8JsonWriter json, AtModifier at)
    {
        if (at.Kind == AtKind.Timestamp)
        {
            json.WriteNumber("timestamp", at.Timestamp);
        }
        else
        {
            json.WriteNull("timestamp");
        }
        json.WriteString(
            "startOrEnd",
            at.Kind switch
            {
                AtKind.Start => "start",
                AtKind.End => "end",
                _ => null,
            }
        );
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }
}
