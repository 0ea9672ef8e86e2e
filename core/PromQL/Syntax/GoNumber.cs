using System.Globalization;

namespace Tributary.PromQL.Syntax;

/// <summary>Numbers as Prometheus prints them in queries: the fewest digits that read back as the same number.</summary>
internal static class GoNumber
{
    /// <summary>Without exponent, however long: <c>1000000</c>, <c>+Inf</c>.</summary>
    public static string Plain(double value)
    {
        if (!double.IsFinite(value))
        {
            return Special(value);
        }
        var (digits, exponent) = Digits(value);
        var sign = double.IsNegative(value) ? "-" : "";
        return exponent switch
        {
            <= 0 when digits == "0" => sign + "0",
            <= 0 => sign + "0." + new string('0', -exponent) + digits,
            _ when exponent >= digits.Length => sign + digits + new string('0', exponent - digits.Length),
            _ => sign + digits[..exponent] + "." + digits[exponent..],
        };
    }

    /// <summary>With an exponent where the number is below 1e-4 or from 1e21 on.</summary>
    public static string General(double value)
    {
        var size = Math.Abs(value);
        if (!double.IsFinite(value) || value == 0 || size is >= 1e-4 and < 1e21)
        {
            return Plain(value);
        }
        var (digits, exponent) = Digits(value);
        var sign = double.IsNegative(value) ? "-" : "";
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        var power = (exponent - 1).ToString("+00;-00", CultureInfo.InvariantCulture);
        return sign + digits[0] + fraction + "e" + power;
    }

    private static string Special(double value) =>
        double.IsNaN(value) ? "NaN"
        : value > 0 ? "+Inf"
        : "-Inf";

    /// <summary>The digits without leading and trailing zeros, and where the point stands behind the first of them.</summary>
    public static (string Digits, int Exponent) Digits(double value)
    {
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var power = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        var exponent = (point < 0 ? mantissa.Length : point) - leading + power;
        return leading == digits.Length ? ("0", 0) : (digits.Trim('0'), exponent);
    }
}
