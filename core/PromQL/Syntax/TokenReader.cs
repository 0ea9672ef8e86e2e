using Tributary.Model;
using Tributary.Patterns;

namespace Tributary.PromQL.Syntax;

/// <summary>The tokens of a query, one looked ahead, and the errors about them.</summary>
/// <remarks>
/// A token is cut only when it is looked at, so that of two errors the one that Prometheus finds first is told.
/// </remarks>
internal sealed class TokenReader(string text)
{
    /// <summary>The most matchers in one selector.</summary>
    public const int MaxMatchers = 512;

    private const string Matching = "label matching";

    private readonly Lexer lexer = new(text);
    private Token ahead;
    private bool hasAhead;

    /// <summary>The whole query.</summary>
    public string Text => text;

    /// <summary>Where the last token that was passed ends.</summary>
    public int LastEnd { get; private set; }

    /// <summary>The next token, which stays the next.</summary>
    public Token Peek()
    {
        if (!hasAhead)
        {
            ahead = lexer.Next();
            hasAhead = true;
        }
        return ahead;
    }

    /// <summary>The next token, which is passed.</summary>
    public Token Take()
    {
        var token = Peek();
        hasAhead = false;
        LastEnd = token.End;
        return token;
    }

    /// <summary>Passes the next token if it is of a kind.</summary>
    public bool TryTake(TokenKind kind)
    {
        if (Peek().Kind != kind)
        {
            return false;
        }
        Take();
        return true;
    }

    /// <summary>The text of a token.</summary>
    public string TextOf(Token token) => text[token.Start..token.End];

    /// <summary>An error that the next token should not stand there.</summary>
    /// <param name="context">In what, or null.</param>
    /// <param name="expected">What should stand there, or null.</param>
    public ParseException Unexpected(string? context, string? expected = null)
    {
        var inside = context is null ? "" : " in " + context;
        var instead = expected is null ? "" : ", expected " + expected;
        return Error(Peek().Start, $"unexpected {Peek().Describe(text)}{inside}{instead}");
    }

    /// <summary>An error at a place.</summary>
    public ParseException Error(int offset, string problem) => ParseException.At(text, offset, problem);

    /// <summary>Reads matchers up to the right brace, behind the left one.</summary>
    /// <param name="matchers">Where they are added.</param>
    /// <returns>The right brace.</returns>
    public Token ReadMatchers(List<LabelMatcher> matchers)
    {
        while (Peek().Kind != TokenKind.RightBrace)
        {
            ReadMatcher(matchers);
            if (Peek().Kind == TokenKind.Comma)
            {
                Take();
            }
            else if (Peek().Kind != TokenKind.RightBrace)
            {
                throw Unexpected(Matching, "\",\" or \"}\"");
            }
        }
        return Take();
    }

    /// <summary>Adds the matcher of a metric name.</summary>
    public void AddName(List<LabelMatcher> matchers, Token place, string name) =>
        Add(matchers, place, LabelSet.MetricNameLabel, MatchOperator.Equal, name);

    private void ReadMatcher(List<LabelMatcher> matchers)
    {
        if (Peek().Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            throw Unexpected(Matching, "identifier or \"}\"");
        }
        var name = Take();
        if (OperatorOf(Peek().Kind) is not { } @operator)
        {
            if (name.Value is null)
            {
                throw Unexpected(Matching, "label matching operator");
            }
            AddName(matchers, name, name.Value);
            return;
        }
        Take();
        if (Peek().Kind != TokenKind.String)
        {
            throw Unexpected(Matching, "string");
        }
        Add(matchers, name, name.Value ?? TextOf(name), @operator, Take().Value!);
    }

    private void Add(List<LabelMatcher> matchers, Token place, string name, MatchOperator @operator, string value)
    {
        if (matchers.Count == MaxMatchers)
        {
            throw Error(place.Start, $"selector has more than {MaxMatchers} matchers");
        }
        try
        {
            matchers.Add(new LabelMatcher(name, @operator, value));
        }
        catch (PatternException exception)
        {
            throw ParseException.At(text, place.Start, exception.Message, exception);
        }
    }

    private static MatchOperator? OperatorOf(TokenKind kind) =>
        kind switch
        {
            TokenKind.Assign => MatchOperator.Equal,
            TokenKind.NotEqual => MatchOperator.NotEqual,
            TokenKind.EqualRegex => MatchOperator.Regex,
            TokenKind.NotEqualRegex => MatchOperator.NotRegex,
            _ => null,
        };
}
