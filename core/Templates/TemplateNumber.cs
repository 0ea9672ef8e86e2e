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
        return digits.ContainsAnyExcept("0123456789_") && ParseFloat(plain) is { } value && double.IsFinite(value)
            ? isNegative
                ? -value
                : value
            : null;
    }

    /// <summary>
    /// A float without a sign, decimal or hexadecimal (<c>0x1.8p3</c>), digits parted by underscores or not; infinite when it
    /// is too large. Null where a text is none.
    /// </summary>
    public static double? ParseFloat(string digits)
    {
        if (!AreUnderscoresPlaced(digits))
        {
            return null;
        }
        var plain = digits.Replace("_", "", StringComparison.Ordinal);
        if (plain.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ParseHex(plain[2..]);
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return
            plain.Length > 0
            && (char.IsAsciiDigit(plain[0]) || plain[0] == '.')
            && double.TryParse(plain, Style, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    /// <summary>Up to sixteen hexadecimal digits, at most one point among them, and the power of two that has to follow.</summary>
    private static double? ParseHex(string text)
    {
        const int DigitBits = 4;
        var end = text.IndexOfAny(['p', 'P']);
        var head = end < 0 ? "" : text[..end];
        var point = head.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? head : head.Remove(point, 1);
        var behindPoint = point < 0 ? 0 : digits.Length - point;
        return
            ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            && short.TryParse(
                text.AsSpan(end + 1),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var power
            )
            ? Math.ScaleB(number, power - (DigitBits * behindPoint))
            : null;
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
