using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Values and timestamps of the text format, from UTF-8; values follow Go's <c>ParseFloat</c> without hexadecimal.</summary>
internal static class NumberText
{
    /// <summary>More digits than this may not fit into a <see cref="ulong"/>.</summary>
    private const int MaxFastDigits = 19;
    private const int MaxExactPower = 22;
    private const ulong MaxExactMantissa = 1UL << 53;
    private const ulong AsciiZeros = 0x3030303030303030;

    private static readonly uint[] SmallPowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    private static readonly double[] PowersOfTen =
    [
        1e0,
        1e1,
        1e2,
        1e3,
        1e4,
        1e5,
        1e6,
        1e7,
        1e8,
        1e9,
        1e10,
        1e11,
        1e12,
        1e13,
        1e14,
        1e15,
        1e16,
        1e17,
        1e18,
        1e19,
        1e20,
        1e21,
        1e22,
    ];

    /// <summary>Reads a decimal at the beginning of a text, up to a blank or a line's end.</summary>
    /// <param name="text">The text from the value's first byte on.</param>
    /// <param name="length">The value's length; the byte after it exists and is a blank or a newline.</param>
    /// <param name="value">The value, correctly rounded and finite.</param>
    /// <returns>False for everything out of the ordinary, which <see cref="TryParseValue"/> decides.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryReadDecimal(ReadOnlySpan<byte> text, out int length, out double value)
    {
        length = 0;
        value = 0;
        if (!TryScan(text, out var end, out var decimals) || (text[end] != ' ' && text[end] != '\n'))
        {
            return false;
        }
        length = end;
        return TryRound(text[..end], decimals, out value);
    }

    /// <summary>Reads a decimal at the beginning of a text, up to a quote.</summary>
    /// <param name="text">The text from the value's first byte on.</param>
    /// <param name="length">The value's length; the byte after it exists and is a quote.</param>
    /// <param name="value">The value, correctly rounded and finite.</param>
    /// <returns>False for everything out of the ordinary, which <see cref="TryParseValue"/> decides.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryReadQuoted(ReadOnlySpan<byte> text, out int length, out double value)
    {
        length = 0;
        value = 0;
        if (!TryScan(text, out var end, out var decimals) || text[end] != '"')
        {
            return false;
        }
        length = end;
        return TryRound(text[..end], decimals, out value);
    }

    /// <summary>Finds digits and exponent of a decimal; the byte at <paramref name="end"/> exists.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryScan(
        ReadOnlySpan<byte> text,
        out int end,
        out (ulong Mantissa, int Exponent, bool IsNegative) decimals
    )
    {
        var i = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        if (negative)
        {
            i = 1;
        }
        var first = i;
        var mantissa = 0UL;
        var exponent = 0;
        i = ReadDigits(text, i, ref mantissa);
        var digits = i - first;
        if (i < text.Length && text[i] == '.')
        {
            var fraction = i + 1;
            i = ReadDigits(text, fraction, ref mantissa);
            exponent = fraction - i;
            digits -= exponent;
        }
        end = 0;
        decimals = default;
        if (digits is 0 or > MaxFastDigits || i >= text.Length)
        {
            return false;
        }
        if ((text[i] | 0x20) == 'e' && !TryReadExponent(text, ref i, ref exponent))
        {
            return false;
        }
        end = i;
        decimals = (mantissa, exponent, negative);
        return i < text.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRound(
        ReadOnlySpan<byte> text,
        (ulong Mantissa, int Exponent, bool IsNegative) decimals,
        out double value
    )
    {
        var (mantissa, exponent, negative) = decimals;
        if (mantissa > MaxExactMantissa || exponent is < -MaxExactPower or > MaxExactPower)
        {
            return TryParseFinite(text, out value);
        }
        // Both factors are exact, so the one rounding of the operation is the correct one (Clinger 1990).
        value = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
        value = negative ? -value : value;
        return true;
    }

    /// <summary>A whole value: decimal, <c>NaN</c>, <c>Inf</c> and <c>Infinity</c> in any case; NaN is the normal one.</summary>
    public static bool TryParseValue(ReadOnlySpan<byte> text, out double value)
    {
        if (IsDecimal(text))
        {
            return TryParseFinite(text, out value);
        }
        if (Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            value = StaleMarker.NormalNaN;
            return true;
        }
        var signed = !text.IsEmpty && text[0] is (byte)'+' or (byte)'-';
        var word = signed ? text[1..] : text;
        value = signed && text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }

    /// <summary>Whether a text could become a value when more follows.</summary>
    public static bool IsBeginningOfValue(ReadOnlySpan<byte> text)
    {
        if (text.Length > 400)
        {
            return false;
        }
        Span<byte> longer = stackalloc byte[text.Length + 1];
        text.CopyTo(longer);
        longer[^1] = (byte)'0';
        var word = !text.IsEmpty && text[0] is (byte)'+' or (byte)'-' ? text[1..] : text;
        return IsDecimal(longer) || IsBeginningOf(text, "nan"u8) || IsBeginningOf(word, "infinity"u8);
    }

    /// <summary>Reads the digits at the beginning of a text as milliseconds.</summary>
    /// <returns>False when there is no digit, or the number does not fit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadTimestamp(ReadOnlySpan<byte> text, out int length, out long timestampMs)
    {
        var number = 0UL;
        length = ReadDigits(text, 0, ref number);
        timestampMs = (long)number;
        return length is > 0 and < MaxFastDigits
            || (length > 0 && Utf8Parser.TryParse(text[..length], out timestampMs, out var used) && used == length);
    }

    /// <summary>Appends the digits from <paramref name="at"/> to a number (modulo 2^64) and returns where they end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadDigits(ReadOnlySpan<byte> text, int at, ref ulong number)
    {
        var sum = number;
        while (BitConverter.IsLittleEndian && text.Length - at >= 8)
        {
            var eight = MemoryMarshal.Read<ulong>(text[at..]) ^ AsciiZeros;
            // The lowest bit that is set is in the first byte that is no digit: nothing below it carries.
            var others = ((eight + 0x7676767676767676) | eight) & 0x8080808080808080;
            if (others == 0)
            {
                sum = (sum * 100_000_000) + EightDigits(eight);
                at += 8;
                continue;
            }
            var count = BitOperations.TrailingZeroCount(others) >> 3;
            if (count > 0)
            {
                // The digits go to the end of eight whose first ones are zero.
                sum = (sum * SmallPowersOfTen[count]) + EightDigits(eight << (64 - (8 * count)));
            }
            number = sum;
            return at + count;
        }
        for (; at < text.Length; at++)
        {
            var digit = (uint)text[at] - '0';
            if (digit > 9)
            {
                break;
            }
            sum = (sum * 10) + digit;
        }
        number = sum;
        return at;
    }

    /// <summary>The number that eight digits are; each byte is a digit's value, the first one the lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EightDigits(ulong eight)
    {
        eight = (eight * 10) + (eight >> 8);
        var high = (eight & 0x000000FF000000FF) * 0x000F424000000064;
        var low = ((eight >> 16) & 0x000000FF000000FF) * 0x0000271000000001;
        return (uint)((high + low) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryReadExponent(ReadOnlySpan<byte> text, ref int at, ref int exponent)
    {
        var i = at + 1;
        var negative = i < text.Length && text[i] == '-';
        if (negative || (i < text.Length && text[i] == '+'))
        {
            i++;
        }
        var number = 0UL;
        var end = ReadDigits(text, i, ref number);
        if (end == i || end - i > 4)
        {
            return false;
        }
        exponent += negative ? -(int)number : (int)number;
        at = end;
        return true;
    }

    private static bool IsDecimal(ReadOnlySpan<byte> text)
    {
        var i = !text.IsEmpty && text[0] is (byte)'+' or (byte)'-' ? 1 : 0;
        var whole = CountDigits(text[i..]);
        i += whole;
        var fraction = 0;
        if (i < text.Length && text[i] == '.')
        {
            fraction = CountDigits(text[(i + 1)..]);
            i += 1 + fraction;
        }
        if (whole + fraction == 0)
        {
            return false;
        }
        if (i < text.Length && (text[i] | 0x20) == 'e')
        {
            i++;
            i += i < text.Length && text[i] is (byte)'+' or (byte)'-' ? 1 : 0;
            var digits = CountDigits(text[i..]);
            i += digits;
            return digits > 0 && i == text.Length;
        }
        return i == text.Length;
    }

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        var other = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return other < 0 ? text.Length : other;
    }

    /// <summary>As in Go, a number beyond the largest float is an error, not an infinity.</summary>
    private static bool TryParseFinite(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static bool IsBeginningOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length < word.Length && Ascii.EqualsIgnoreCase(text, word[..text.Length]);
}
