using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>An <c>anchored</c> or <c>smoothed</c> range as such: its samples, and a value at either end.</summary>
internal static class ExtendedRange
{
    /// <summary>The samples of the range, and values at its ends.</summary>
    /// <param name="samples">Those of the range and around it.</param>
    /// <param name="extension">Which of the two.</param>
    /// <param name="window">The first and the last millisecond of the range.</param>
    /// <param name="lookbackMs">How far around the range samples count.</param>
    /// <exception cref="QueryException">There are histograms.</exception>
    public static SeriesSamples Of(
        in SeriesSamples samples,
        RangeExtension extension,
        TimeRange window,
        long lookbackMs
    )
    {
        var isSmoothed = extension == RangeExtension.Smoothed;
        var (startMs, endMs) = (window.MinMs - 1, window.MaxMs);
        int from = 0,
            to = samples.Count;
        while (from < to && samples.Times[from] <= startMs - lookbackMs)
        {
            from++;
        }
        while (to > from && samples.Times[to - 1] > endMs + (isSmoothed ? lookbackMs : 0))
        {
            to--;
        }
        var around = samples.Slice(from, to);
        if (!around.IsFloats)
        {
            var word = isSmoothed ? "smoothed" : "anchored";
            throw QueryException.Execution($"{word} modifier is not supported with histograms");
        }
        return around.Count == 0 ? around : Extended(around, startMs, endMs, isSmoothed);
    }

    private static SeriesSamples Extended(SeriesSamples around, long startMs, long endMs, bool isSmoothed)
    {
        var times = around.Times;
        var last = times.Length - 1;
        var first = Math.Max(0, CountUntil(times[..last], startMs) - 1);
        last = isSmoothed ? CountUntil(times[..last], endMs - 1) : last;
        if (times[last] <= startMs)
        {
            return default;
        }
        var left = isSmoothed && times[first] < startMs ? Between(around, first, startMs) : around.Values[first];
        var right = isSmoothed && last > 0 && times[last] > endMs ? Between(around, last - 1, endMs) : around.Values[last];
        first += times[first] <= startMs ? 1 : 0;
        last -= times[last] >= endMs ? 1 : 0;
        var inner = Math.Max(0, last - first + 1);
        var (resultTimes, values) = (new long[inner + 2], new double[inner + 2]);
        times.Slice(first, inner).CopyTo(resultTimes.AsSpan(1));
        around.Values.Slice(first, inner).CopyTo(values.AsSpan(1));
        (resultTimes[0], values[0]) = (startMs, left);
        (resultTimes[^1], values[^1]) = (endMs, right);
        return new SeriesSamples(resultTimes, values);
    }

    /// <summary>How many times are not later.</summary>
    private static int CountUntil(ReadOnlySpan<long> times, long atMs)
    {
        var count = 0;
        while (count < times.Length && times[count] <= atMs)
        {
            count++;
        }
        return count;
    }

    private static double Between(SeriesSamples samples, int index, long atMs)
    {
        var (from, to) = (samples.Times[index], samples.Times[index + 1]);
        var (before, after) = (samples.Values[index], samples.Values[index + 1]);
        return before + ((after - before) * (atMs - from) / (to - from));
    }
}
