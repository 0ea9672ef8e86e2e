using System.Runtime.CompilerServices;

namespace Tributary.PromQL.Syntax;

/// <summary>Reads queries: text to checked expressions.</summary>
/// <remarks>
/// Grammar, precedences, error texts and the places of errors are those of Prometheus 3.14
/// (https://prometheus.io/docs/prometheus/latest/querying/basics/). Like there, the first error is told. The limits are ours.
/// </remarks>
public sealed partial class QueryParser
{
    /// <summary>The longest query, in UTF-16 units.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>How deep an expression may be: <c>a + b + c</c> is three deep.</summary>
    public const int MaxDepth = 500;

    /// <summary>How many expressions a query may have in all.</summary>
    public const int MaxExpressions = 20_000;

    /// <summary>How many labels may stand in one list.</summary>
    public const int MaxLabels = 1000;

    private readonly TokenReader tokens;
    private readonly ParserOptions options;
    private readonly DurationParser durations;
    private int nesting;
    private int expressions;

    /// <summary>In what an unexpected token stands: inside of an aggregation errors say so.</summary>
    private string? context;

    /// <summary>The modifiers of operators between others than vectors, where they are none; see <see cref="TypeChecker"/>.</summary>
    private Dictionary<BinaryExpression, VectorMatching>? misplaced;

    private QueryParser(string query, ParserOptions options)
    {
        this.options = options;
        tokens = new TokenReader(query);
        durations = new DurationParser(tokens, options);
    }

    /// <summary>The expression that a query spells, its types checked.</summary>
    /// <exception cref="ParseException">It is none, or too large, or the types in it do not fit.</exception>
    public static Expression Parse(string query, ParserOptions options)
    {
        if (query.Length > MaxLength)
        {
            throw ParseException.At(query, 0, $"query is longer than {MaxLength} characters");
        }
        var parser = new QueryParser(query, options);
        var expression = parser.ReadAll();
        new TypeChecker(query, parser.misplaced).Check(expression);
        return expression;
    }

    /// <summary>Counts a level of nesting. A thread with a small stack takes fewer than <see cref="MaxDepth"/>.</summary>
    internal static void Enter(ref int nesting, TokenReader tokens)
    {
        if (++nesting > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooDeep(tokens);
        }
    }

    /// <summary>The error of an expression deeper than <see cref="MaxDepth"/>.</summary>
    internal static ParseException TooDeep(TokenReader tokens) =>
        tokens.Error(tokens.Peek().Start, $"expression is nested deeper than {MaxDepth} levels");

    private Expression ReadAll()
    {
        if (tokens.Peek().Kind == TokenKind.EndOfInput)
        {
            throw tokens.Error(0, "no expression found in input");
        }
        var expression = Read(0);
        return tokens.Peek().Kind == TokenKind.EndOfInput ? expression : throw tokens.Unexpected(null);
    }

    /// <summary>Reads an expression up to an operator that binds weaker than asked for.</summary>
    private Expression Read(int minPrecedence)
    {
        Enter(ref nesting, tokens);
        var left = tokens.Peek().Kind is TokenKind.Add or TokenKind.Subtract ? ReadSigned() : ReadOperand();
        while (tokens.Peek().BinaryOperator is { } @operator && Precedence(@operator) is var precedence)
        {
            if (precedence < minPrecedence)
            {
                break;
            }
            tokens.Take();
            var modifiers = ReadModifiers();
            // Only ^ joins from the right.
            var right = Read(@operator == BinaryOperator.Power ? precedence : precedence + 1);
            left = Join(@operator, left, right, modifiers);
        }
        nesting--;
        return left;
    }

    private Expression ReadSigned()
    {
        var sign = tokens.Take();
        var isNegative = sign.Kind == TokenKind.Subtract;
        // A sign binds as multiplication does: -a ^ b is -(a ^ b), -a * b is (-a) * b.
        var operand = Read(Precedence(BinaryOperator.Multiply) + 1);
        var position = new PositionRange(sign.Start, operand.Position.End);
        if (operand is NumberLiteral number)
        {
            var value = isNegative ? -number.Value : number.Value;
            return new NumberLiteral(value, number.IsDuration, position);
        }
        return Limited(new UnaryExpression(isNegative, operand, position));
    }

    private Expression ReadOperand()
    {
        var expression = ReadPrimary();
        while (true)
        {
            switch (tokens.Peek().Kind)
            {
                case TokenKind.Offset:
                    expression = ReadOffset(expression);
                    break;
                case TokenKind.At:
                    expression = ReadAt(expression);
                    break;
                case TokenKind.Anchored or TokenKind.Smoothed:
                    expression = ReadExtension(expression);
                    break;
                case TokenKind.LeftBracket:
                    expression = ReadBrackets(expression);
                    break;
                default:
                    return expression;
            }
        }
    }

    private Expression ReadPrimary()
    {
        var token = tokens.Peek();
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                var (value, isDuration) = DurationParser.ReadNumber(tokens, tokens.Take());
                return Limited(new NumberLiteral(value, isDuration, token.Position));
            case TokenKind.String:
                return Limited(new StringLiteral(tokens.Take().Value!, token.Position));
            case TokenKind.LeftParen:
                tokens.Take();
                var inner = Read(0);
                var end = Require(TokenKind.RightParen);
                return Limited(new ParenthesesExpression(inner, new PositionRange(token.Start, end.End)));
            case TokenKind.LeftBrace:
                return ReadSelector(null);
            default:
                return token.IsMetricName ? ReadNamed(tokens.Take()) : throw tokens.Unexpected(context);
        }
    }

    /// <summary>Reads what begins with a name: a selector, a function or an aggregation.</summary>
    private Expression ReadNamed(Token name)
    {
        var next = tokens.Peek().Kind;
        if (name.IsAggregation && next is TokenKind.LeftParen or TokenKind.By or TokenKind.Without)
        {
            return ReadAggregate(name);
        }
        var isFunction = name.Kind is TokenKind.Identifier or >= TokenKind.Start;
        return isFunction && next == TokenKind.LeftParen ? ReadCall(name) : ReadSelector(name);
    }

    private SelectorExpression ReadSelector(Token? name)
    {
        var matchers = new List<LabelMatcher>();
        if (name is { } place)
        {
            tokens.AddName(matchers, place, tokens.TextOf(place));
        }
        var first = name ?? tokens.Peek();
        var end = first.End;
        if (tokens.TryTake(TokenKind.LeftBrace))
        {
            end = tokens.ReadMatchers(matchers).End;
        }
        var selector = new VectorSelector(matchers);
        var position = new PositionRange(first.Start, end);
        var metric = name is null ? null : matchers[0].Value;
        return Limited(new SelectorExpression(metric, selector, null, default, RangeExtension.None, position));
    }

    private CallExpression ReadCall(Token name)
    {
        var arguments = ReadArguments(out var end);
        var text = tokens.Text.AsSpan(name.Start, name.End - name.Start);
        if (!FunctionSignatures.TryGet(text, out var function))
        {
            throw tokens.Error(name.Start, $"unknown function with name {Quoting.Quote(text.ToString())}");
        }
        if (function.IsExperimental && !options.ExperimentalFunctions)
        {
            throw tokens.Error(name.Start, $"function {Quoting.Quote(function.Name)} is not enabled");
        }
        return Limited(new CallExpression(function, arguments, new PositionRange(name.Start, end)));
    }

    private List<Expression> ReadArguments(out int end)
    {
        Require(TokenKind.LeftParen);
        var arguments = new List<Expression>(2);
        if (tokens.Peek().Kind != TokenKind.RightParen)
        {
            arguments.Add(Read(0));
            while (tokens.Peek().Kind == TokenKind.Comma)
            {
                var comma = tokens.Take();
                arguments.Add(
                    tokens.Peek().StartsExpression
                        ? Read(0)
                        : throw tokens.Error(comma.Start, "trailing commas not allowed in function call args")
                );
            }
        }
        end = Require(TokenKind.RightParen).End;
        return arguments;
    }

    private Token Require(TokenKind kind) =>
        tokens.Peek().Kind == kind ? tokens.Take() : throw tokens.Unexpected(context);

    /// <summary>Counts an expression.</summary>
    private T Limited<T>(T expression)
        where T : Expression
    {
        if (++expressions > MaxExpressions)
        {
            throw tokens.Error(expression.Position.Start, $"query has more than {MaxExpressions} expressions");
        }
        return expression.Depth <= MaxDepth
            ? expression
            : throw tokens.Error(expression.Position.Start, $"expression is nested deeper than {MaxDepth} levels");
    }

    private static int Precedence(BinaryOperator @operator) =>
        @operator switch
        {
            BinaryOperator.Or => 1,
            BinaryOperator.And or BinaryOperator.Unless => 2,
            <= BinaryOperator.TrimLower => 3,
            BinaryOperator.Add or BinaryOperator.Subtract => 4,
            BinaryOperator.Power => 6,
            _ => 5,
        };
}
