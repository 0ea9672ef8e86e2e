using System.Text;

namespace Tributary.Patterns;

/// <summary>A cursor over the text of a pattern, by code points; it also reads escapes and makes the errors.</summary>
internal sealed class PatternReader
{
    public PatternReader(string pattern)
    {
        Pattern = pattern;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (char.IsHighSurrogate(pattern[i]) && i + 1 < pattern.Length && char.IsLowSurrogate(pattern[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(pattern[i]))
            {
                throw new PatternException("invalid UTF-8", pattern[i..], i);
            }
        }
    }

    public string Pattern { get; }

    public int Position { get; private set; }

    public bool AtEnd => Position >= Pattern.Length;

    /// <summary>The unit at the cursor; U+0000 at the end.</summary>
    public char Current => AtEnd ? '\0' : Pattern[Position];

    public bool StartsWith(string text) => Pattern.AsSpan(Position).StartsWith(text, StringComparison.Ordinal);

    /// <summary>Skips <paramref name="units"/> UTF-16 units.</summary>
    public void Skip(int units) => Position += units;

    public void MoveTo(int position) => Position = position;

    public bool TrySkip(string text)
    {
        if (!StartsWith(text))
        {
            return false;
        }
        Position += text.Length;
        return true;
    }

    public int ReadRune()
    {
        var rune = Rune.GetRuneAt(Pattern, Position);
        Position += rune.Utf16SequenceLength;
        return rune.Value;
    }

    /// <summary>The error for the text from <paramref name="start"/> to the cursor.</summary>
    public PatternException Refuse(string problem, int start) => new(problem, Pattern[start..Position], start);

    /// <summary>The error for the text from <paramref name="start"/> to the end of the pattern.</summary>
    public PatternException RefuseRest(string problem, int start) => new(problem, Pattern[start..], start);

    /// <summary>The code point that an escape stands for; the cursor is at its backslash.</summary>
    public int ReadEscape()
    {
        var start = Position;
        Skip(1);
        if (AtEnd)
        {
            throw RefuseRest("trailing backslash at end of expression", Position);
        }
        var rune = ReadRune();
        var value = rune switch
        {
            '0' => ReadOctal(0),
            // One digit alone would be a back-reference.
            >= '1' and <= '7' when Current is >= '0' and <= '7' => ReadOctal(rune - '0'),
            'x' => ReadHex(),
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            < 0x80 when !char.IsAsciiLetterOrDigit((char)rune) => rune,
            _ => -1,
        };
        return value >= 0 ? value : throw Refuse("invalid escape sequence", start);
    }

    private int ReadOctal(int value)
    {
        for (var digits = 1; digits < 3 && Current is >= '0' and <= '7'; digits++)
        {
            value = value * 8 + (Current - '0');
            Skip(1);
        }
        return value;
    }

    /// <summary>Two hexadecimal digits, or any number of them in braces; −1 when it is neither.</summary>
    private int ReadHex()
    {
        if (AtEnd)
        {
            return -1;
        }
        var first = ReadRune();
        if (first != '{')
        {
            if (AtEnd)
            {
                return -1;
            }
            var (high, low) = (HexDigit(first), HexDigit(ReadRune()));
            return high < 0 || low < 0 ? -1 : high * 16 + low;
        }
        var value = 0;
        for (var digits = 0; !AtEnd; digits++)
        {
            var rune = ReadRune();
            if (rune == '}')
            {
                return digits > 0 ? value : -1;
            }
            var digit = HexDigit(rune);
            if (digit < 0 || value * 16 + digit > RuneSet.MaxRune)
            {
                return -1;
            }
            value = value * 16 + digit;
        }
        return -1;
    }

    private static int HexDigit(int rune) =>
        rune < 0x80 && char.IsAsciiHexDigit((char)rune) ? Convert.ToInt32(((char)rune).ToString(), 16) : -1;
}
