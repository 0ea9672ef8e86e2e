using System.Globalization;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Prometheus' functions that make numbers readable.</summary>
internal static class NumberFunctions
{
    private const double Thousand = 1000;
    private const double Kibi = 1024;
    private const int ShownDigits = 4;
    private const double NanosecondsPerSecond = 1e9;
    private const int SecondsPerMinute = 60;
    private const int MinutesPerHour = 60;
    private const int HoursPerDay = 24;

    private static readonly string[] Above = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    private static readonly string[] AboveBinary = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
    private static readonly string[] Below = ["m", "u", "n", "p", "f", "a", "z", "y"];

    /// <summary>1234567 → <c>1.235M</c>.</summary>
    public static string Humanize(object? value)
    {
        var number = ToFloat(value);
        return number == 0 || !double.IsFinite(number) ? Show(number)
            : Math.Abs(number) >= 1 ? Scale(number, Thousand, Above)
            : Shrink(number);
    }

    /// <summary>1048576 → <c>1Mi</c>.</summary>
    public static string Humanize1024(object? value)
    {
        var number = ToFloat(value);
        return Math.Abs(number) <= 1 || !double.IsFinite(number) ? Show(number) : Scale(number, Kibi, AboveBinary);
    }

    /// <summary>3661.5 → <c>1h 1m 1s</c>.</summary>
    public static string HumanizeDuration(object? value)
    {
        var number = ToFloat(value);
        if (!double.IsFinite(number))
        {
            return Show(number);
        }
        if (Math.Abs(number) < 1)
        {
            return (number == 0 ? Show(number) : Shrink(number)) + "s";
        }
        var sign = number < 0 ? "-" : "";
        var all = (long)Math.Abs(number);
        var (minutes, seconds) = Math.DivRem(all, SecondsPerMinute);
        (var hours, minutes) = Math.DivRem(minutes, MinutesPerHour);
        (var days, hours) = Math.DivRem(hours, HoursPerDay);
        return sign
            + (
                days > 0 ? string.Create(CultureInfo.InvariantCulture, $"{days}d {hours}h {minutes}m {seconds}s")
                : hours > 0 ? string.Create(CultureInfo.InvariantCulture, $"{hours}h {minutes}m {seconds}s")
                : minutes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m {seconds}s")
                : Show(Math.Abs(number)) + "s"
            );
    }

    /// <summary>0.1234 → <c>12.34%</c>.</summary>
    public static string HumanizePercentage(object? value) => Show(ToFloat(value) * 100) + "%";

    /// <summary>1643114203 → <c>2022-01-25 12:36:43 +0000 UTC</c>.</summary>
    public static string HumanizeTimestamp(object? value)
    {
        var number = ToFloat(value);
        return double.IsFinite(number) ? TimeOf(number).ToString() : Show(number);
    }

    public static GoTime ToTime(object? value)
    {
        var number = ToFloat(value);
        return double.IsFinite(number) ? TimeOf(number) : throw new TemplateFunctionException("value is NaN or Inf");
    }

    public static GoDuration ToDuration(object? value) => GoDuration.OfSeconds(ToFloat(value), isPointer: true);

    /// <summary><c>2h10m15s</c> → 7815; a sign may stand in front.</summary>
    public static double ParseDuration(string text)
    {
        var isNegative = text.StartsWith('-');
        var unsigned = isNegative ? text[1..] : text;
        if (unsigned.Length == 0)
        {
            throw new TemplateFunctionException(
                isNegative ? $"not a valid duration string: {Quoting.Quote(text)}" : "empty duration string"
            );
        }
        if (unsigned == "0")
        {
            return 0;
        }
        var problem = QueryNumber.ParseDuration(unsigned, out var seconds);
        return problem is not null ? throw new TemplateFunctionException(problem)
            : isNegative ? -seconds
            : seconds;
    }

    /// <summary>A number, or the number that a text spells.</summary>
    private static double ToFloat(object? value) =>
        value switch
        {
            double number => number,
            long number => number,
            string text => GoText.ParseFloat(text),
            GoDuration { IsPointer: false } duration => duration.Seconds,
            _ => throw new TemplateFunctionException($"can't convert {GoValue.TypeOf(value)} to float"),
        };

    private static string Scale(double number, double unit, string[] prefixes)
    {
        var prefix = "";
        foreach (var larger in prefixes)
        {
            if (Math.Abs(number) < unit)
            {
                break;
            }
            prefix = larger;
            number /= unit;
        }
        return Show(number) + prefix;
    }

    private static string Shrink(double number)
    {
        var prefix = "";
        foreach (var smaller in Below)
        {
            if (Math.Abs(number) >= 1)
            {
                break;
            }
            prefix = smaller;
            number *= Thousand;
        }
        return Show(number) + prefix;
    }

    private static GoTime TimeOf(double seconds)
    {
        var nanoseconds = seconds * NanosecondsPerSecond;
        if (nanoseconds is > long.MaxValue or < long.MinValue)
        {
            throw new TemplateFunctionException(
                $"{GoFloat.Shortest(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64"
            );
        }
        // Prometheus' times are milliseconds.
        return new GoTime((Int128)((long)nanoseconds / GoDuration.PerMillisecond) * GoDuration.PerMillisecond);
    }

    private static string Show(double number) => GoFloat.Format(number, 'g', ShownDigits);
}
