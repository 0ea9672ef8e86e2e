using System.Globalization;
using System.Numerics;

namespace Tributary.PromQL.Syntax;

/// <summary>Floats as Go prints them: Prometheus' users know them from templates, histograms and the output of tests.</summary>
/// <remarks>https://pkg.go.dev/strconv#FormatFloat, with the exact value rounded half to even as there.</remarks>
internal static class GoFloat
{
    /// <summary>The precision that takes the fewest digits which read back as the same float.</summary>
    public const int ShortestPrecision = -1;

    private const int MinPlainExponent = -4;
    private const int MaxShortestPlainExponent = 6;
    private const int MantissaBits = 52;
    private const int ExponentBias = 1075;
    private const int ExponentMask = 0x7ff;

    /// <summary>The fewest digits, with an exponent below 1e-4 and from 1e6 on, as <c>%v</c>.</summary>
    public static string Shortest(double value) => Format(value, 'g', ShortestPrecision);

    /// <summary>Formats a float.</summary>
    /// <param name="value">Any float.</param>
    /// <param name="verb">
    /// <c>e</c> with exponent, <c>f</c> without, <c>g</c> as it is shorter, <c>x</c> in hexadecimal, <c>b</c> as an integer and a
    /// power of two; <c>E</c>, <c>G</c> and <c>X</c> print their letters so.
    /// </param>
    /// <param name="precision">Digits behind the point, of <c>g</c> all digits.</param>
    public static string Format(double value, char verb, int precision)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN"
                : value > 0 ? "+Inf"
                : "-Inf";
        }
        var sign = double.IsNegative(value) ? "-" : "";
        if (verb is 'x' or 'X' or 'b')
        {
            var hex = verb == 'b' ? Binary(value) : Hex(value, precision);
            return sign + (verb == 'X' ? hex.ToUpperInvariant() : hex);
        }
        var isShortest = precision < 0;
        var (digits, point) = isShortest ? ShortestDigits(Math.Abs(value)) : ExactDigits(Math.Abs(value));
        var text = verb switch
        {
            'e' or 'E' => Scientific(digits, point, isShortest ? digits.Length - 1 : precision),
            'f' or 'F' => Plain(digits, point, isShortest ? Math.Max(digits.Length - point, 0) : precision),
            _ => General(digits, point, isShortest, Math.Max(precision, 1)),
        };
        return sign + (verb is 'E' or 'G' ? text.ToUpperInvariant() : text);
    }

    private static string Binary(double value)
    {
        var (mantissa, exponent) = Parts(value);
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}p{exponent:+0;-0;+0}");
    }

    private static string Hex(double value, int precision)
    {
        const int DigitBits = 4;
        const int Digits = MantissaBits / DigitBits;
        var (mantissa, exponent) = Parts(value);
        var shift = mantissa == 0 ? 0 : BitOperations.LeadingZeroCount((ulong)mantissa) - (63 - MantissaBits);
        (mantissa, exponent) = (mantissa << shift, mantissa == 0 ? 0 : exponent - shift + MantissaBits);
        if (precision is >= 0 and < Digits)
        {
            // To the next digit, a tie to the even one.
            var unit = 1L << (DigitBits * (Digits - precision));
            var rest = mantissa & (unit - 1);
            var isOdd = (mantissa & unit) != 0;
            mantissa -= rest;
            mantissa += rest > unit / 2 || (rest == unit / 2 && isOdd) ? unit : 0;
            (mantissa, exponent) =
                mantissa >> (MantissaBits + 1) == 0 ? (mantissa, exponent) : (mantissa >> 1, exponent + 1);
        }
        var fraction = (mantissa & ((1L << MantissaBits) - 1)).ToString("x13", CultureInfo.InvariantCulture);
        fraction =
            precision < 0 ? fraction.TrimEnd('0')
            : precision < Digits ? fraction[..precision]
            : fraction.PadRight(precision, '0');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"0x{mantissa >> MantissaBits}{(fraction.Length > 0 ? "." : "")}{fraction}p{exponent:+00;-00}"
        );
    }

    /// <summary>The size is the mantissa times two to the exponent.</summary>
    private static (long Mantissa, int Exponent) Parts(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var biased = (int)(bits >> MantissaBits) & ExponentMask;
        var mantissa = bits & ((1L << MantissaBits) - 1);
        return (mantissa + (biased == 0 ? 0 : 1L << MantissaBits), Math.Max(biased, 1) - ExponentBias);
    }

    private static string General(string digits, int point, bool isShortest, int precision)
    {
        if (!isShortest)
        {
            (digits, point) = Round(digits, point, precision);
        }
        var limit =
            isShortest ? MaxShortestPlainExponent
            : precision > digits.Length && digits.Length >= point ? digits.Length
            : precision;
        var exponent = point - 1;
        return exponent < MinPlainExponent || exponent >= limit
            ? Scientific(digits, point, digits.Length - 1)
            : Plain(digits, point, Math.Max(digits.Length - point, 0));
    }

    private static string Scientific(string digits, int point, int precision)
    {
        (digits, point) = Round(digits, point, precision + 1);
        var exponent = digits == "0" ? 0 : point - 1;
        var fraction = precision > 0 ? "." + digits[1..].PadRight(precision, '0') : "";
        return digits[0] + fraction + "e" + exponent.ToString("+00;-00", CultureInfo.InvariantCulture);
    }

    private static string Plain(string digits, int point, int precision)
    {
        (digits, point) = Round(digits, point, point + precision);
        var whole =
            point <= 0 ? "0"
            : point >= digits.Length ? digits.PadRight(point, '0')
            : digits[..point];
        var behind =
            point <= 0 ? new string('0', Math.Min(-point, precision)) + digits
            : point >= digits.Length ? ""
            : digits[point..];
        behind = behind.Length > precision ? behind[..precision] : behind.PadRight(precision, '0');
        return precision > 0 ? $"{whole}.{behind}" : whole;
    }

    /// <summary>Digits cut to a count, without zeros at the end; a tie goes to the even digit.</summary>
    private static (string Digits, int Point) Round(string digits, int point, int count)
    {
        if (count >= digits.Length)
        {
            return (digits, point);
        }
        if (count < 0)
        {
            return ("0", point - digits.Length);
        }
        var next = digits[count];
        var isTie = next == '5' && count + 1 == digits.Length;
        var isUp = isTie ? count > 0 && (digits[count - 1] - '0') % 2 == 1 : next >= '5';
        var kept = digits[..count];
        if (isUp)
        {
            var nines = kept.Length - kept.TrimEnd('9').Length;
            if (nines == kept.Length)
            {
                return ("1", point + 1);
            }
            kept = kept[..^nines];
            kept = kept[..^1] + (char)(kept[^1] + 1);
        }
        kept = kept.TrimEnd('0');
        return kept.Length == 0 ? ("0", 1) : (kept, point);
    }

    private static (string Digits, int Point) ShortestDigits(double size)
    {
        var (digits, point) = GoNumber.Digits(size);
        return size == 0 ? ("0", 1) : (digits, point);
    }

    /// <summary>All digits: a float is an integer times a power of two, and those below one are powers of five over ten.</summary>
    private static (string Digits, int Point) ExactDigits(double size)
    {
        var (mantissa, exponent) = Parts(size);
        var number = exponent >= 0 ? (BigInteger)mantissa << exponent : mantissa * BigInteger.Pow(5, -exponent);
        var digits = number.ToString(CultureInfo.InvariantCulture);
        var point = digits.Length + Math.Min(exponent, 0);
        return number.IsZero ? ("0", 1) : (digits.TrimEnd('0'), point);
    }
}
