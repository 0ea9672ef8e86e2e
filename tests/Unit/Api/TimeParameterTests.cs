using Tributary.Api;

namespace Tributary.Tests.Unit.Api;

public sealed class TimeParameterTests
{
    [Theory]
    [InlineData("1700000000", 1_700_000_000_000)]
    [InlineData("1700000000.1234", 1_700_000_000_123)]
    [InlineData("-1.5", -1500)]
    [InlineData("1.0625", 1_063)]
    [InlineData("-0.0005", -1)]
    [InlineData("92233720368547", 92_233_720_368_547_000)]
    [InlineData("1e300", long.MaxValue / 2)]
    [InlineData("1.7e9", 1_700_000_000_000)]
    [InlineData("2023-11-14T22:13:20Z", 1_700_000_000_000)]
    [InlineData("2023-11-14T22:13:20.5Z", 1_700_000_000_500)]
    [InlineData("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123)]
    [InlineData("2023-11-14T23:43:20.5+01:30", 1_700_000_000_500)]
    [InlineData("2023-11-14T21:13:20-01:00", 1_700_000_000_000)]
    [InlineData("-292273086-05-16T16:47:06Z", long.MinValue / 2)]
    [InlineData("292277025-08-18T07:12:54.999999999Z", long.MaxValue / 2)]
    [InlineData("", 42)]
    public void Parse_ATime_IsMilliseconds(string text, long expected) =>
        Assert.Equal(expected, TimeParameter.Parse("start", text, 42));

    [Theory]
    [InlineData("x")]
    [InlineData("NaN")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("2023-11-14")]
    [InlineData("2023-11-14T22:13:20")]
    [InlineData("2023-11-14T22:13:20.Z")]
    [InlineData("2023-11-14T22:13:20.1x3Z")]
    [InlineData("2023-13-14T22:13:20Z")]
    [InlineData("2023-11-14T22:13:20+0100")]
    public void Parse_NoTime_SaysSo(string text) =>
        Assert.Equal(
            $"invalid parameter \"start\": invalid time value for 'start': cannot parse \"{text}\" to a valid timestamp",
            Assert.Throws<BadRequestException>(() => TimeParameter.Parse("start", text, 0)).Message
        );
}
