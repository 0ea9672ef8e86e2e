using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

/// <summary>Histograms for tests, the same for the same seed.</summary>
internal static class Histograms
{
    /// <summary>A histogram of integers with one span on each side, its count computed.</summary>
    public static Histogram Integers(int offset, params long[] buckets) => WithSum(1.5, offset, buckets);

    /// <summary>The same with another sum.</summary>
    public static Histogram WithSum(double sum, int offset, params long[] buckets) =>
        Histogram.OfIntegers(
            new HistogramLayout(3, 0.001, [new BucketSpan(offset, buckets.Length)], [], []),
            2 + (ulong)buckets.Sum(),
            2,
            sum,
            buckets
        );

    public static HistogramLayout Layout(Random random)
    {
        if (random.Next(4) == 0)
        {
            var bounds = Enumerable
                .Range(1, random.Next(1, 12))
                .Select(i => i * random.Next(1, 3) + (i * 7.25))
                .Order();
            double[] custom = [.. bounds.Distinct()];
            return new HistogramLayout(
                HistogramLayout.CustomSchema,
                0,
                [new BucketSpan(0, random.Next(0, custom.Length + 2))],
                [],
                custom
            );
        }
        double[] thresholds = [0, Math.ScaleB(1, -128), Math.ScaleB(1, -243), Math.ScaleB(1, 10), 1e-9, 3, 2048];
        return new HistogramLayout(
            random.Next(-4, 9),
            thresholds[random.Next(thresholds.Length)],
            Spans(random),
            random.Next(2) == 0 ? [] : Spans(random),
            []
        );
    }

    /// <summary>A valid histogram over a layout.</summary>
    public static Histogram Over(HistogramLayout layout, bool isFloat, Random random)
    {
        var buckets = new long[layout.BucketCount];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = random.Next(4) switch
            {
                0 => 0,
                1 => random.NextInt64(1L << random.Next(1, 50)),
                _ => random.Next(20),
            };
        }
        var zero = layout.IsCustom ? 0 : random.NextInt64(1L << random.Next(1, 40));
        var sum = random.Next(10) == 0 ? double.NegativeInfinity : (random.NextDouble() - 0.5) * 1e6;
        var count = zero + buckets.Sum();
        return isFloat
            ? Histogram.OfFloats(layout, count + 0.5, zero, sum, [.. buckets.Select(bucket => bucket * 1.25)])
            : Histogram.OfIntegers(layout, (ulong)count, (ulong)zero, sum, buckets);
    }

    /// <summary>The same with all counts a little higher, and perhaps with a further bucket.</summary>
    public static Histogram Grown(Histogram before, Random random)
    {
        var layout = before.Layout;
        if (!layout.IsCustom && random.Next(5) == 0)
        {
            var positive = layout.PositiveIndexes.ToArray().Append(random.Next(-60, 60)).Distinct().Order().ToArray();
            layout = HistogramLayout.OfIndexes(
                layout.Schema,
                layout.ZeroThreshold,
                positive,
                layout.NegativeIndexes,
                []
            );
        }
        var wider = before.Over(layout);
        var added = Enumerable.Range(0, layout.BucketCount).Select(_ => (long)random.Next(3)).ToArray();
        var sum = before.Sum + random.NextDouble();
        if (before.IsFloat)
        {
            double[] floats = [.. added.Select((more, i) => wider.BucketAt(i) + (more * 0.75))];
            return Histogram.OfFloats(layout, before.Count + 3, before.ZeroCount, sum, floats);
        }
        long[] integers = [.. added.Select((more, i) => wider.Integers[i] + more)];
        return Histogram.OfIntegers(
            layout,
            (ulong)before.Count + (ulong)added.Sum(),
            (ulong)before.ZeroCount,
            sum,
            integers
        );
    }

    private static BucketSpan[] Spans(Random random)
    {
        var spans = new BucketSpan[random.Next(0, 5)];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = new BucketSpan(i == 0 ? random.Next(-40, 40) : random.Next(0, 9), random.Next(0, 6));
        }
        return spans;
    }
}
