using System.Globalization;
using Tributary.Configuration;

namespace Tributary.Tests.Unit.Configuration;

public sealed class CrontabScheduleTests
{
    [Theory]
    [InlineData("0 5 0 * * *", "2026-11-20T00:05:00", "2026-11-21T00:05:00")]
    [InlineData("0 5 0 * * *", "2026-11-20T00:04:59", "2026-11-20T00:05:00")]
    [InlineData("0 */5 * * * *", "2026-11-20T10:02:03", "2026-11-20T10:05:00")]
    [InlineData("*/5 * * * * *", "2026-11-20T10:02:03", "2026-11-20T10:02:05")]
    [InlineData("0 5/20 * * * *", "2026-11-20T10:26:00", "2026-11-20T10:45:00")]
    [InlineData("0 0 9-17/4 * * *", "2026-11-20T13:00:00", "2026-11-20T17:00:00")]
    [InlineData("0 30 9 * * MON-FRI", "2026-11-20T10:00:00", "2026-11-23T09:30:00")]
    [InlineData("0 30 9 * Jan MON", "2026-11-20T10:00:00", "2027-01-04T09:30:00")]
    [InlineData("0 0 0 13 * fri", "2026-11-20T10:00:00", "2027-08-13T00:00:00")]
    [InlineData("0 0 0 29 2 *", "2026-11-20T10:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 0 29 feb 0", "2026-11-20T10:00:00", "2032-02-29T00:00:00")]
    [InlineData("0,30 59 23 31 12 *", "2026-12-31T23:59:00", "2026-12-31T23:59:30")]
    [InlineData("5 0 * * *", "2026-11-20T10:00:00", "2026-11-21T00:05:00")]
    public void Next_IsAsAzureFunctionsHasIt(string text, string after, string next)
    {
        var schedule = CrontabSchedule.Parse(text);
        Assert.Equal(Time(next), schedule.NextAfter(Time(after)));
        Assert.Equal(Time(next), schedule.LastUntil(Time(next)));
        Assert.Equal(Time(next), schedule.LastUntil(schedule.NextAfter(Time(next))!.Value.AddTicks(-1)));
    }

    [Fact]
    public void Times_OfRandomSchedules_AreThoseThatMatch()
    {
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var (second, minute, hour) = (random.Next(60), random.Next(1, 30), random.Next(1, 12));
            var schedule = CrontabSchedule.Parse($"{second} */{minute} {hour}-{hour + 8} * * {random.Next(6)},6");
            var start = Time("2026-01-01T00:00:00").AddSeconds(random.Next(100_000_000));
            var next = schedule.NextAfter(start)!.Value;
            Assert.True(next > start);
            Assert.Equal(second, next.Second);
            Assert.Equal(0, next.Minute % minute);
            Assert.InRange(next.Hour, hour, hour + 8);
            Assert.Equal(next, schedule.LastUntil(next));
            var before = schedule.LastUntil(next.AddSeconds(-1))!.Value;
            Assert.True(before <= start);
            Assert.Equal(next, schedule.NextAfter(before));
        }
    }

    [Theory]
    [InlineData("* * *", "has 3 fields; write six")]
    [InlineData("0 60 * * * *", "the minute field has '60'; it takes 0 to 59")]
    [InlineData("0 0 0 0 * *", "the day field has '0'; it takes 1 to 31")]
    [InlineData("0 0 0 * * 7", "the day of the week field has '7'; it takes 0 to 6, or a name such as Sun")]
    [InlineData("0 0 0 * foo *", "the month field has 'foo'; it takes 1 to 12, or a name such as Jan")]
    [InlineData("0 0 22-6 * * *", "whose end is before its beginning: '22-6'")]
    [InlineData("0 */0 * * * *", "a step of 1 or more")]
    [InlineData("0 0 0 31 2 *", "never comes")]
    [InlineData("0 0 0 ? * *", "the day field has '?'")]
    [InlineData("0 0, 0 * * *", "the minute field has ''")]
    public void Mistakes_AreNamed(string text, string problem) =>
        Assert.Contains(
            problem,
            Assert.Throws<FormatException>(() => CrontabSchedule.Parse(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Interval_BeginsAtTheEpoch()
    {
        var schedule = new ExportSchedule("6h", TimeSpan.FromHours(6));
        const long Ms = 6 * 3_600_000;
        Assert.Equal((Ms, Ms, 0), (schedule.NextAfter(0), schedule.NextAfter(Ms - 1), schedule.LastUntil(Ms - 1)));
        Assert.Equal((2 * Ms, Ms), (schedule.NextAfter(Ms), schedule.LastUntil(Ms)));
        Assert.Equal((0, -Ms), (schedule.NextAfter(-1), schedule.LastUntil(-1)));
    }

    private static DateTime Time(string text) =>
        DateTime.SpecifyKind(DateTime.Parse(text, CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
