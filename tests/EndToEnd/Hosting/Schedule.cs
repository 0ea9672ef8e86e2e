using System.Globalization;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// When a timer fires, in UTC: an NCRONTAB expression of six fields (five: at second 0), or, as on an App Service plan, a
/// time between calls.
/// </summary>
internal sealed class Schedule
{
    private const int SearchSeconds = 366 * 24 * 3600;
    private static readonly (int Min, int Max)[] Ranges = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    private readonly bool[][] fields;
    private readonly TimeSpan? interval;

    private Schedule(bool[][] fields, TimeSpan? interval)
    {
        this.fields = fields;
        this.interval = interval;
    }

    /// <summary>Whether it fires no more often than once a minute.</summary>
    public bool IsMinuteOrSlower =>
        interval is { } pause ? pause >= TimeSpan.FromMinutes(1) : fields[0].Count(isSet => isSet) == 1;

    /// <exception cref="HostException">Not a schedule.</exception>
    public static Schedule Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero
                ? new Schedule([], interval)
                : throw Bad(text);
        }
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 5)
        {
            parts = ["0", .. parts];
        }
        return parts.Length == 6
            ? new Schedule([.. parts.Select((part, i) => Field(part, Ranges[i], text))], null)
            : throw Bad(text);
    }

    /// <summary>The first time after a moment.</summary>
    public DateTime NextAfter(DateTime utc)
    {
        if (interval is { } pause)
        {
            return utc + pause;
        }
        var at = new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        for (var i = 0; i < SearchSeconds; i++)
        {
            at = at.AddSeconds(1);
            int[] values = [at.Second, at.Minute, at.Hour, at.Day, at.Month, (int)at.DayOfWeek];
            if (values.Index().All(value => fields[value.Index][value.Item]))
            {
                return at;
            }
        }
        throw new HostException("the schedule has no time in the next year");
    }

    private static bool[] Field(string part, (int Min, int Max) range, string text)
    {
        var set = new bool[range.Max + 1];
        foreach (var item in part.Split(','))
        {
            var (span, step) = item.Split('/') switch
            {
                [var alone] => (alone, 1),
                [var before, var by] => (before, Number(by, text)),
                _ => throw Bad(text),
            };
            var (from, to) = span.Split('-') switch
            {
                ["*"] => range,
                [var one] => (
                    Number(one, text),
                    item.Contains('/', StringComparison.Ordinal) ? range.Max : Number(one, text)
                ),
                [var first, var last] => (Number(first, text), Number(last, text)),
                _ => throw Bad(text),
            };
            if (from < range.Min || to > range.Max || step < 1)
            {
                throw Bad(text);
            }
            for (var i = from; i <= to; i += step)
            {
                set[i] = true;
            }
        }
        return set;
    }

    private static int Number(string text, string of) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(of);

    private static HostException Bad(string text) =>
        new($"the schedule expression '{text}' was not recognized as a valid cron expression or timespan string");
}
