using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Cuts a template into pieces; the last one is the end or an error.</summary>
/// <remarks>https://pkg.go.dev/text/template: comments and white space next to trim markers are gone.</remarks>
internal sealed class TemplateLexer
{
    private const string Left = "{{";
    private const string Right = "}}";
    private const string CommentStart = "/*";
    private const string CommentEnd = "*/";

    private static readonly Dictionary<string, TokenKind> Words = new(StringComparer.Ordinal)
    {
        ["true"] = TokenKind.Flag,
        ["false"] = TokenKind.Flag,
        ["block"] = TokenKind.Block,
        ["break"] = TokenKind.Break,
        ["continue"] = TokenKind.Continue,
        ["define"] = TokenKind.Define,
        ["else"] = TokenKind.Else,
        ["end"] = TokenKind.EndKeyword,
        ["if"] = TokenKind.If,
        ["nil"] = TokenKind.Nil,
        ["range"] = TokenKind.Range,
        ["template"] = TokenKind.Template,
        ["with"] = TokenKind.With,
    };

    private static readonly Regex NumberShape = new(
        @"^[+-]?(|0[xX][0-9a-fA-F_]*(\.[0-9a-fA-F_]*)?([pP][+-]?[0-9_]+)?|0[bB][01_]*|0[oO][0-7_]*|([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][+-]?[0-9_]+)?)$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    );

    private readonly string text;
    private readonly List<TemplateToken> tokens = [];
    private int at;
    private int depth;

    private TemplateLexer(string text) => this.text = text;

    /// <summary>The pieces of a text.</summary>
    public static IReadOnlyList<TemplateToken> Read(string text)
    {
        var lexer = new TemplateLexer(text);
        while (lexer.ReadText() && lexer.ReadAction()) { }
        return lexer.tokens;
    }

    /// <summary>Text up to the next action, without comments; false at the end or an error.</summary>
    private bool ReadText()
    {
        while (true)
        {
            var open = text.IndexOf(Left, at, StringComparison.Ordinal);
            var end = open < 0 ? text.Length : open;
            var trims = open >= 0 && HasLeftTrim(open + Left.Length);
            var shown = text[at..end];
            shown = trims ? shown.TrimEnd(' ', '\t', '\r', '\n') : shown;
            if (shown.Length > 0)
            {
                tokens.Add(new TemplateToken(TokenKind.Text, at, shown));
            }
            if (open < 0)
            {
                tokens.Add(new TemplateToken(TokenKind.End, text.Length, ""));
                return false;
            }
            at = open + Left.Length + (trims ? 2 : 0);
            if (!Follows(CommentStart, at))
            {
                tokens.Add(new TemplateToken(TokenKind.LeftDelimiter, open, Left));
                depth = 0;
                return true;
            }
            if (!SkipComment())
            {
                return false;
            }
        }
    }

    private bool SkipComment()
    {
        var end = text.IndexOf(CommentEnd, at + CommentStart.Length, StringComparison.Ordinal);
        if (end < 0)
        {
            return Fail(at, "unclosed comment");
        }
        var start = at;
        at = end + CommentEnd.Length;
        return TryRightDelimiter() || Fail(start, "comment ends before closing delimiter");
    }

    /// <summary>The pieces of one action up to its end; false at an error.</summary>
    private bool ReadAction()
    {
        while (true)
        {
            var start = at;
            if (depth == 0 && TryRightDelimiter())
            {
                tokens.Add(new TemplateToken(TokenKind.RightDelimiter, start, Right));
                return true;
            }
            if (Follows(Right, at) || HasRightTrim(at))
            {
                return Fail(at, "unclosed left paren");
            }
            if (at == text.Length)
            {
                return Fail(at, "unclosed action");
            }
            if (!ReadPiece())
            {
                return false;
            }
        }
    }

    /// <summary>Moves behind a closing delimiter and the white space that it trims, if there is one.</summary>
    private bool TryRightDelimiter()
    {
        var trims = HasRightTrim(at);
        if (!trims && !Follows(Right, at))
        {
            return false;
        }
        at += Right.Length + (trims ? 2 : 0);
        while (trims && at < text.Length && IsSpace(text[at]))
        {
            at++;
        }
        return true;
    }

    private bool ReadPiece()
    {
        var c = text[at];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                return ReadSpace();
            case '=':
                return Take(TokenKind.Assign, 1);
            case ':':
                return Follows(":=", at) ? Take(TokenKind.Declare, 2) : Fail(at, "expected :=");
            case '|':
                return Take(TokenKind.Pipe, 1);
            case '"' or '\'':
                return ReadQuoted(c);
            case '`':
                return ReadRaw();
            case '$':
                return ReadName(TokenKind.Variable, TokenKind.Variable);
            case '.' when at + 1 == text.Length || !char.IsAsciiDigit(text[at + 1]):
                return ReadName(TokenKind.Field, TokenKind.Dot);
            case '(':
                depth++;
                return Take(TokenKind.LeftParenthesis, 1);
            case ')':
                return --depth < 0 ? Fail(at, "unexpected right paren") : Take(TokenKind.RightParenthesis, 1);
            case '+' or '-' or '.' or (>= '0' and <= '9'):
                return ReadNumber();
            default:
                return IsNamePart(RuneAt(at)) ? ReadWord()
                    : c is > ' ' and < '\x7f' ? Take(TokenKind.Other, 1)
                    : Fail(at, $"unrecognized character in action: {Quoting.CodePoint(RuneAt(at))}");
        }
    }

    private bool ReadSpace()
    {
        var end = at;
        while (end < text.Length && IsSpace(text[end]) && !(end > at && HasRightTrim(end)))
        {
            end++;
        }
        return Take(TokenKind.Space, end - at);
    }

    private bool ReadQuoted(char quote)
    {
        for (var end = at + 1; end < text.Length && text[end] != '\n'; end++)
        {
            if (text[end] == quote)
            {
                return Take(quote == '"' ? TokenKind.String : TokenKind.Character, end + 1 - at);
            }
            end += text[end] == '\\' ? 1 : 0;
        }
        return Fail(at, quote == '"' ? "unterminated quoted string" : "unterminated character constant");
    }

    private bool ReadRaw()
    {
        var end = text.IndexOf('`', at + 1);
        return end < 0 ? Fail(at, "unterminated raw quoted string") : Take(TokenKind.String, end + 1 - at);
    }

    /// <summary>A sign and a name behind it; <paramref name="bare"/> is the sign alone.</summary>
    private bool ReadName(TokenKind kind, TokenKind bare)
    {
        var end = EndOfName(at + 1);
        return !IsTerminator(end)
            ? Fail(at, $"bad character {Quoting.CodePoint(RuneAt(end))}")
            : Take(end == at + 1 ? bare : kind, end - at);
    }

    private bool ReadWord()
    {
        var end = EndOfName(at);
        var kind = Words.GetValueOrDefault(text[at..end], TokenKind.Identifier);
        return !IsTerminator(end) ? Fail(at, $"bad character {Quoting.CodePoint(RuneAt(end))}") : Take(kind, end - at);
    }

    private bool ReadNumber()
    {
        var end = at + (text[at] is '+' or '-' ? 1 : 0);
        var isHex = Follows("0x", end) || Follows("0X", end);
        for (; end < text.Length; end++)
        {
            var c = text[end];
            var isExponentSign = c is '+' or '-' && text[end - 1] is 'e' or 'E' or 'p' or 'P' && end > at + 1;
            if (isExponentSign && !(isHex && text[end - 1] is 'e' or 'E'))
            {
                continue;
            }
            var isPoint = c == '.' && !text.AsSpan(at, end - at).Contains('.');
            if (!isPoint && !IsNamePart(RuneAt(end)))
            {
                break;
            }
        }
        return !NumberShape.IsMatch(text.AsSpan(at, end - at))
            ? Fail(at, $"bad number syntax: {Quoting.Quote(text[at..end])}")
            : Take(TokenKind.Number, end - at);
    }

    private int EndOfName(int from)
    {
        while (from < text.Length && IsNamePart(RuneAt(from)))
        {
            from += RuneAt(from).Utf16SequenceLength;
        }
        return from;
    }

    private bool IsTerminator(int index) =>
        index == text.Length
        || IsSpace(text[index])
        || text[index] is '.' or ',' or '|' or ':' or ')' or '('
        || Follows(Right, index);

    private bool HasLeftTrim(int index) => index + 1 < text.Length && text[index] == '-' && IsSpace(text[index + 1]);

    private bool HasRightTrim(int index) =>
        index < text.Length && IsSpace(text[index]) && Follows("-" + Right, index + 1);

    private bool Follows(string what, int index) =>
        index <= text.Length && text.AsSpan(index).StartsWith(what, StringComparison.Ordinal);

    private Rune RuneAt(int index) => Rune.TryGetRuneAt(text, index, out var rune) ? rune : Rune.ReplacementChar;

    private bool Take(TokenKind kind, int length)
    {
        tokens.Add(new TemplateToken(kind, at, text.Substring(at, length)));
        at += length;
        return true;
    }

    private bool Fail(int position, string problem)
    {
        tokens.Add(new TemplateToken(TokenKind.Error, position, problem));
        return false;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsNamePart(Rune rune) =>
        rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber;
}
