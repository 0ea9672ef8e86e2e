using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0", 0L, "0s")]
    [InlineData("0s", 0L, "0s")]
    [InlineData("15s", 15_000L, "15s")]
    [InlineData("1h30m", 5_400_000L, "1h30m")]
    [InlineData("90m", 5_400_000L, "1h30m")]
    [InlineData("1500ms", 1_500L, "1s500ms")]
    [InlineData("1w", 604_800_000L, "1w")]
    [InlineData("10d", 864_000_000L, "10d")]
    [InlineData("1y2w3d4h5m6s7ms", 33_019_506_007L, "382d4h5m6s7ms")]
    [InlineData("0000000000000000000000001s", 1_000L, "1s")]
    public void TryParse_ValidText_RoundTripsThroughItsShortestForm(string text, long ms, string shortest)
    {
        Assert.True(DurationText.TryParse(text, out var duration, out var problem));
        Assert.Equal((ms, ""), ((long)duration.TotalMilliseconds, problem));
        Assert.Equal(shortest, DurationText.Format(duration));
    }

    [Theory]
    [InlineData("", "empty duration")]
    [InlineData("1", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("s", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("-1s", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("1.5s", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("1m1h", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("1s1s", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("1S", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData(" 1s", "not a valid duration; write for example 15s, 1m30s or 500ms")]
    [InlineData("293y", "duration out of range")]
    [InlineData("9999999999999999999y", "duration out of range")]
    [InlineData("99999999999999999999999999999y9999999999999999999999999w", "duration out of range")]
    public void TryParse_BrokenText_SaysWhy(string text, string expected)
    {
        Assert.False(DurationText.TryParse(text, out var duration, out var problem));
        Assert.Equal((TimeSpan.Zero, expected), (duration, problem));
    }
}
