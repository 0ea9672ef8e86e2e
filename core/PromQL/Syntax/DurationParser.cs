namespace Tributary.PromQL.Syntax;

/// <summary>Reads the durations of ranges, steps and offsets, which may be expressions.</summary>
internal sealed class DurationParser(TokenReader tokens, ParserOptions options)
{
    /// <summary>What may begin a duration, as errors say it.</summary>
    public const string Expected = "number, duration, step(), or range()";

    private const int UnaryPrecedence = 3;

    private string context = "";
    private string expected = "";
    private int nesting;

    /// <summary>Reads the duration behind <c>offset</c>.</summary>
    /// <returns>The duration, or null if it is zero: such an offset counts as none.</returns>
    /// <remarks>
    /// Operators behind a number or a function belong to what stands around: <c>foo offset 5m + 1</c> is a sum.
    /// </remarks>
    public DurationExpression? ReadOffset()
    {
        (context, expected) = ("offset", Expected);
        var duration = IsSign(tokens.Peek().Kind) ? Signed(ReadSignedOffset) : ReadOffsetOperand();
        return duration is DurationLiteral literal && Math.Round(literal.Seconds * 1e9) == 0 ? null : duration;
    }

    /// <summary>Reads a duration in brackets.</summary>
    /// <param name="place">Where it stands, as errors say it.</param>
    /// <param name="wanted">What could stand there.</param>
    public DurationExpression ReadPositive(string place, string wanted)
    {
        (context, expected) = (place, wanted);
        var duration = Read(0);
        if (duration is DurationLiteral { Seconds: <= 0 })
        {
            throw tokens.Error(duration.Position.Start, "duration must be greater than 0");
        }
        return duration;
    }

    private DurationExpression ReadOffsetOperand() =>
        tokens.Peek().Kind == TokenKind.LeftParen ? ReadBinary(0, ReadOperand()) : ReadOperand();

    private DurationExpression ReadSignedOffset() =>
        IsSign(tokens.Peek().Kind) ? Signed(() => Read(UnaryPrecedence)) : ReadOperand();

    private DurationExpression Read(int minPrecedence)
    {
        QueryParser.Enter(ref nesting, tokens);
        var operand = IsSign(tokens.Peek().Kind) ? Signed(() => Read(UnaryPrecedence)) : ReadOperand();
        var result = ReadBinary(minPrecedence, operand);
        nesting--;
        return result;
    }

    private DurationExpression ReadBinary(int minPrecedence, DurationExpression left)
    {
        while (OperatorOf(tokens.Peek().Kind) is { } found && found.Precedence >= minPrecedence)
        {
            var place = tokens.Take();
            // Only ^ joins from the right.
            var right = Read(found.Operator == DurationOperator.Power ? found.Precedence : found.Precedence + 1);
            RequireExpressions(left);
            if (right is DurationLiteral { Seconds: 0 } && found.Operator is DurationOperator.Divide)
            {
                throw tokens.Error(place.Start, "division by zero");
            }
            if (right is DurationLiteral { Seconds: 0 } && found.Operator is DurationOperator.Modulo)
            {
                throw tokens.Error(place.Start, "modulo by zero");
            }
            left = Limited(new DurationBinary(found.Operator, left, right, Between(left.Position, right.Position)));
        }
        return left;
    }

    private DurationExpression Signed(Func<DurationExpression> readOperand)
    {
        var sign = tokens.Take();
        var operand = readOperand();
        var position = Between(sign.Position, operand.Position);
        var isNegative = sign.Kind == TokenKind.Subtract;
        return operand switch
        {
            DurationLiteral literal => literal with
            {
                Seconds = isNegative ? -literal.Seconds : literal.Seconds,
                Position = position,
            },
            _ when isNegative => Limited(new DurationNegation(operand, position)),
            _ => operand,
        };
    }

    private DurationExpression ReadOperand()
    {
        var token = tokens.Peek();
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                return ReadLiteral(tokens.Take());
            case TokenKind.Step or TokenKind.Range:
                tokens.Take();
                Require(TokenKind.LeftParen);
                var kind = token.Kind == TokenKind.Step ? QueryDuration.Step : QueryDuration.Range;
                var end = Require(TokenKind.RightParen);
                return RequireExpressions(new DurationOfQuery(kind, Between(token.Position, end.Position)));
            case TokenKind.MaxOf or TokenKind.MinOf:
                return ReadMinMax(tokens.Take());
            case TokenKind.LeftParen:
                tokens.Take();
                var inner = Read(0);
                var position = Between(token.Position, Require(TokenKind.RightParen).Position);
                RequireExpressions(inner);
                return inner is DurationParentheses ? inner : Limited(new DurationParentheses(inner, position));
            default:
                throw Unexpected();
        }
    }

    private DurationLiteral ReadLiteral(Token token)
    {
        var (seconds, isDuration) = ReadNumber(tokens, token);
        return Math.Abs(seconds) <= QueryNumber.MaxSeconds
            ? new DurationLiteral(seconds, isDuration, token.Position)
            : throw tokens.Error(token.Start, "duration out of range");
    }

    private DurationExpression ReadMinMax(Token name)
    {
        Require(TokenKind.LeftParen);
        var left = Read(0);
        Require(TokenKind.Comma);
        var right = Read(0);
        var end = Require(TokenKind.RightParen);
        var @operator = name.Kind == TokenKind.MaxOf ? DurationOperator.MaxOf : DurationOperator.MinOf;
        var position = Between(name.Position, end.Position);
        return Limited(RequireExpressions(new DurationBinary(@operator, left, right, position)));
    }

    /// <summary>The value of a number or of a duration in seconds.</summary>
    public static (double Value, bool IsDuration) ReadNumber(TokenReader tokens, Token token)
    {
        var isDuration = token.Kind == TokenKind.Duration;
        var text = tokens.Text.AsSpan(token.Start, token.End - token.Start);
        var problem = isDuration ? QueryNumber.ParseDuration(text, out var value) : QueryNumber.Parse(text, out value);
        return problem is null ? (value, isDuration) : throw tokens.Error(token.Start, problem);
    }

    private Token Require(TokenKind kind) => tokens.Peek().Kind == kind ? tokens.Take() : throw Unexpected();

    private DurationExpression RequireExpressions(DurationExpression duration) =>
        options.DurationExpressions
            ? duration
            : throw tokens.Error(duration.Position.Start, "experimental duration expression is not enabled");

    private DurationExpression Limited(DurationExpression duration) =>
        duration.Depth <= QueryParser.MaxDepth ? duration : throw QueryParser.TooDeep(tokens);

    private ParseException Unexpected() => tokens.Unexpected(context, expected);

    private static PositionRange Between(PositionRange first, PositionRange last) => new(first.Start, last.End);

    private static bool IsSign(TokenKind kind) => kind is TokenKind.Add or TokenKind.Subtract;

    private static (DurationOperator Operator, int Precedence)? OperatorOf(TokenKind kind) =>
        kind switch
        {
            TokenKind.Add => (DurationOperator.Add, 1),
            TokenKind.Subtract => (DurationOperator.Subtract, 1),
            TokenKind.Multiply => (DurationOperator.Multiply, 2),
            TokenKind.Divide => (DurationOperator.Divide, 2),
            TokenKind.Modulo => (DurationOperator.Modulo, 2),
            TokenKind.Power => (DurationOperator.Power, UnaryPrecedence),
            _ => null,
        };
}
