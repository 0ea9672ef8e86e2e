using System.Globalization;
using System.Text;
using Tributary.Patterns;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Prometheus' functions of texts and regular expressions.</summary>
internal static class TextFunctions
{
    /// <summary>Whether a pattern matches somewhere in a text.</summary>
    public static bool Match(string pattern, string text)
    {
        try
        {
            return PatternSearch.Parse(pattern).IsMatch(text);
        }
        catch (PatternException exception)
        {
            throw new TemplateFunctionException(exception.Message);
        }
    }

    /// <summary>The text with everything replaced that a pattern matches.</summary>
    public static string Replace(string pattern, string replacement, string text)
    {
        try
        {
            return PatternSearch.Parse(pattern).Replace(text, replacement, TemplateEnvironment.MaxLength)
                ?? throw new TemplateFunctionException(
                    $"the text is longer than {TemplateEnvironment.MaxLength} characters"
                );
        }
        catch (PatternException exception)
        {
            var quoted = pattern.Contains('`', StringComparison.Ordinal) ? Quoting.Quote(pattern) : $"`{pattern}`";
            throw new TemplateFunctionException($"regexp: Compile({quoted}): {exception.Message}");
        }
    }

    /// <summary>
    /// Every word with its first letter in upper case, the others as they are. Digits, underscores and what joins two
    /// letters (an apostrophe, a point, a colon) do not end a word: https://unicode.org/reports/tr29/.
    /// </summary>
    public static string Title(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var output = new StringBuilder(text.Length);
        var isInWord = false;
        for (var i = 0; i < runes.Length; i++)
        {
            var rune = runes[i];
            if (!IsWordPart(rune))
            {
                var joins = rune.Value is '\'' or '.' or ':' or '’' or '‘' or '·' or '․' or '‧';
                isInWord &= joins && i + 1 < runes.Length && IsWordPart(runes[i + 1]);
                output.Append(rune);
                continue;
            }
            var isFirst = !isInWord && (Rune.IsUpper(rune) || Rune.IsLower(rune));
            output.Append(isFirst ? Rune.ToUpperInvariant(rune) : rune);
            isInWord |= isFirst;
        }
        return output.ToString();
    }

    private static bool IsWordPart(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.ConnectorPunctuation
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark;
}
