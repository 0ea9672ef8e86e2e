using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// <c>rate</c>, <c>increase</c> and <c>delta</c> of <c>anchored</c> and <c>smoothed</c> ranges: from the value at the
/// window's start to that at its end, without extrapolation. Anchored takes the sample before the start as that value,
/// smoothed interpolates between the samples on both sides of a bound.
/// </summary>
/// <param name="isCounter">Whether resets are made up for.</param>
/// <param name="isRate">Whether the result is per second.</param>
internal readonly struct ExtendedRate(bool isCounter, bool isRate)
{
    /// <summary>Computes all windows.</summary>
    public void Evaluate(in SampleSplit samples, in RangeInput input, StepColumn result)
    {
        var floats = new WindowSlider(samples.Times, input);
        var histograms = new WindowSlider(samples.HistogramTimes, input);
        var ofHistograms = new ExtendedHistogramRate(isCounter, input);
        while (floats.Next() && histograms.Next())
        {
            if (floats.Count > 0 && histograms.Count > 0)
            {
                var text = AnnotationTexts.MixedFloatsHistograms(input.Labels.MetricName);
                input.Context.Annotations.Warn(text, input.Context.Position);
                continue;
            }
            if (floats.Count > 0)
            {
                var times = samples.Times[floats.Low..floats.High];
                var values = samples.Values[floats.Low..floats.High];
                result.Values[floats.Step] = Of(times, values, input, floats.Step);
            }
            else if (histograms.Count > 0)
            {
                var times = samples.HistogramTimes[histograms.Low..histograms.High];
                var values = samples.Histograms[histograms.Low..histograms.High];
                if (ofHistograms.Of(times, values, ExtendedWindow.Find(times, input, histograms.Step)) is { } change)
                {
                    if (isRate)
                    {
                        change.Divide(input.RangeMs / 1000.0);
                    }
                    result.Set(histograms.Step, change.ToHistogram(isCompact: true));
                }
            }
        }
    }

    private double Of(ReadOnlySpan<long> times, ReadOnlySpan<double> values, in RangeInput input, int step)
    {
        if (ExtendedWindow.Find(times, input, step) is not { } window)
        {
            return Absent.Value;
        }
        var (first, last) = (window.First, window.Last);
        var left = window.IsLeftBetween(times) ? Between(times, values, first, window.StartMs) : values[first];
        var right = window.IsRightBetween(times) ? Between(times, values, last - 1, window.EndMs) : values[last];
        var change = right - left;
        if (isCounter)
        {
            // Only samples inside: resets at the bounds are in the interpolated values.
            var from = times[first] <= window.StartMs ? first + 1 : first;
            var to = times[last] >= window.EndMs ? last - 1 : last;
            change += LostInResets(left, right, from <= to ? values[from..(to + 1)] : []);
        }
        return isRate ? change / (input.RangeMs / 1000.0) : change;
    }

    /// <summary>The value at a time between two samples; a counter that was reset between them began at 0.</summary>
    private double Between(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int index, long atMs)
    {
        var (before, after) = (values[index], values[index + 1]);
        if (isCounter && after < before)
        {
            before = 0;
        }
        var span = (double)(times[index + 1] - times[index]);
        return before + ((after - before) * (atMs - times[index]) / span);
    }

    private static double LostInResets(double left, double right, ReadOnlySpan<double> values)
    {
        var (lost, before) = (0.0, left);
        foreach (var value in values)
        {
            if (value < before)
            {
                lost += before;
            }
            before = value;
        }
        return right < before ? lost + before : lost;
    }
}
