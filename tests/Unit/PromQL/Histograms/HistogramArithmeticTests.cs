using Tributary.Model;
using Tributary.PromQL.Histograms;

namespace Tributary.Tests.Unit.PromQL.Histograms;

public sealed class HistogramArithmeticTests
{
    [Fact]
    public void Sum_LessOneOfItsParts_IsTheOther()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (one, other) = (Random(random, 0.25), Random(random, 0.25));
            var sum = HistogramArithmetic.Add(one, other, out _)!;
            var rest = HistogramArithmetic.Subtract(sum, other, out _)!;
            var expected = one.Layout.Schema > sum.Layout.Schema ? one.Reduce(sum.Layout.Schema) : one;
            Assert.True(expected.Compact().With(CounterResetHint.Gauge).Equals(rest), $"seed {seed}");
        }
    }

    [Fact]
    public void Sum_DoesNotDependOnTheOrder()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var parts = Enumerable.Range(0, 6).Select(_ => Random(random, Math.Pow(2, -random.Next(6)))).ToArray();
            var sum = SumOf(parts);
            random.Shuffle(parts);
            Assert.True(sum.Equals(SumOf(parts)), $"seed {seed}");
            Assert.Equal(parts.Sum(part => part.Count), sum.Count);
        }
    }

    [Fact]
    public void Mean_TimesCount_IsSum_AlsoWhereTheSumWouldOverflow()
    {
        var big = Histogram.OfFloats(Layout(0, [0, 1], 0), 1.5e308, 0, 1e308, [1e308, 0.5e308]);
        var mean = new HistogramMean();
        for (var i = 0; i < 3; i++)
        {
            mean.Add(big);
        }
        Assert.InRange(mean.Result().Count / big.Count, 1 - 1e-12, 1 + 1e-12);
        Assert.InRange(mean.Result().BucketAt(0) / 1e308, 1 - 1e-12, 1 + 1e-12);
    }

    [Fact]
    public void CustomBounds_ThatDiffer_BecomeThoseThatBothHave()
    {
        var one = Custom([1, 2, 3], [1, 2, 3, 4]);
        var other = Custom([1, 3, 9], [10, 20, 30, 40]);
        var sum = HistogramArithmetic.Add(one, other, out var outcome)!;
        Assert.Equal(HistogramOutcome.BoundsReconciled, outcome);
        Assert.Equal([1, 3], sum.Layout.CustomValues.ToArray());
        Assert.Equal([11, 25, 74], sum.Floats.ToArray());
    }

    [Fact]
    public void CustomAndExponential_DoNotAdd()
    {
        var exponential = Histogram.OfFloats(Layout(0, [1], 0), 1, 0, 1, [1]);
        Assert.Null(HistogramArithmetic.Add(Custom([1], [1, 0]), exponential, out var outcome));
        Assert.Equal(HistogramOutcome.Incompatible, outcome);
    }

    [Fact]
    public void ZeroBuckets_OfDifferentBreadth_BecomeOneThatCutsNoBucket()
    {
        // The threshold 1.5 lies inside the bucket (1, 2] of the other.
        var broad = Histogram.OfFloats(Layout(0, [], 1.5), 3, 3, 0, []);
        var narrow = Histogram.OfFloats(Layout(0, [0, 1, 2], 0.25), 10, 1, 12, [2, 3, 4]);
        var sum = HistogramArithmetic.Add(broad, narrow, out _)!;
        Assert.Equal(2, sum.Layout.ZeroThreshold);
        Assert.Equal(3 + 1 + 2 + 3, sum.ZeroCount);
        Assert.Equal([2], sum.Layout.PositiveIndexes.ToArray());
        Assert.Equal([4], sum.Floats.ToArray());
    }

    [Theory]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.NotCounterReset, CounterResetHint.Unknown, true)]
    [InlineData(
        CounterResetHint.NotCounterReset,
        CounterResetHint.NotCounterReset,
        CounterResetHint.NotCounterReset,
        false
    )]
    [InlineData(CounterResetHint.Unknown, CounterResetHint.CounterReset, CounterResetHint.Unknown, false)]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.Unknown, CounterResetHint.Unknown, false)]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.Gauge, CounterResetHint.Gauge, false)]
    [InlineData(CounterResetHint.Gauge, CounterResetHint.NotCounterReset, CounterResetHint.Gauge, false)]
    public void Hints_Meet(CounterResetHint one, CounterResetHint other, CounterResetHint expected, bool collides)
    {
        var value = Histogram.OfFloats(Layout(0, [1], 0), 1, 0, 1, [1]);
        var sum = HistogramArithmetic.Add(value.With(one), value.With(other), out var outcome)!;
        Assert.Equal(expected, sum.Hint);
        Assert.Equal(collides, outcome == HistogramOutcome.ResetCollision);
    }

    [Fact]
    public void Fraction_BelowTheQuantile_IsTheQuantile()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var value = Random(random, 0.25);
            var quantile = 0.01 + (random.NextDouble() * 0.98);
            var at = HistogramQuantile.Of(quantile, value, out _);
            var fraction = HistogramFraction.Of(double.NegativeInfinity, at, value, out _);
            Assert.True(Math.Abs(fraction - quantile) < 1e-9, $"seed {seed}: {quantile} at {at} is {fraction}");
        }
    }

    [Fact]
    public void Trimmed_BelowAndAbove_AreAllObservations()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var value = Random(random, 0.25);
            var bound = (random.NextDouble() - 0.5) * 20;
            var count = HistogramTrim.Below(value, bound).Count + HistogramTrim.Above(value, bound).Count;
            Assert.True(Math.Abs(count - value.Count) < 1e-9 * value.Count, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, new double[] { 1, 2 }, false)]
    [InlineData(new double[] { 1, 2 }, new double[] { 2, 1 }, true)]
    [InlineData(new double[] { 0, 2 }, new double[] { 1, 2 }, false)]
    [InlineData(new double[] { 1, 2 }, new double[] { 0, 4 }, true)]
    public void Reset_IsSeenInTheBuckets(double[] before, double[] after, bool isReset)
    {
        var one = Histogram.OfFloats(Layout(0, [1, 2], 0), before.Sum(), 0, 0, before);
        var other = Histogram.OfFloats(Layout(0, [1, 2], 0), after.Sum(), 0, 0, after);
        Assert.Equal(isReset, ResetDetection.IsReset(other, one));
    }

    [Fact]
    public void Text_ListsPopulatedBuckets()
    {
        var layout = HistogramLayout.OfIndexes(0, 0.5, [1, 2], [1], []);
        var value = Histogram.OfFloats(layout, 7, 1, 2.5, [2, 0, 4]);
        Assert.Equal("{count:7, sum:2.5, [-2,-1):4, [-0.5,0.5]:1, (1,2]:2}", HistogramText.Of(value));
    }

    private static Histogram SumOf(IEnumerable<Histogram> parts)
    {
        var sum = new HistogramSum();
        foreach (var part in parts)
        {
            sum.Add(part);
        }
        return sum.Result();
    }

    /// <summary>A histogram of whole counts, with the zero bucket within a power of two.</summary>
    private static Histogram Random(Random random, double threshold)
    {
        var positive = Enumerable.Range(1, 8).Where(_ => random.Next(2) == 0).ToArray();
        var negative = Enumerable.Range(1, 4).Where(_ => random.Next(3) == 0).ToArray();
        var layout = HistogramLayout.OfIndexes(random.Next(2), threshold, positive, negative, []);
        var counts = Enumerable.Range(0, layout.BucketCount).Select(_ => (double)random.Next(1, 9)).ToArray();
        var zero = random.Next(1, 5);
        return Histogram.OfFloats(layout, counts.Sum() + zero, zero, random.Next(100), counts);
    }

    private static HistogramLayout Layout(int schema, int[] positive, double threshold) =>
        HistogramLayout.OfIndexes(schema, threshold, positive, [], []);

    private static Histogram Custom(double[] bounds, double[] counts) =>
        Histogram.OfFloats(
            new HistogramLayout(HistogramLayout.CustomSchema, 0, [new BucketSpan(0, counts.Length)], [], bounds),
            counts.Sum(),
            0,
            1,
            counts
        );
}
