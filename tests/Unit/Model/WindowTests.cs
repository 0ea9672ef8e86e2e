using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class WindowTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(7_199_999, 0)]
    [InlineData(7_200_000, 7_200_000)]
    [InlineData(-1, -7_200_000)]
    [InlineData(-7_200_000, -7_200_000)]
    [InlineData(-7_200_001, -14_400_000)]
    [InlineData(1_700_000_000_000, 1_699_999_200_000)]
    public void Of_ATimestamp_HoldsIt(long timestampMs, long startMs)
    {
        var window = Window.Of(timestampMs);
        Assert.Equal(startMs, window.StartMs);
        Assert.True(window.Contains(timestampMs));
        Assert.True(window.Contains(window.StartMs));
        Assert.False(window.Contains(window.EndMs));
        Assert.False(window.Contains(window.StartMs - 1));
    }
}
