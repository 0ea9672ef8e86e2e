using Tributary.Model;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Storage.Head;

public sealed class SampleRuleTests
{
    private static readonly double[] Edges =
    [
        0,
        double.NegativeZero,
        1,
        -1,
        double.Epsilon,
        double.MaxValue,
        double.MinValue,
        double.PositiveInfinity,
        double.NegativeInfinity,
        StaleMarker.Value,
        StaleMarker.NormalNaN,
        double.NaN,
        BitConverter.UInt64BitsToDouble(0x7ff8000000000123),
    ];

    [Fact]
    public void Choose_AllEdges_InAnyOrder_IsOneAnswer()
    {
        foreach (var a in Edges)
        {
            Assert.Equal(Bits(a), Bits(SampleRule.Choose(a, a)));
            foreach (var b in Edges)
            {
                var chosen = Bits(SampleRule.Choose(a, b));
                Assert.Equal(chosen, Bits(SampleRule.Choose(b, a)));
                Assert.True(chosen == Bits(a) || chosen == Bits(b));
                foreach (var c in Edges)
                {
                    Assert.Equal(
                        Bits(SampleRule.Choose(SampleRule.Choose(a, b), c)),
                        Bits(SampleRule.Choose(a, SampleRule.Choose(b, c)))
                    );
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(-1, double.NegativeInfinity, -1)]
    [InlineData(double.NaN, -5, -5)]
    [InlineData(double.NegativeZero, 0, 0)]
    public void Choose_TwoRealSamples_TheGreaterNumberCounts(double left, double right, double expected)
    {
        Assert.Equal(Bits(expected), Bits(SampleRule.Choose(left, right)));
        Assert.Equal(Bits(left), Bits(SampleRule.Choose(left, StaleMarker.Value)));
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
