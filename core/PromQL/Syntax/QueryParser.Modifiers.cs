using System.Globalization;

namespace Tributary.PromQL.Syntax;

/// <summary>What follows an operand: <c>offset</c>, <c>@</c>, ranges and subqueries.</summary>
public sealed partial class QueryParser
{
    private const string NotExtendable = "modifier is not supported for subqueries";

    private Expression ReadOffset(Expression expression)
    {
        tokens.Take();
        var start = expression.Position.Start;
        var offset = durations.ReadOffset();
        var (oldOffset, _) =
            TimesOf(expression)
            ?? throw tokens.Error(
                start,
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
            );
        return oldOffset is null
            ? WithTimes(expression, offset, null, tokens.LastEnd)
            : throw tokens.Error(start, "offset may not be set multiple times");
    }

    private Expression ReadAt(Expression expression)
    {
        tokens.Take();
        var at = ReadAtTime(expression);
        var start = expression.Position.Start;
        var (offset, oldAt) =
            TimesOf(expression)
            ?? throw tokens.Error(
                start,
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery"
            );
        return oldAt.Kind == AtKind.None
            ? WithTimes(expression, offset, at, tokens.LastEnd)
            : throw tokens.Error(start, "@ <timestamp> may not be set multiple times");
    }

    private AtModifier ReadAtTime(Expression expression)
    {
        var kind = tokens.Peek().Kind;
        if (kind is TokenKind.Start or TokenKind.End)
        {
            tokens.Take();
            RequireInAt(TokenKind.LeftParen);
            RequireInAt(TokenKind.RightParen);
            return new AtModifier(kind == TokenKind.Start ? AtKind.Start : AtKind.End);
        }
        var isNegative = tokens.TryTake(TokenKind.Subtract);
        if (!isNegative)
        {
            tokens.TryTake(TokenKind.Add);
        }
        if (tokens.Peek().Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw UnexpectedInAt();
        }
        var (value, _) = DurationParser.ReadNumber(tokens, tokens.Take());
        var seconds = isNegative ? -value : value;
        if (!(Math.Abs(seconds) < long.MaxValue))
        {
            var text = double.IsFinite(seconds)
                ? seconds.ToString("F6", CultureInfo.InvariantCulture)
                : GoNumber.Plain(seconds);
            throw tokens.Error(expression.Position.Start, $"timestamp out of bounds for @ modifier: {text}");
        }
        return new AtModifier(AtKind.Timestamp, (long)Math.Round(seconds * 1000, MidpointRounding.AwayFromZero));
    }

    private void RequireInAt(TokenKind kind)
    {
        if (!tokens.TryTake(kind))
        {
            throw UnexpectedInAt();
        }
    }

    private ParseException UnexpectedInAt() => tokens.Unexpected("@", "timestamp");

    private Expression ReadExtension(Expression expression)
    {
        var start = expression.Position.Start;
        var isAnchored = tokens.Take().Kind == TokenKind.Anchored;
        var name = isAnchored ? "anchored" : "smoothed";
        if (!options.ExtendedRangeSelectors)
        {
            throw tokens.Error(start, $"{name} modifier is experimental and not enabled");
        }
        var extension = isAnchored ? RangeExtension.Anchored : RangeExtension.Smoothed;
        return expression switch
        {
            SelectorExpression selector => Extended(selector, extension, start),
            MatrixSelector matrix => matrix with { Selector = Extended(matrix.Selector, extension, start) },
            SubqueryExpression => throw tokens.Error(start, $"{name} {NotExtendable}"),
            _ => throw tokens.Error(start, $"{name} modifier not implemented"),
        };
    }

    private SelectorExpression Extended(SelectorExpression selector, RangeExtension extension, int start) =>
        selector.Extension == RangeExtension.None || selector.Extension == extension
            ? selector with
            {
                Extension = extension,
            }
            : throw tokens.Error(start, "anchored and smoothed modifiers cannot be used together");

    /// <summary>Reads a range, <c>[5m]</c>, or a subquery, <c>[5m:1m]</c>.</summary>
    private Expression ReadBrackets(Expression expression)
    {
        var open = tokens.Take();
        var range = durations.ReadPositive("subquery or range selector", DurationParser.Expected);
        if (tokens.TryTake(TokenKind.RightBracket))
        {
            return Limited(Ranged(expression, range, open));
        }
        if (!tokens.TryTake(TokenKind.Colon))
        {
            throw tokens.Unexpected("subquery or range", "\":\" or \"]\"");
        }
        const string Subquery = "subquery selector";
        DurationExpression? step = null;
        if (tokens.Peek().Kind != TokenKind.RightBracket)
        {
            step = durations.ReadPositive(Subquery, "number, duration, step(), range(), or \"]\"");
        }
        if (!tokens.TryTake(TokenKind.RightBracket))
        {
            throw tokens.Unexpected(Subquery, "\"]\"");
        }
        var position = new PositionRange(expression.Position.Start, tokens.LastEnd);
        return Limited(new SubqueryExpression(expression, range, step, null, default, position));
    }

    private MatrixSelector Ranged(Expression expression, DurationExpression range, Token open)
    {
        if (expression is not SelectorExpression selector)
        {
            throw tokens.Error(open.Start, "ranges only allowed for vector selectors");
        }
        if (selector.Offset is not null)
        {
            throw tokens.Error(open.Start, "no offset modifiers allowed before range");
        }
        if (selector.At.Kind != AtKind.None)
        {
            throw tokens.Error(open.Start, "no @ modifiers allowed before range");
        }
        return new MatrixSelector(selector, range, new PositionRange(selector.Position.Start, tokens.LastEnd));
    }

    /// <summary>Offset and fixed time of the expressions that can have them; null for others.</summary>
    private static (DurationExpression? Offset, AtModifier At)? TimesOf(Expression expression) =>
        expression switch
        {
            SelectorExpression selector => (selector.Offset, selector.At),
            MatrixSelector matrix => (matrix.Selector.Offset, matrix.Selector.At),
            SubqueryExpression subquery => (subquery.Offset, subquery.At),
            _ => null,
        };

    /// <summary>The same expression with another offset, and another fixed time if one is given.</summary>
    private static Expression WithTimes(Expression expression, DurationExpression? offset, AtModifier? at, int end)
    {
        var position = expression.Position with { End = end };
        return expression switch
        {
            SelectorExpression selector => selector with
            {
                Offset = offset,
                At = at ?? selector.At,
                Position = position,
            },
            MatrixSelector matrix => matrix with
            {
                Selector = matrix.Selector with { Offset = offset, At = at ?? matrix.Selector.At },
                Position = position,
            },
            SubqueryExpression subquery => new SubqueryExpression(
                subquery.Expression,
                subquery.Range,
                subquery.Step,
                offset,
                at ?? subquery.At,
                position
            ),
            _ => expression,
        };
    }
}
