using System.Globalization;

namespace Tributary.PromQL.Syntax;

/// <summary>The values of numbers and durations as queries write them.</summary>
internal static class QueryNumber
{
    /// <summary>The seconds from which on a duration is out of range: 2^63 nanoseconds.</summary>
    public const double MaxSeconds = 9223372036.854775808;

    private static readonly (string Unit, ulong Milliseconds)[] Units =
    [
        ("y", 365UL * 24 * 3600 * 1000),
        ("w", 7UL * 24 * 3600 * 1000),
        ("d", 24UL * 3600 * 1000),
        ("h", 3600UL * 1000),
        ("m", 60UL * 1000),
        ("s", 1000),
        ("ms", 1),
    ];

    /// <summary>The value of a number: decimal, hexadecimal after <c>0x</c>, octal after <c>0</c>, <c>inf</c> or <c>nan</c>.</summary>
    /// <param name="text">The number without sign.</param>
    /// <param name="value">The number.</param>
    /// <returns>What is wrong with it, else null.</returns>
    public static string? Parse(ReadOnlySpan<char> text, out double value)
    {
        if (char.IsAsciiLetter(text[0]))
        {
            value = text[0] is 'i' or 'I' ? double.PositiveInfinity : double.NaN;
            return null;
        }
        var problem = text.Contains('_') ? ParseSeparated(text, out value) : ParsePlain(text, out value);
        return problem is null
            ? null
            : $"error parsing number: strconv.ParseFloat: parsing {Quoting.Quote(text.ToString())}: {problem}";
    }

    /// <summary>The seconds of a duration: numbers with units from <c>y</c> to <c>ms</c>, each at most once, the largest first.</summary>
    /// <returns>What is wrong with it, else null.</returns>
    public static string? ParseDuration(ReadOnlySpan<char> text, out double seconds)
    {
        const ulong MaxMilliseconds = long.MaxValue / 1_000_000;
        seconds = 0;
        ulong total = 0;
        var unitsPassed = 0;
        for (var rest = text; rest.Length > 0; )
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            var unitEnd = digits < 0 ? -1 : rest[digits..].IndexOfAnyInRange('0', '9');
            var unit =
                digits < 0 ? ""
                : unitEnd < 0 ? rest[digits..]
                : rest.Slice(digits, unitEnd);
            if (digits <= 0 || !ulong.TryParse(rest[..digits], CultureInfo.InvariantCulture, out var count))
            {
                return NotADuration(text);
            }
            var index = UnitIndex(unit);
            if (index < 0)
            {
                return $"unknown unit {Quoting.Quote(unit.ToString())} in duration {Quoting.Quote(text.ToString())}";
            }
            if (index < unitsPassed)
            {
                return NotADuration(text);
            }
            var size = Units[index].Milliseconds;
            if (count > MaxMilliseconds / size || (total += count * size) > MaxMilliseconds)
            {
                return "duration out of range";
            }
            unitsPassed = index + 1;
            rest = rest[(digits + unit.Length)..];
        }
        seconds = total / 1000.0;
        return null;
    }

    private static int UnitIndex(ReadOnlySpan<char> unit)
    {
        for (var i = 0; i < Units.Length; i++)
        {
            if (unit.SequenceEqual(Units[i].Unit))
            {
                return i;
            }
        }
        return -1;
    }

    private static string NotADuration(ReadOnlySpan<char> text) =>
        $"not a valid duration string: {Quoting.Quote(text.ToString())}";

    /// <summary>A number with underscores, each of which must stand between two digits or behind <c>0x</c>.</summary>
    private static string? ParseSeparated(ReadOnlySpan<char> text, out double value)
    {
        var isHexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        Span<char> digits = text.Length <= 256 ? stackalloc char[text.Length] : new char[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '_')
            {
                digits[count++] = text[i];
            }
            else if (
                !IsDigit(text[i - 1]) && !(isHexadecimal && i == 2)
                || i + 1 == text.Length
                || !IsDigit(text[i + 1])
            )
            {
                value = 0;
                return "invalid syntax";
            }
        }
        return ParsePlain(digits[..count], out value);

        bool IsDigit(char c) => isHexadecimal ? char.IsAsciiHexDigit(c) : char.IsAsciiDigit(c);
    }

    private static string? ParsePlain(ReadOnlySpan<char> text, out double value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var isNumber = ulong.TryParse(
                text[2..],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var whole
            );
            value = whole;
            return isNumber && whole <= long.MaxValue ? null : "invalid syntax";
        }
        if (text.Length > 1 && text[0] == '0' && TryOctal(text, out var octal))
        {
            value = octal;
            return null;
        }
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return "invalid syntax";
        }
        return double.IsInfinity(value) ? "value out of range" : null;
    }

    /// <summary>A whole number with a leading zero is octal where it can be.</summary>
    private static bool TryOctal(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (c is < '0' or > '7' || value > long.MaxValue >> 3)
            {
                return false;
            }
            value = (value << 3) + (c - '0');
        }
        return true;
    }
}
