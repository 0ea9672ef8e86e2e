using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Tributary.Exposition;

/// <summary>Floats as the text format and the API write them: the shortest digits that read back as the same float.</summary>
/// <remarks>
/// The form of the text format is that of Go's <c>strconv</c> with format <c>g</c> and shortest precision: an exponent of at
/// least two digits below 1e-4 and from 1e6 on, plain digits between. Both zeros are <c>0</c>, as in Prometheus' writer.
/// </remarks>
public static class FloatFormat
{
    /// <summary>The longest text that <see cref="Format"/> writes, in bytes.</summary>
    public const int MaxLength = 32;

    private const int MinPlainExponent = -4;
    private const int MinScientificExponent = 6;
    private const long MinScientificInteger = 1_000_000;
    private const int MinPlainApiExponent = -6;
    private const int MinScientificApiExponent = 21;
    private const double ExactIntegers = 1L << 53;
    private const byte ShortDecimals = 6;
    private const int MostDigits = 20;

    /// <summary><c>00</c> to <c>99</c>.</summary>
    private static readonly byte[] Pairs =
    [
        .. Enumerable.Range(0, 100).SelectMany(i => new[] { (byte)('0' + (i / 10)), (byte)('0' + (i % 10)) }),
    ];
    private const double ShortScale = 1_000_000;
    private const double MaxShort = 1e9;
    private const double MinShort = 1 / ShortScale;

    /// <summary>Writes a float and returns the count of bytes.</summary>
    /// <param name="value">Any float.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Format(double value, Span<byte> destination)
    {
        var integer = (long)value;
        if (integer != value || Math.Abs(value) >= ExactIntegers)
        {
            return FormatAny(value, destination);
        }
        if ((ulong)integer < 10)
        {
            destination[0] = (byte)('0' + integer);
            return 1;
        }
        Utf8Formatter.TryFormat(integer, destination, out var written);
        return Math.Abs(integer) < MinScientificInteger ? written : Rewrite(destination, written);
    }

    /// <summary>
    /// Writes a float as the API does, and returns the count of bytes: with an exponent below 1e-6 and from 1e21 on, plain
    /// digits between; a negative zero is <c>-0</c>.
    /// </summary>
    /// <param name="value">Any float.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FormatPlain(double value, Span<byte> destination)
    {
        var integer = (long)value;
        if (integer == value && Math.Abs(value) < ExactIntegers && (integer != 0 || !double.IsNegative(value)))
        {
            Utf8Formatter.TryFormat(integer, destination, out var written);
            return written;
        }
        if (!double.IsFinite(value))
        {
            return FormatAny(value, destination);
        }
        if (TryFormatShort(value, destination, out var length))
        {
            return length;
        }
        var start = 0;
        if (double.IsNegative(value))
        {
            destination[start++] = (byte)'-';
        }
        if (value == 0)
        {
            destination[start] = (byte)'0';
            return start + 1;
        }
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(Math.Abs(value), digits, out var exponent);
        return start
            + Layout(digits[..count], exponent, destination[start..], MinPlainApiExponent, MinScientificApiExponent);
    }

    /// <summary>
    /// Writes a float as the API shows values of alerts, and returns the count of bytes: always with an exponent, <c>1e+00</c>.
    /// </summary>
    /// <param name="value">Any float.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    public static int FormatScientific(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            return FormatAny(value, destination);
        }
        var start = 0;
        if (double.IsNegative(value))
        {
            destination[start++] = (byte)'-';
        }
        if (value == 0)
        {
            return start + LayoutScientific("0"u8, 0, destination[start..]);
        }
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(Math.Abs(value), digits, out var exponent);
        return start + LayoutScientific(digits[..count], exponent, destination[start..]);
    }

    /// <summary>Values of few decimals, which are most: no other text of at most 15 digits reads back as the same float.</summary>
    private static bool TryFormatShort(double value, Span<byte> destination, out int length)
    {
        length = 0;
        var size = Math.Abs(value);
        if (size is >= MaxShort or < MinShort)
        {
            return false;
        }
        var scaled = size * ShortScale;
        var digits = (long)(scaled + 0.5);
        // The division of two exact numbers is rounded once, as the reading of the text is.
        if (digits / ShortScale != size)
        {
            return false;
        }
        if (value < 0)
        {
            destination[length++] = (byte)'-';
        }
        var (whole, fraction) = Math.DivRem(digits, (long)ShortScale);
        Utf8Formatter.TryFormat(whole, destination[length..], out var written);
        length += written;
        destination[length++] = (byte)'.';
        Utf8Formatter.TryFormat(fraction, destination[length..], out written, new StandardFormat('D', ShortDecimals));
        length += written;
        while (destination[length - 1] == (byte)'0')
        {
            length--;
        }
        return true;
    }

    /// <summary>An integer as plain digits → with exponent. Below 2^53 only trailing zeros can go.</summary>
    private static int Rewrite(Span<byte> destination, int length)
    {
        Span<byte> digits = stackalloc byte[MaxLength];
        var sign = destination[0] == (byte)'-' ? 1 : 0;
        var count = length - sign;
        destination[sign..length].CopyTo(digits);
        return sign + LayoutScientific(digits[..count].TrimEnd((byte)'0'), count - 1, destination[sign..]);
    }

    private static int FormatAny(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            return Copy(
                double.IsNaN(value) ? "NaN"u8
                    : value > 0 ? "+Inf"u8
                    : "-Inf"u8,
                destination
            );
        }
        var start = 0;
        if (value < 0)
        {
            destination[start++] = (byte)'-';
        }
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(Math.Abs(value), digits, out var exponent);
        return start + Layout(digits[..count], exponent, destination[start..]);
    }

    /// <summary>The shortest digits without point and outer zeros, and the power of ten of the first one.</summary>
    /// <param name="value">Finite and above 0.</param>
    /// <param name="digits">Gets them; <see cref="MaxLength"/> bytes.</param>
    /// <param name="exponent">The power.</param>
    private static int ShortestDigits(double value, Span<byte> digits, out int exponent)
    {
        var (number, power) = ShortestFloat.Of(value);
        // From the last digit on, two at a time.
        var at = MostDigits;
        while (number >= 100)
        {
            (number, var pair) = Math.DivRem(number, 100);
            at -= 2;
            Pairs.AsSpan((int)pair * 2, 2).CopyTo(digits[at..]);
        }
        if (number >= 10)
        {
            at -= 2;
            Pairs.AsSpan((int)number * 2, 2).CopyTo(digits[at..]);
        }
        else
        {
            digits[--at] = (byte)('0' + number);
        }
        var length = MostDigits - at;
        exponent = power + length - 1;
        digits.Slice(at, length).CopyTo(digits);
        while (length > 1 && digits[length - 1] == (byte)'0')
        {
            length--;
        }
        return length;
    }

    private static int Layout(
        ReadOnlySpan<byte> digits,
        int exponent,
        Span<byte> destination,
        int minPlain = MinPlainExponent,
        int minScientific = MinScientificExponent
    ) =>
        exponent < minPlain || exponent >= minScientific ? LayoutScientific(digits, exponent, destination)
        : exponent < 0 ? LayoutSmall(digits, exponent, destination)
        : LayoutPlain(digits, exponent, destination);

    private static int LayoutScientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        destination[0] = digits[0];
        var position = 1;
        if (digits.Length > 1)
        {
            destination[position++] = (byte)'.';
            position += Copy(digits[1..], destination[position..]);
        }
        destination[position++] = (byte)'e';
        destination[position++] = (byte)(exponent < 0 ? '-' : '+');
        var power = Math.Abs(exponent);
        if (power >= 100)
        {
            destination[position++] = (byte)('0' + power / 100);
        }
        destination[position++] = (byte)('0' + power / 10 % 10);
        destination[position++] = (byte)('0' + power % 10);
        return position;
    }

    /// <summary>Below 1: zeros between the point and the digits.</summary>
    private static int LayoutSmall(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var zeros = 1 - exponent;
        destination[..(zeros + 1)].Fill((byte)'0');
        destination[1] = (byte)'.';
        return zeros + Copy(digits, destination[zeros..]);
    }

    /// <summary>From 1 on: the point inside the digits, or zeros after them.</summary>
    private static int LayoutPlain(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var whole = exponent + 1;
        if (digits.Length <= whole)
        {
            destination[..whole].Fill((byte)'0');
            digits.CopyTo(destination);
            return whole;
        }
        digits[..whole].CopyTo(destination);
        destination[whole] = (byte)'.';
        digits[whole..].CopyTo(destination[(whole + 1)..]);
        return digits.Length + 1;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
