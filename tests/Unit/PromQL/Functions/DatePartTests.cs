using Tributary.PromQL.Functions;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.PromQL.Functions;

public sealed class DatePartTests
{
    [Fact]
    public void Dates_WithinTheCalendarOfNet_AreItsDates()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var seconds = random.NextInt64(-62_135_596_800, 253_402_300_800);
            var date = DateTimeOffset.FromUnixTimeSeconds(seconds);
            Assert.Equal(date.Year, Of("year", seconds));
            Assert.Equal(date.Month, Of("month", seconds));
            Assert.Equal(date.Day, Of("day_of_month", seconds));
            Assert.Equal(date.DayOfYear, Of("day_of_year", seconds));
            Assert.Equal((int)date.DayOfWeek, Of("day_of_week", seconds));
            Assert.Equal(DateTime.DaysInMonth(date.Year, date.Month), Of("days_in_month", seconds));
            Assert.Equal(date.Hour, Of("hour", seconds));
            Assert.Equal(date.Minute, Of("minute", seconds));
        }
    }

    [Theory]
    [InlineData("year", 1e12, 33_658)]
    [InlineData("year", -1e12, -29_719)]
    [InlineData("minute", 119.9, 1)]
    [InlineData("hour", -1, 23)]
    [InlineData("year", double.NaN, 292_277_026_596)]
    [InlineData("month", double.NaN, 12)]
    [InlineData("day_of_month", double.PositiveInfinity, 4)]
    [InlineData("day_of_year", double.NaN, 339)]
    [InlineData("hour", double.NegativeInfinity, 15)]
    [InlineData("minute", -1e300, 30)]
    public void Dates_BeyondIt_GoOn(string name, double seconds, double expected) =>
        Assert.Equal(expected, Of(name, seconds));

    [Theory]
    [InlineData("year", double.NaN)]
    [InlineData("day_of_week", double.PositiveInfinity)]
    [InlineData("days_in_month", double.NegativeInfinity)]
    public void Dates_OfWhatIsNoTime_AreOneAndTheSame(string name, double seconds) =>
        Assert.Equal(Of(name, -1e300), Of(name, seconds));

    private static double Of(string name, double seconds)
    {
        var column = StepColumn.Of(seconds);
        InstantFunction.Find(name)!.Evaluate(new InstantInput { Column = column }, column);
        return column.Values[0];
    }
}
