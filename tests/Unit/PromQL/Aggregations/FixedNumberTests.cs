using Tributary.PromQL.Aggregations;

namespace Tributary.Tests.Unit.PromQL.Aggregations;

public sealed class FixedNumberTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1e21, "1000000000000000000000")]
    [InlineData(-1.25e25, "-12500000000000000000000000")]
    [InlineData(1.5e-7, "0.00000015")]
    [InlineData(-5e-324, "-0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000005")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Of_NeverHasAnExponent(double value, string expected) => Assert.Equal(expected, FixedNumber.Of(value));
}
