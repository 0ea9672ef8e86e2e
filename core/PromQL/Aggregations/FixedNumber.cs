using System.Globalization;

namespace Tributary.PromQL.Aggregations;

/// <summary>Numbers as Go writes them with <c>'f', -1</c>: the fewest digits that tell the number, never an exponent.</summary>
internal static class FixedNumber
{
    /// <summary>The text of a number.</summary>
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN"
                : value > 0 ? "+Inf"
                : "-Inf";
        }
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E');
        if (mark < 0)
        {
            return text;
        }
        var sign = text[0] == '-' ? "-" : "";
        var mantissa = text.AsSpan(sign.Length, mark - sign.Length);
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa.Length : point;
        var digits = mantissa.ToString().Replace(".", "", StringComparison.Ordinal);
        // Where the point stands among the digits.
        var place = whole + int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return place <= 0 ? $"{sign}0.{new string('0', -place)}{digits}"
            : place >= digits.Length ? sign + digits.PadRight(place, '0')
            : $"{sign}{digits[..place]}.{digits[place..]}";
    }
}
