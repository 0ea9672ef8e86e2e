using System.Globalization;
using System.Text;

namespace Tributary.Templates;

/// <summary>Texts made safe for other places.</summary>
internal static class EscapeFunctions
{
    /// <summary>For HTML.</summary>
    public static string Html(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => output.Append("&#34;"),
                '\'' => output.Append("&#39;"),
                '&' => output.Append("&amp;"),
                '<' => output.Append("&lt;"),
                '>' => output.Append("&gt;"),
                '\0' => output.Append('\uFFFD'),
                _ => output.Append(c),
            };
        }
        return output.ToString();
    }

    /// <summary>For strings of JavaScript.</summary>
    public static string JavaScript(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => output.Append(@"\\"),
                '\'' => output.Append(@"\'"),
                '"' => output.Append("\\\""),
                '<' or '>' or '&' or '=' or < ' ' => output.Append(CultureInfo.InvariantCulture, $@"\u{rune.Value:X4}"),
                _ when !rune.IsAscii && !IsPrintable(rune) => output.Append(
                    CultureInfo.InvariantCulture,
                    $@"\u{rune.Value:X4}"
                ),
                _ => output.Append(rune),
            };
        }
        return output.ToString();
    }

    /// <summary>For the query of a URL: blanks become <c>+</c>.</summary>
    public static string Query(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)one;
            _ =
                char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' ? output.Append(c)
                : c == ' ' ? output.Append('+')
                : output.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }
        return output.ToString();
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
