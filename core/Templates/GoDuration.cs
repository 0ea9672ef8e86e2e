using System.Globalization;
using System.Text;

namespace Tributary.Templates;

/// <summary>What <c>toDuration</c> gives: nanoseconds, printed as Go prints a <c>time.Duration</c>.</summary>
/// <param name="Nanoseconds">How long.</param>
/// <param name="IsPointer">Whether it is one in Go, which functions of numbers refuse.</param>
internal readonly record struct GoDuration(long Nanoseconds, bool IsPointer)
{
    public const long PerMicrosecond = 1_000;
    public const long PerMillisecond = 1_000_000;
    public const long PerSecond = 1_000_000_000;
    private const long PerMinute = 60 * PerSecond;
    private const long PerHour = 60 * PerMinute;

    public double Hours => (double)Nanoseconds / PerHour;

    public double Minutes => (double)Nanoseconds / PerMinute;

    public double Seconds => (double)Nanoseconds / PerSecond;

    /// <summary>A duration of seconds, cut to nanoseconds; what is too long becomes the shortest or longest there is.</summary>
    public static GoDuration OfSeconds(double seconds, bool isPointer) => new((long)(seconds * PerSecond), isPointer);

    /// <summary>Rounded towards zero to a multiple.</summary>
    public GoDuration Truncate(long multiple) =>
        new(multiple <= 0 ? Nanoseconds : Nanoseconds - (Nanoseconds % multiple), false);

    /// <summary>Rounded to the next multiple, half away from zero.</summary>
    public GoDuration Round(long multiple)
    {
        if (multiple <= 0)
        {
            return this with { IsPointer = false };
        }
        var rest = Nanoseconds % multiple;
        var near = Nanoseconds - rest;
        var isFar = (Int128)Math.Abs(rest) * 2 >= multiple;
        return new GoDuration(isFar ? near + (Math.Sign(rest) * multiple) : near, false);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var size = (UInt128)Int128.Abs(Nanoseconds);
        var sign = Nanoseconds < 0 ? "-" : "";
        if (size == 0)
        {
            return "0s";
        }
        if (size < PerSecond)
        {
            var (unit, name) =
                size < PerMicrosecond ? (1L, "ns")
                : size < PerMillisecond ? (PerMicrosecond, "µs")
                : (PerMillisecond, "ms");
            return sign + Decimal((ulong)size, (ulong)unit) + name;
        }
        var text = new StringBuilder(sign);
        var hours = (ulong)(size / PerHour);
        var minutes = (ulong)(size % PerHour / PerMinute);
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }
        if (hours > 0 || minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }
        return text.Append(Decimal((ulong)(size % PerMinute), PerSecond)).Append('s').ToString();
    }

    private static string Decimal(ulong value, ulong unit)
    {
        var (whole, rest) = Math.DivRem(value, unit);
        var digits = unit.ToString(CultureInfo.InvariantCulture).Length - 1;
        var fraction = digits == 0 ? "" : rest.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0').TrimEnd('0');
        var shown = whole.ToString(CultureInfo.InvariantCulture);
        return fraction.Length > 0 ? $"{shown}.{fraction}" : shown;
    }
}
