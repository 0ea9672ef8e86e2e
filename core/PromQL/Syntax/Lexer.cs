using System.Buffers;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Cuts query text into tokens, without spaces and comments; it stops at the first thing that is none.</summary>
/// <remarks>What counts as a token depends on the brackets that are open, as in Prometheus.</remarks>
internal sealed class Lexer(string text)
{
    private static readonly SearchValues<char> WordCharacters = SearchValues.Create(
        "0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    );

    private int position;
    private int openParens;
    private bool insideBraces;
    private BracketState brackets;

    /// <summary>What was read behind a left bracket.</summary>
    private enum BracketState
    {
        /// <summary>No bracket is open.</summary>
        None,

        /// <summary>Nothing.</summary>
        Opened,

        /// <summary>The start of a duration, but no number.</summary>
        BeforeNumber,

        /// <summary>A duration and a colon, but no number since <see cref="Opened"/>.</summary>
        ColonBeforeNumber,

        /// <summary>A number.</summary>
        Number,

        /// <summary>A number and a colon.</summary>
        Colon,
    }

    /// <summary>Whether a bracket is open without a number: comments have no place there.</summary>
    private bool IsBeforeNumber => brackets is >= BracketState.Opened and <= BracketState.ColonBeforeNumber;

    /// <summary>The next token; after the last one always <see cref="TokenKind.EndOfInput"/>.</summary>
    /// <exception cref="ParseException">The text goes on with something that is no token.</exception>
    public Token Next()
    {
        SkipSpacesAndComments();
        if (position == text.Length)
        {
            return AtEnd();
        }
        var c = text[position];
        if (IsBeforeNumber && !insideBraces)
        {
            return NextInDuration(c);
        }
        if (c is '"' or '\'' or '`')
        {
            var start = position;
            var value = new QuotedString(text, start).Read(out position);
            return insideBraces && Quoting.HasRawBytes(value)
                ? throw Error(start, Quoting.NotUtf8)
                : new Token(TokenKind.String, start, position, value);
        }
        return insideBraces ? NextInsideBraces(c) : NextOutside(c);
    }

    private Token AtEnd()
    {
        var problem =
            insideBraces ? "unexpected end of input inside braces"
            : IsBeforeNumber ? "unexpected end of input in duration expression"
            : openParens > 0 ? "unclosed left parenthesis"
            : brackets != BracketState.None ? "unclosed left bracket"
            : null;
        return problem is null ? new Token(TokenKind.EndOfInput, position, position) : throw Error(position, problem);
    }

    private Token NextInsideBraces(char c)
    {
        if (IsLetter(c))
        {
            return Take(TokenKind.Identifier, WordLength(colons: false));
        }
        switch (c)
        {
            case ',':
                return Take(TokenKind.Comma, 1);
            case '=':
                return Peek(1) == '~' ? Take(TokenKind.EqualRegex, 2) : Take(TokenKind.Assign, 1);
            case '!':
                return Peek(1) switch
                {
                    '=' => Take(TokenKind.NotEqual, 2),
                    '~' => Take(TokenKind.NotEqualRegex, 2),
                    _ => throw Error(position, $"unexpected character after '!' inside braces: {QuoteAt(1)}"),
                };
            case '{':
                throw Error(position, "unexpected left brace '{'");
            case '}':
                insideBraces = false;
                return Take(TokenKind.RightBrace, 1);
            default:
                throw Error(position, $"unexpected character inside braces: {QuoteAt(0)}");
        }
    }

    /// <summary>Inside brackets, before the first number.</summary>
    private Token NextInDuration(char c)
    {
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            brackets = brackets == BracketState.ColonBeforeNumber ? BracketState.Colon : BracketState.Number;
            return Number();
        }
        switch (c)
        {
            case ':':
                if (brackets == BracketState.Opened)
                {
                    throw Error(position + 1, "unexpected colon before duration in duration expression");
                }
                if (brackets == BracketState.ColonBeforeNumber)
                {
                    throw Error(position + 1, "unexpected repeated colon in duration expression");
                }
                brackets = BracketState.ColonBeforeNumber;
                return Take(TokenKind.Colon, 1);
            case '(' or ')' or ']' or ',' or '+' or '-' or '*' or '/' or '%' or '^':
                brackets = brackets == BracketState.Opened ? BracketState.BeforeNumber : brackets;
                return Symbol(c);
            default:
                brackets = brackets == BracketState.Opened ? BracketState.BeforeNumber : brackets;
                return DurationWord()
                    ?? throw Error(position, $"unexpected character in duration expression: {QuoteAt(0)}");
        }
    }

    private Token NextOutside(char c)
    {
        if (IsLetter(c) || c == ':')
        {
            return brackets == BracketState.None ? Word() : WordInBrackets(c);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return Number();
        }
        return Symbol(c);
    }

    private Token Symbol(char c)
    {
        switch (c)
        {
            case ',':
                return Take(TokenKind.Comma, 1);
            case '{':
                insideBraces = true;
                return Take(TokenKind.LeftBrace, 1);
            case '[' or ']':
                return Bracket(c);
            case '(':
                openParens++;
                return Take(TokenKind.LeftParen, 1);
            case ')':
                return openParens-- > 0
                    ? Take(TokenKind.RightParen, 1)
                    : throw Error(position + 1, "unexpected right parenthesis ')'");
            case '+':
                return Take(TokenKind.Add, 1);
            case '-':
                return Take(TokenKind.Subtract, 1);
            case '*':
                return Take(TokenKind.Multiply, 1);
            case '/':
                return Take(TokenKind.Divide, 1);
            case '%':
                return Take(TokenKind.Modulo, 1);
            case '^':
                return Take(TokenKind.Power, 1);
            case '@':
                return Take(TokenKind.At, 1);
            default:
                return Comparison(c);
        }
    }

    private Token Bracket(char c)
    {
        var isOpen = brackets != BracketState.None;
        if (isOpen == (c == '['))
        {
            throw Error(position, isOpen ? "unexpected left bracket '['" : "unexpected right bracket ']'");
        }
        brackets = isOpen ? BracketState.None : BracketState.Opened;
        return Take(isOpen ? TokenKind.RightBracket : TokenKind.LeftBracket, 1);
    }

    private Token Comparison(char c) =>
        (c, Peek(1)) switch
        {
            ('=', '=') => Take(TokenKind.Equal, 2),
            ('=', '~') => throw Error(position, "unexpected character after '=': '~'"),
            ('=', _) => Take(TokenKind.Assign, 1),
            ('!', '=') => Take(TokenKind.NotEqual, 2),
            ('!', _) => throw Error(position, $"unexpected character after '!': {QuoteAt(1)}"),
            ('<', '=') => Take(TokenKind.LessOrEqual, 2),
            ('<', '/') => Take(TokenKind.TrimUpper, 2),
            ('<', _) => Take(TokenKind.Less, 1),
            ('>', '=') => Take(TokenKind.GreaterOrEqual, 2),
            ('>', '/') => Take(TokenKind.TrimLower, 2),
            ('>', _) => Take(TokenKind.Greater, 1),
            _ => throw Error(position, $"unexpected character: {QuoteAt(0)}"),
        };

    private Token Word()
    {
        var length = WordLength(colons: true);
        var kind = Keywords.KindOf(text.AsSpan(position, length));
        if (kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight)
        {
            // Queries of metrics with these names are older than the keywords.
            var next = text.AsSpan(position + length).TrimStart(" \t\r\n");
            kind = next.StartsWith("(") ? kind : TokenKind.Identifier;
        }
        return Take(kind, length);
    }

    private Token WordInBrackets(char c)
    {
        if (c == ':')
        {
            if (brackets == BracketState.Colon)
            {
                throw Error(position, "unexpected colon ':'");
            }
            brackets = BracketState.Colon;
            return Take(TokenKind.Colon, 1);
        }
        return DurationWord() ?? throw Error(position, $"unexpected character: {QuoteAt(0)}, expected ':'");
    }

    private Token? DurationWord()
    {
        var word = text.AsSpan(position, WordLength(colons: false));
        return Keywords.DurationWord(word) is { } kind ? Take(kind, word.Length) : null;
    }

    private Token Number()
    {
        var scanner = new NumberScanner(text.AsSpan(position));
        if (scanner.Scan() is { } kind)
        {
            return Take(kind, scanner.Length);
        }
        var piece = text.Substring(position, scanner.Length);
        throw Error(position, $"bad number or duration syntax: {Quoting.Quote(piece)}");
    }

    private void SkipSpacesAndComments()
    {
        while (position < text.Length)
        {
            if (text[position] == '#' && !IsBeforeNumber)
            {
                var end = text.AsSpan(position).IndexOfAny('\r', '\n');
                position = end < 0 ? text.Length : position + end;
            }
            else if (text[position] is ' ' or '\t' or '\n' or '\r')
            {
                position++;
            }
            else
            {
                return;
            }
        }
    }

    private Token Take(TokenKind kind, int length)
    {
        var token = new Token(kind, position, position + length);
        position += length;
        return token;
    }

    private int WordLength(bool colons)
    {
        var rest = text.AsSpan(position);
        var length = rest.IndexOfAnyExcept(WordCharacters);
        rest = length < 0 ? rest : rest[..length];
        var colon = colons ? -1 : rest.IndexOf(':');
        return colon < 0 ? rest.Length : colon;
    }

    private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

    /// <summary>The code point at a distance, quoted; the replacement character beyond the end and for half a pair.</summary>
    private string QuoteAt(int ahead)
    {
        Rune.DecodeFromUtf16(text.AsSpan(position + ahead), out var rune, out _);
        return Quoting.Quote(rune);
    }

    private ParseException Error(int offset, string problem) => ParseException.At(text, offset, problem);

    private static bool IsLetter(char c) => char.IsAsciiLetter(c) || c == '_';
}
