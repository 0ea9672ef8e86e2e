using System.Collections.Frozen;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Cuts query text into tokens, without spaces and comments; it stops at the first thing that is none.</summary>
internal sealed class Lexer(string text)
{
    private static readonly FrozenDictionary<string, TokenKind> Words = new[]
    {
        (TokenKind.Keyword, "offset smoothed anchored by without"),
        (TokenKind.ReservedKeyword, "on ignoring group_left group_right bool"),
        (TokenKind.Preprocessor, "start end step range max_of min_of"),
        (TokenKind.SetOperator, "and or unless"),
        (TokenKind.Operator, "atan2"),
        (TokenKind.Number, "inf nan"),
        (
            TokenKind.Aggregator,
            "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio"
        ),
    }
        .SelectMany(group => group.Item2.Split(' ').Select(word => KeyValuePair.Create(word, group.Item1)))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private int position;
    private bool insideBraces;

    /// <summary>The next token; after the last one always <see cref="TokenKind.EndOfInput"/>.</summary>
    /// <exception cref="ParseException">The text goes on with something that is no token.</exception>
    public Token Next()
    {
        SkipSpacesAndComments();
        if (position == text.Length)
        {
            return insideBraces
                ? throw Error(position, "unexpected end of input inside braces")
                : new Token(TokenKind.EndOfInput, position, "", "");
        }
        var c = text[position];
        if (c is '"' or '\'' or '`')
        {
            var start = position;
            var value = new QuotedString(text, start).Read(out position);
            return new Token(TokenKind.String, start, text[start..position], value);
        }
        return insideBraces ? NextInsideBraces(c) : NextOutside(c);
    }

    private Token NextInsideBraces(char c)
    {
        if (IsLetter(c))
        {
            return Take(TokenKind.Identifier, LengthWhile(IsLetterOrDigit));
        }
        switch (c)
        {
            case ',':
                return Take(TokenKind.Comma, 1);
            case '=':
                return Peek(1) == '~' ? Take(TokenKind.EqualRegex, 2) : Take(TokenKind.Equal, 1);
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

    private Token NextOutside(char c)
    {
        if (IsLetter(c) || c == ':')
        {
            return Word();
        }
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return NumberOrDuration();
        }
        switch (c)
        {
            case ',':
                return Take(TokenKind.Comma, 1);
            case '{':
                insideBraces = true;
                return Take(TokenKind.LeftBrace, 1);
            case '[':
                return Take(TokenKind.LeftBracket, 1);
            case ']':
                throw Error(position, "unexpected right bracket ']'");
            case '(':
                return Take(TokenKind.LeftParen, 1);
            case ')':
                throw Error(position + 1, "unexpected right parenthesis ')'");
            case '=':
                return Peek(1) switch
                {
                    '=' => Take(TokenKind.Operator, 2),
                    '~' => throw Error(position, "unexpected character after '=': '~'"),
                    _ => Take(TokenKind.Equal, 1),
                };
            case '!':
                return Peek(1) == '='
                    ? Take(TokenKind.NotEqual, 2)
                    : throw Error(position, $"unexpected character after '!': {QuoteAt(1)}");
            case '<' or '>':
                return Take(TokenKind.Operator, Peek(1) is '=' or '/' ? 2 : 1);
            case '+' or '-' or '*' or '/' or '%' or '^' or '@':
                return Take(TokenKind.Operator, 1);
            default:
                throw Error(position, $"unexpected character: {QuoteAt(0)}");
        }
    }

    private Token Word()
    {
        var length = LengthWhile(static c => IsLetterOrDigit(c) || c == ':');
        var word = text.Substring(position, length);
        if (!Words.TryGetValue(word, out var kind))
        {
            kind = word.Contains(':') ? TokenKind.MetricIdentifier : TokenKind.Identifier;
        }
        return Take(kind, length);
    }

    private Token NumberOrDuration()
    {
        var length = LengthWhile(static c => IsLetterOrDigit(c) || c == '.');
        var piece = text.AsSpan(position, length);
        if (piece.ContainsAnyExcept("0123456789._eE") && !piece.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return piece.ContainsAnyExcept("0123456789smhdwy")
                ? throw Error(position, $"bad number or duration syntax: {Quoting.Quote(piece.ToString())}")
                : Take(TokenKind.Duration, length);
        }
        return Take(TokenKind.Number, length);
    }

    private void SkipSpacesAndComments()
    {
        while (position < text.Length)
        {
            if (text[position] == '#')
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
        var piece = text.Substring(position, length);
        var token = new Token(kind, position, piece, piece);
        position += length;
        return token;
    }

    private int LengthWhile(Func<char, bool> belongs)
    {
        var end = position;
        while (end < text.Length && belongs(text[end]))
        {
            end++;
        }
        return end - position;
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

    private static bool IsLetterOrDigit(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
