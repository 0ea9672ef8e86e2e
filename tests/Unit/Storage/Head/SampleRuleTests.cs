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

    [Fact]
    public void Choose_Histograms_InAnyOrder_IsOneAnswer()
    {
        var edges = Histograms().ToList();
        foreach (var a in edges)
        {
            foreach (var b in edges)
            {
                Assert.Equal(SampleRule.Choose(a, b), SampleRule.Choose(b, a));
            }
        }
        Assert.Equal(edges.Count, edges.Distinct().Count());
    }

    /// <summary>One, and others that differ from it in one thing each.</summary>
    private static IEnumerable<Histogram> Histograms()
    {
        HistogramLayout Layout(int schema = 0, double threshold = 1e-9, int first = 1, int length = 2) =>
            new(schema, threshold, [new BucketSpan(first, length)], [], []);
        HistogramLayout Custom(params double[] bounds) =>
            new(HistogramLayout.CustomSchema, 0, [new BucketSpan(0, 2)], [], bounds);
        Histogram Of(HistogramLayout layout, double sum = 3, ulong count = 3, ulong zero = 0, params long[] buckets) =>
            Histogram.OfIntegers(layout, count, zero, sum, buckets.Length > 0 ? buckets : [1, 2]);
        yield return Histogram.Stale;
        yield return Of(Layout());
        yield return Of(Layout(schema: 1));
        yield return Of(Layout(threshold: 1e-3));
        yield return Of(Layout(first: 2));
        yield return Of(Layout(), sum: 0);
        yield return Of(Layout(), sum: double.NegativeZero);
        yield return Of(Layout(), sum: double.NaN);
        yield return Of(Layout(), sum: StaleMarker.NormalNaN);
        yield return Of(Layout(), count: 4);
        yield return Of(Layout(), zero: 1);
        yield return Of(Layout(), buckets: [2, 1]);
        yield return Of(Custom(1, 2));
        yield return Of(Custom(1, 3));
        yield return Histogram.OfFloats(Layout(), 3, 0, 3, [1, 2]);
        yield return Histogram.OfFloats(Layout(threshold: 1e-3), 3, 0, 3, [1, 2]);
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
