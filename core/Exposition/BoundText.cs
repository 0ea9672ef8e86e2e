using System.Globalization;
using System.Text;

namespace Tributary.Exposition;

/// <summary>The one text of a bucket's <c>le</c> or a summary's <c>quantile</c>: Prometheus 3 stores <c>1</c> as <c>1.0</c>.</summary>
internal static class BoundText
{
    /// <summary>The bound as a float's text in OpenMetrics; a text that is no number stays as it is.</summary>
    public static string Normalize(string bound)
    {
        if (!NumberText.TryParseValue(Encoding.UTF8.GetBytes(bound), out var value))
        {
            return bound;
        }
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN"
                : value > 0 ? "+Inf"
                : "-Inf";
        }
        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(
            scientific.AsSpan(scientific.IndexOf('E') + 1),
            provider: CultureInfo.InvariantCulture
        );
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (value == 0 || exponent is >= -4 and < 6)
        {
            return shortest.Contains('.') ? shortest : shortest + ".0";
        }
        var digits = string.Concat(shortest.Split('E')[0].Where(char.IsAsciiDigit)).Trim('0');
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        var sign = value < 0 ? "-" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}"
        );
    }
}
