using Tributary.Model;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.PromQL.Functions;

/// <summary>Series of floats and histograms with resets, gaps, NaN and infinities, and windows over them.</summary>
internal sealed class RandomSeries
{
    private readonly long[] times;
    private readonly double[] values;
    private readonly Histogram?[] histograms;
    private readonly long[] starts;

    private RandomSeries(long[] times, double[] values, Histogram?[] histograms, long[] starts)
    {
        (this.times, this.values, this.histograms, this.starts) = (times, values, histograms, starts);
    }

    public static RandomSeries Make(Random random)
    {
        var count = random.Next(0, 120);
        var (times, values) = (new long[count], new double[count]);
        var histograms = random.Next(3) == 0 ? new Histogram?[count] : [];
        var starts = random.Next(3) == 0 ? new long[count] : [];
        var histogramShare = random.NextDouble();
        var oddShare = random.Next(2) * 0.05;
        var isRound = random.Next(2) == 0;
        var (time, value) = (1_000_000L, 0.0);
        Histogram? last = null;
        for (var i = 0; i < count; i++)
        {
            time += random.Next(10) == 0 ? random.Next(1, 400_000) : 15_000 + random.Next(-50, 50);
            var change = isRound ? random.Next(4) : random.NextDouble() * 1e3;
            value = random.Next(12) == 0 ? change : value + change;
            var odd = random.Next(4) switch
            {
                0 => double.NaN,
                1 => double.PositiveInfinity,
                2 => double.NegativeInfinity,
                _ => -value,
            };
            (times[i], values[i]) = (time, random.NextDouble() < oddShare ? odd : value);
            if (histograms.Length > 0 && random.NextDouble() < histogramShare)
            {
                histograms[i] = last = Next(random, last);
            }
            if (starts.Length > 0)
            {
                starts[i] = random.Next(4) switch
                {
                    0 => 0,
                    1 => time - random.Next(-10, 60_000),
                    _ => i > 0 ? starts[i - 1] : time - 100,
                };
            }
        }
        return new RandomSeries(times, values, histograms, starts);
    }

    public static RandomWindows Windows(Random random, RandomSeries series)
    {
        var first = series.times.Length == 0 ? 1_000_000 : series.times[0];
        var count = random.Next(1, 40);
        var step = random.Next(6) == 0 ? 0 : random.Next(1_000, 90_000);
        var range = random.Next(3) == 0 ? random.Next(1, 40_000) : random.Next(30_000, 1_200_000);
        var ends = new StepGrid(first + random.Next(-100_000, 400_000), step, count);
        var (parameter, parameter2) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            (parameter[i], parameter2[i]) = (0.01 + (random.NextDouble() * 0.98), 0.3);
        }
        return new RandomWindows(ends, range, parameter, parameter2);
    }

    public SeriesSamples Samples => new(times, values, histograms, starts);

    private static Histogram Next(Random random, Histogram? last)
    {
        if (random.Next(15) == 0)
        {
            var custom = new HistogramLayout(HistogramLayout.CustomSchema, 0, [new BucketSpan(0, 2)], [], [1, 5]);
            return Histogram.OfFloats(custom, 3, 0, 7, [1, 2]);
        }
        var isReset = last is null || last.Layout.IsCustom || random.Next(10) == 0;
        var schema = random.Next(20) == 0 ? 1 : 0;
        var layout = new HistogramLayout(
            schema,
            random.Next(30) == 0 ? 0.5 : 0.001,
            [new BucketSpan(random.Next(2), 3)],
            [new BucketSpan(0, 1)],
            []
        );
        double[] counts = [random.Next(5), random.Next(5), random.Next(5), random.Next(5)];
        if (!isReset && last!.Layout.BucketCount == counts.Length)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += last.BucketAt(i);
            }
        }
        var hint = (CounterResetHint)(random.Next(5) == 0 ? random.Next(4) : 0);
        return Histogram.OfFloats(layout, counts.Sum() + 1, 1, random.Next(100), counts, hint);
    }
}

/// <summary>Windows over a series.</summary>
internal sealed class RandomWindows(StepGrid ends, long rangeMs, double[] parameter, double[] parameter2)
{
    public StepGrid Ends { get; } = ends;

    /// <summary>All windows as one call.</summary>
    public RangeInput Input(RandomSeries series, LabelSet labels, FunctionContext context) =>
        Input(series.Samples, labels, context, Ends, parameter, parameter2);

    /// <summary>One window alone, with its samples alone.</summary>
    public RangeInput Input(RandomSeries series, LabelSet labels, FunctionContext context, int step)
    {
        var samples = series.Samples;
        var end = Ends.At(step);
        var extra = context.Extension == WindowExtension.None ? 0 : context.LookbackMs;
        var behind = context.Extension == WindowExtension.Smoothed ? context.LookbackMs : 0;
        var (low, high) = (0, 0);
        while (high < samples.Count && samples.Times[high] <= end + behind)
        {
            high++;
        }
        while (low < high && samples.Times[low] <= end - rangeMs - extra)
        {
            low++;
        }
        return Input(
            samples.Slice(low, high),
            labels,
            context,
            StepGrid.Instant(end),
            [parameter[step]],
            [parameter2[step]]
        );
    }

    private RangeInput Input(
        SeriesSamples samples,
        LabelSet labels,
        FunctionContext context,
        StepGrid grid,
        double[] first,
        double[] second
    ) =>
        new()
        {
            Samples = samples,
            Labels = labels,
            Steps = grid,
            Ends = grid,
            RangeMs = rangeMs,
            Parameter = first,
            Parameter2 = second,
            Context = context,
        };
}
