using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Writes text into errors as Go's <c>%q</c> does, which is the form that Prometheus' users know.</summary>
internal static class Quoting
{
    /// <summary>A byte that is no UTF-8 stands in a text as this half of a surrogate pair plus its value.</summary>
    public const char RawByte = '\uDC00';

    /// <summary>What errors say of a text with such bytes.</summary>
    public const string NotUtf8 = "the escapes in the string do not spell valid UTF-8";

    /// <summary>Whether a text has bytes that are no UTF-8.</summary>
    public static bool HasRawBytes(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The text in double quotes; cut with dots after <paramref name="maxRunes"/> code points.</summary>
    public static string Quote(string text, int maxRunes = int.MaxValue)
    {
        var output = new StringBuilder("\"");
        var count = 0;
        for (var rest = text.AsSpan(); rest.Length > 0; )
        {
            if (count++ == maxRunes)
            {
                return output.Append("\"...").ToString();
            }
            var isRune = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            if (isRune || rest[0] is < RawByte or > (char)(RawByte + byte.MaxValue))
            {
                Append(output, rune, '"');
            }
            else
            {
                output.Append(CultureInfo.InvariantCulture, $"\\x{rest[0] - RawByte:x2}");
            }
            rest = rest[length..];
        }
        return output.Append('"').ToString();
    }

    /// <summary>One code point in single quotes.</summary>
    public static string Quote(Rune rune)
    {
        var output = new StringBuilder("'");
        Append(output, rune, '\'');
        return output.Append('\'').ToString();
    }

    /// <summary>One code point as <c>U+0071 'q'</c>.</summary>
    public static string CodePoint(Rune rune)
    {
        var number = rune.Value.ToString("X4", CultureInfo.InvariantCulture);
        return IsPrintable(rune) ? $"U+{number} '{rune}'" : $"U+{number}";
    }

    private static void Append(StringBuilder output, Rune rune, char quote)
    {
        var escape = rune.Value switch
        {
            '\a' => "\\a",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\v' => "\\v",
            '\\' => "\\\\",
            _ when rune.Value == quote => "\\" + quote,
            _ when IsPrintable(rune) => rune.ToString(),
            < 0x80 => "\\x" + rune.Value.ToString("x2", CultureInfo.InvariantCulture),
            < 0x10000 => "\\u" + rune.Value.ToString("x4", CultureInfo.InvariantCulture),
            _ => "\\U" + rune.Value.ToString("x8", CultureInfo.InvariantCulture),
        };
        output.Append(escape);
    }

    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
