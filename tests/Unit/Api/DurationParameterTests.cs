using Tributary.Api;

namespace Tributary.Tests.Unit.Api;

public sealed class DurationParameterTests
{
    [Theory]
    [InlineData("15", 15_000)]
    [InlineData("0.5", 500)]
    [InlineData("1e2", 100_000)]
    [InlineData("-5", -5_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("500ms", 500)]
    [InlineData("0", 0)]
    public void Parse_SecondsOrUnits_AreTaken(string text, long expectedMs)
    {
        Assert.Equal(expectedMs, DurationParameter.Parse(text).TotalMilliseconds);
    }

    [Theory]
    [InlineData("", "cannot parse \"\" to a valid duration")]
    [InlineData("x", "cannot parse \"x\" to a valid duration")]
    [InlineData("1 m", "cannot parse \"1 m\" to a valid duration")]
    [InlineData("NaN", "cannot parse \"NaN\" to a valid duration")]
    [InlineData("1e10", "cannot parse \"1e10\" to a valid duration. It overflows int64")]
    [InlineData("-Inf", "cannot parse \"-Inf\" to a valid duration. It overflows int64")]
    [InlineData(" 1", "cannot parse \" 1\" to a valid duration")]
    [InlineData("Infinity", "cannot parse \"Infinity\" to a valid duration. It overflows int64")]
    public void Parse_OfWhatIsNone_SaysSo(string text, string error)
    {
        Assert.Equal(error, Assert.Throws<BadRequestException>(() => DurationParameter.Parse(text)).Message);
    }
}
