using System.Globalization;
using static Tributary.Templates.TemplateParameter;

namespace Tributary.Templates;

/// <summary>The methods of moments and durations that templates can use.</summary>
/// <remarks>https://pkg.go.dev/time#Time and #Duration.</remarks>
internal static class TimeMethods
{
    private static readonly Dictionary<string, TemplateFunction> Times = new(StringComparer.Ordinal)
    {
        ["Format"] = Method([Text], all => Time(all).Format((string)all[1]!)),
        ["String"] = Method([], all => Time(all).ToString()),
        ["UTC"] = Method([], all => Time(all)),
        ["Unix"] = Method([], all => Time(all).UnixSeconds),
        ["UnixMilli"] = Method([], all => (long)(Time(all).Nanoseconds / GoDuration.PerMillisecond)),
        ["UnixMicro"] = Method([], all => (long)(Time(all).Nanoseconds / GoDuration.PerMicrosecond)),
        ["UnixNano"] = Method([], all => (long)Time(all).Nanoseconds),
        ["Year"] = Method([], all => (long)Time(all).Utc.Year),
        ["Month"] = Method([], all => MonthOf(Time(all).Utc)),
        ["Day"] = Method([], all => (long)Time(all).Utc.Day),
        ["Hour"] = Method([], all => (long)Time(all).Utc.Hour),
        ["Minute"] = Method([], all => (long)Time(all).Utc.Minute),
        ["Second"] = Method([], all => (long)Time(all).Utc.Second),
        ["Nanosecond"] = Method([], all => (long)Time(all).NanosecondsOfSecond),
        ["YearDay"] = Method([], all => (long)Time(all).Utc.DayOfYear),
        ["Weekday"] = Method([], all => WeekdayOf(Time(all).Utc)),
        ["IsZero"] = Method([], _ => false),
        ["Add"] = Method([Duration], all => new GoTime(Time(all).Nanoseconds + ((GoDuration)all[1]!).Nanoseconds)),
        ["AddDate"] = Method(
            [Integer, Integer, Integer],
            all => Time(all).AddDate((long)all[1]!, (long)all[2]!, (long)all[3]!)
        ),
        ["Sub"] = Method(
            [TemplateParameter.Time],
            all => new GoDuration(
                (long)Int128.Clamp(Time(all).Nanoseconds - ((GoTime)all[1]!).Nanoseconds, long.MinValue, long.MaxValue),
                false
            )
        ),
        ["Before"] = Method([TemplateParameter.Time], all => Time(all).Nanoseconds < ((GoTime)all[1]!).Nanoseconds),
        ["After"] = Method([TemplateParameter.Time], all => Time(all).Nanoseconds > ((GoTime)all[1]!).Nanoseconds),
        ["Equal"] = Method([TemplateParameter.Time], all => Time(all).Nanoseconds == ((GoTime)all[1]!).Nanoseconds),
    };

    private static readonly Dictionary<string, TemplateFunction> Durations = new(StringComparer.Ordinal)
    {
        ["String"] = Method([], all => Span(all).ToString()),
        ["Hours"] = Method([], all => Span(all).Hours),
        ["Minutes"] = Method([], all => Span(all).Minutes),
        ["Seconds"] = Method([], all => Span(all).Seconds),
        ["Milliseconds"] = Method([], all => Span(all).Nanoseconds / GoDuration.PerMillisecond),
        ["Microseconds"] = Method([], all => Span(all).Nanoseconds / GoDuration.PerMicrosecond),
        ["Nanoseconds"] = Method([], all => Span(all).Nanoseconds),
        ["Abs"] = Method(
            [],
            all => new GoDuration((long)Int128.Min(Int128.Abs(Span(all).Nanoseconds), long.MaxValue), false)
        ),
        ["Round"] = Method([Duration], all => Span(all).Round(((GoDuration)all[1]!).Nanoseconds)),
        ["Truncate"] = Method([Duration], all => Span(all).Truncate(((GoDuration)all[1]!).Nanoseconds)),
    };

    private static readonly TemplateFunction Name = Method([], all => ((GoNamed)all[0]!).Name);

    /// <summary>A method of a moment.</summary>
    public static TemplateFunction? OfTime(string name) => Times.GetValueOrDefault(name);

    /// <summary>A method of a duration.</summary>
    public static TemplateFunction? OfDuration(string name) => Durations.GetValueOrDefault(name);

    /// <summary>A method of a month or a day of the week.</summary>
    public static TemplateFunction? OfNamed(string name) => name == "String" ? Name : null;

    private static GoNamed MonthOf(DateTime utc) =>
        new("time.Month", utc.Month, utc.ToString("MMMM", CultureInfo.InvariantCulture));

    private static GoNamed WeekdayOf(DateTime utc) =>
        new("time.Weekday", (long)utc.DayOfWeek, utc.ToString("dddd", CultureInfo.InvariantCulture));

    private static GoTime Time(object?[] all) => (GoTime)all[0]!;

    private static GoDuration Span(object?[] all) => (GoDuration)all[0]!;

    private static TemplateFunction Method(TemplateParameter[] parameters, Func<object?[], object?> run) =>
        new(parameters, null, (all, _) => run(all));
}
