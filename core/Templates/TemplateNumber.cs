using System.Globalization;

namespace Tributary.Templates;

/// <summary>Numbers as templates and Go write them.</summary>
internal static class TemplateNumber
{
    /// <summary>An integer (a <see cref="long"/>) or a float (a <see cref="double"/>); null where a text is neither.</summary>
    public static object? Parse(string text)
    {
        var isNegative = text.StartsWith('-');
        var digits = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        if (!AreUnderscoresPlaced(digits))
        {
            return null;
        }
        var plain = digits.ToString().Replace("_", "", StringComparison.Ordinal);
        if (TryInteger(plain, out var magnitude))
        {
            return isNegative
                ? magnitude <= long.MaxValue + 1UL
                    ? (object)-(long)magnitude
                    : null
                : magnitude <= long.MaxValue
                    ? (long)magnitude
                    : null;
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var isFloat =
            plain.Length > 0
            && (char.IsAsciiDigit(plain[0]) || plain[0] == '.')
            && double.TryParse(plain, Style, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
                ? value
                : double.NaN;
        return double.IsNaN(isFloat) ? null
            : isNegative ? -isFloat
            : isFloat;
    }

    private static bool TryInteger(string digits, out ulong value)
    {
        var (radix, prefix) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        value = 0;
        foreach (var c in digits.AsSpan(prefix))
        {
            var digit = char.IsAsciiHexDigit(c)
                ? int.Parse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : radix;
            if (digit >= radix || (((UInt128)value * (uint)radix) + (uint)digit) > ulong.MaxValue)
            {
                return false;
            }
            value = (value * (uint)radix) + (uint)digit;
        }
        return digits.Length > prefix;
    }

    /// <summary>Whether each underscore stands between two digits, or behind the sign of another base.</summary>
    private static bool AreUnderscoresPlaced(ReadOnlySpan<char> digits)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            if (
                digits[i] == '_'
                && (
                    i == 0
                    || i + 1 == digits.Length
                    || !char.IsAsciiLetterOrDigit(digits[i - 1])
                    || digits[i + 1] == '_'
                )
            )
            {
                return false;
            }
        }
        return true;
    }
}
