using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class HistogramTests
{
    private static readonly BucketSpan[] None = [];

    [Fact]
    public void Equals_OtherHintOrEmptyBuckets_IsTheSameValue()
    {
        var one = Histograms.Integers(1, 3, 5);
        Assert.Equal(one, one.With(CounterResetHint.CounterReset));
        Assert.Equal(one, Histograms.Integers(0, 0, 3, 5, 0));
        Assert.Equal(one.GetHashCode(), Histograms.Integers(0, 0, 3, 5, 0).GetHashCode());
        Assert.NotEqual(one, Histograms.Integers(0, 3, 5));
        Assert.NotEqual(one, Histograms.Integers(1, 3, 6));
        Assert.NotEqual(one, one.ToFloat());
        Assert.NotEqual(one, Histograms.WithSum(1.25, 1, 3, 5));
    }

    [Fact]
    public void Equals_Markers_AreEqualWhateverElseTheyHold()
    {
        var marker = Histogram.OfFloats(
            new HistogramLayout(2, 0, [new BucketSpan(0, 1)], [], []),
            1,
            0,
            StaleMarker.Value,
            [1]
        );
        Assert.True(marker.IsStale);
        Assert.Equal(Histogram.Stale, marker);
        Assert.NotEqual(Histogram.Stale, Histograms.WithSum(StaleMarker.NormalNaN, 0, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Compact_RandomHistograms_LeavesNoEmptyBucketAndTheSameValue(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 200; run++)
        {
            var histogram = Histograms.Over(Histograms.Layout(random), run % 2 == 0, random);
            var compact = histogram.Compact();
            Assert.Equal(histogram, compact);
            Assert.All(Enumerable.Range(0, compact.Layout.BucketCount), i => Assert.NotEqual(0, compact.BucketAt(i)));
            Assert.DoesNotContain(compact.Layout.PositiveSpans.ToArray().Skip(1), span => span.Offset == 0);
            Assert.Same(compact, compact.Compact());
            Assert.Null(histogram.Check());
            Assert.Equal(compact.ToFloat(), histogram.ToFloat());
        }
    }

    [Fact]
    public void Reduce_OneSchema_MergesPairsWithTheBoundOnTop()
    {
        // Buckets 1 and 2 become bucket 1, 3 and 4 become 2; bucket 0 has its upper bound at 1 in every schema.
        var histogram = Histogram.OfIntegers(
            new HistogramLayout(1, 0, [new BucketSpan(0, 5)], [new BucketSpan(-1, 2)], []),
            21,
            0,
            1,
            [1, 2, 3, 4, 5, 2, 4]
        );
        var reduced = histogram.Reduce(0);
        Assert.Equal([0, 1, 2], reduced.Layout.PositiveIndexes.ToArray());
        Assert.Equal([0], reduced.Layout.NegativeIndexes.ToArray());
        Assert.Equal([1, 5, 9, 6], reduced.Integers.ToArray());
        Assert.Equal(reduced.ToFloat(), histogram.ToFloat().Reduce(0));
        Assert.Null(reduced.Check());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reduce_StepByStep_IsTheSameAsAtOnce(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 100; run++)
        {
            var layout = new HistogramLayout(8, 0, [new BucketSpan(random.Next(-900, 900), 300)], [], []);
            var histogram = Histograms.Over(layout, false, random);
            var target = random.Next(-4, 7);
            var stepped = histogram;
            while (stepped.Layout.Schema > target)
            {
                stepped = stepped.Reduce(stepped.Layout.Schema - 1);
            }
            Assert.Equal(stepped, histogram.Reduce(target));
            Assert.Null(stepped.Check());
        }
    }

    public static TheoryData<Histogram, string> Invalid =>
        new()
        {
            { Integers(9, None, 0, 0), "schema 9" },
            { Integers(-5, None, 0, 0), "schema -5" },
            { Integers(0, [new(0, 1), new(-1, 1)], 2, 0, 1, 1), "span 2 has the negative offset -1" },
            { Integers(0, [new(0, 2)], 1, 0, 2, -1), "positive bucket 2 has the negative count -1" },
            { Integers(0, [new(0, 2)], 4, 0, 2, 1), "3 observations in buckets, but 4 in all" },
            { Integers(0, [new(0, 1)], 1, 1, 1), "2 observations in buckets, but 1 in all" },
            { Integers(0, [new(int.MaxValue, 2)], 2, 0, 1, 1), "reach beyond" },
            { Custom([1, 1], [new(0, 1)], 1), "do not rise" },
            { Custom([1, double.PositiveInfinity], [new(0, 1)], 1), "NaN or +Inf" },
            { Custom([double.NaN], [new(0, 1)], 1), "NaN or +Inf" },
            { Custom([1, 2], [new(0, 4)], 1, 0, 0, 0), "too few for a bucket of index 3" },
            { Custom([1, 2], [new(-1, 1)], 1), "span 1 has the negative offset -1" },
            { Integers(HistogramLayout.CustomSchema, None, 1, 1), "zero count" },
            { Floats(-1, 0), "the count is negative" },
            { Floats(0, -1), "the zero count is negative" },
            { Floats(0, 0, -0.5), "positive bucket 1 has the negative count -0.5" },
        };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Check_InvalidHistogram_SaysWhatIsWrong(Histogram histogram, string problem)
    {
        Assert.Contains(problem, histogram.Check(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NaNObserved_AllowsMoreObservationsThanInBuckets()
    {
        var layout = new HistogramLayout(0, 0, [new BucketSpan(0, 1)], [], []);
        Assert.Null(Histogram.OfIntegers(layout, 5, 1, double.NaN, [3]).Check());
        Assert.NotNull(Histogram.OfIntegers(layout, 3, 1, double.NaN, [3]).Check());
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 2)]
    [InlineData(0, -1, 0.5)]
    [InlineData(3, 1, 1.0905077326652577)]
    [InlineData(2, -1, 0.8408964152537144)]
    [InlineData(4, -3, 0.8781260801866495)]
    [InlineData(8, 1, 1.0027112750502025)]
    [InlineData(-1, 1, 4)]
    [InlineData(-4, 1, 65536)]
    [InlineData(-4, 64, double.MaxValue)]
    [InlineData(8, 1024 * 256, double.MaxValue)]
    [InlineData(8, (1024 * 256) + 1, double.PositiveInfinity)]
    [InlineData(0, -1074, double.Epsilon)]
    public void Exponential_Index_HasItsBound(int schema, int index, double bound)
    {
        Assert.Equal(bound, HistogramBounds.Exponential(schema, index));
    }

    private static Histogram Integers(int schema, BucketSpan[] spans, ulong count, ulong zero, params long[] buckets) =>
        Histogram.OfIntegers(new HistogramLayout(schema, 0, spans, [], []), count, zero, 1, buckets);

    private static Histogram Custom(double[] bounds, BucketSpan[] spans, params long[] buckets) =>
        Histogram.OfIntegers(
            new HistogramLayout(HistogramLayout.CustomSchema, 0, spans, [], bounds),
            (ulong)buckets.Sum(),
            0,
            1,
            buckets
        );

    private static Histogram Floats(double count, double zero, params double[] buckets) =>
        Histogram.OfFloats(
            new HistogramLayout(0, 0, [new BucketSpan(0, buckets.Length)], [], []),
            count,
            zero,
            1,
            buckets
        );
}
