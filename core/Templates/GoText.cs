using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Texts that spell numbers, as Go reads them.</summary>
internal static class GoText
{
    /// <summary>The float that a text spells; Go's words for infinities and no number among them.</summary>
    /// <exception cref="TemplateFunctionException">It spells none, or one out of range.</exception>
    public static double ParseFloat(string text)
    {
        var sign = text is ['-', ..] ? -1.0 : 1.0;
        var digits = text is ['-' or '+', ..] ? text[1..] : text;
        if (
            digits.Equals("inf", StringComparison.OrdinalIgnoreCase)
            || digits.Equals("infinity", StringComparison.OrdinalIgnoreCase)
        )
        {
            return sign * double.PositiveInfinity;
        }
        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            return double.NaN;
        }
        if (TemplateNumber.ParseFloat(digits) is not { } value)
        {
            throw Refuse(text, "invalid syntax");
        }
        return double.IsFinite(value) ? sign * value : throw Refuse(text, "value out of range");
    }

    private static TemplateFunctionException Refuse(string text, string problem) =>
        new($"strconv.ParseFloat: parsing {Quoting.Quote(text)}: {problem}");
}
