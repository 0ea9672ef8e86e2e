using System.Globalization;

namespace Tributary.Configuration;

/// <summary>Times of a day and of the calendar, in UTC, as Azure Functions has them: NCRONTAB, <c>{second} {minute} {hour} {day} {month} {day-of-week}</c>.</summary>
/// <remarks>
/// <para>A field is <c>*</c>, a number, a range <c>a-b</c>, each with a step <c>/n</c> if wanted, or a list of these with
/// commas; months and days of the week have English names, too, of which the first letters are enough. Sunday is 0. Day and
/// day of the week have to match both. Five fields leave out the seconds, which are 0 then, as the host takes it.</para>
/// <para>https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions; what it reads as
/// something else than is written, such as the range <c>22-6</c>, is refused here.</para>
/// </remarks>
public sealed class CrontabSchedule
{
    private const int FieldsWithSeconds = 6;
    private const int FieldsWithoutSeconds = 5;
    private const int SecondsPerMinute = 60;
    private const int MinutesPerHour = 60;
    private const int LastHour = 23;

    /// <summary>29 February on a certain day of the week comes back after 28 years, or 40 where a century is no leap year.</summary>
    private const int MaxDays = 41 * 366;

    private static readonly string[] Months =
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];

    private static readonly string[] Days =
    [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];

    private readonly ulong seconds;
    private readonly ulong minutes;
    private readonly ulong hours;
    private readonly ulong days;
    private readonly ulong months;
    private readonly ulong weekdays;

    private CrontabSchedule(ReadOnlySpan<ulong> fields) =>
        (seconds, minutes, hours, days, months, weekdays) = (
            fields[0],
            fields[1],
            fields[2],
            fields[3],
            fields[4],
            fields[5]
        );

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">The fields with blanks between.</param>
    /// <exception cref="FormatException">It is none, or never comes; the message says why.</exception>
    public static CrontabSchedule Parse(string text)
    {
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == FieldsWithoutSeconds)
        {
            parts = ["0", .. parts];
        }
        if (parts.Length != FieldsWithSeconds)
        {
            throw new FormatException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"has {parts.Length} fields; write six: second minute hour day month day-of-week, such as '0 5 0 * * *'"
                )
            );
        }
        var schedule = new CrontabSchedule([
            Field("second", parts[0], 0, 59, []),
            Field("minute", parts[1], 0, 59, []),
            Field("hour", parts[2], 0, 23, []),
            Field("day", parts[3], 1, 31, []),
            Field("month", parts[4], 1, 12, Months),
            Field("day of the week", parts[5], 0, 6, Days),
        ]);
        return schedule.NextAfter(DateTime.UnixEpoch) is not null
            ? schedule
            : throw new FormatException("never comes: no such month has such a day");
    }

    /// <summary>The first time behind another one; null at the end of the calendar.</summary>
    public DateTime? NextAfter(DateTime time)
    {
        var day = time.Date;
        var from = (int)(time - day).TotalSeconds + 1;
        for (var i = 0; i < MaxDays; i++)
        {
            if (Matches(day) && FirstFrom(from) is { } second)
            {
                return day.AddSeconds(second);
            }
            from = 0;
            if (day >= DateTime.MaxValue.Date)
            {
                return null;
            }
            day = day.AddDays(1);
        }
        return null;
    }

    /// <summary>The last time that is not behind another one; null at the beginning of the calendar.</summary>
    public DateTime? LastUntil(DateTime time)
    {
        var day = time.Date;
        var until = (int)(time - day).TotalSeconds;
        for (var i = 0; i < MaxDays; i++)
        {
            if (Matches(day) && LastUntil(until) is { } second)
            {
                return day.AddSeconds(second);
            }
            until = int.MaxValue;
            if (day <= DateTime.MinValue.Date)
            {
                return null;
            }
            day = day.AddDays(-1);
        }
        return null;
    }

    private bool Matches(DateTime day) =>
        Has(days, day.Day) && Has(months, day.Month) && Has(weekdays, (int)day.DayOfWeek);

    private int? FirstFrom(int from)
    {
        for (var hour = from / (MinutesPerHour * SecondsPerMinute); hour <= LastHour; hour++)
        {
            if (!Has(hours, hour))
            {
                continue;
            }
            for (var minute = 0; minute < MinutesPerHour; minute++)
            {
                var start = ((hour * MinutesPerHour) + minute) * SecondsPerMinute;
                if (!Has(minutes, minute) || start + SecondsPerMinute <= from)
                {
                    continue;
                }
                for (var second = Math.Max(0, from - start); second < SecondsPerMinute; second++)
                {
                    if (Has(seconds, second))
                    {
                        return start + second;
                    }
                }
            }
        }
        return null;
    }

    private int? LastUntil(int until)
    {
        for (var hour = Math.Min(LastHour, until / (MinutesPerHour * SecondsPerMinute)); hour >= 0; hour--)
        {
            if (!Has(hours, hour))
            {
                continue;
            }
            for (var minute = MinutesPerHour - 1; minute >= 0; minute--)
            {
                var start = ((hour * MinutesPerHour) + minute) * SecondsPerMinute;
                if (!Has(minutes, minute) || start > until)
                {
                    continue;
                }
                for (var second = Math.Min(SecondsPerMinute - 1, until - start); second >= 0; second--)
                {
                    if (Has(seconds, second))
                    {
                        return start + second;
                    }
                }
            }
        }
        return null;
    }

    private static bool Has(ulong field, int value) => (field & (1UL << value)) != 0;

    private static ulong Field(string name, string text, int least, int most, string[] names)
    {
        var all = 0UL;
        foreach (var item in text.Split(','))
        {
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var range = slash < 0 ? item : item[..slash];
            var step = slash < 0 ? 1 : Number(name, item[(slash + 1)..], 1, int.MaxValue, []);
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var (from, to) =
                range == "*" ? (least, most)
                : dash > 0
                    ? (
                        Number(name, range[..dash], least, most, names),
                        Number(name, range[(dash + 1)..], least, most, names)
                    )
                : (Number(name, range, least, most, names), slash < 0 ? -1 : most);
            to = to < 0 ? from : to;
            if (from > to)
            {
                throw new FormatException(
                    $"the {name} field has a range whose end is before its beginning: '{range}'; write two ranges with a comma"
                );
            }
            for (long value = from; value <= to; value += step)
            {
                all |= 1UL << (int)value;
            }
        }
        return all;
    }

    private static int Number(string name, string text, int least, int most, string[] names)
    {
        if (text.Length > 0 && char.IsAsciiLetter(text[0]))
        {
            var at = Array.FindIndex(names, one => one.StartsWith(text, StringComparison.OrdinalIgnoreCase));
            if (at >= 0)
            {
                return at + least;
            }
        }
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
        )
        {
            return number;
        }
        var wanted =
            most == int.MaxValue ? "a step of 1 or more"
            : names.Length > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{least} to {most}, or a name such as {names[0][..3]}")
            : string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
        throw new FormatException($"the {name} field has '{text}'; it takes {wanted}");
    }
}
