using System.Runtime.CompilerServices;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>rate</c>, <c>increase</c> and <c>delta</c>: the change over a window, extrapolated to its bounds.</summary>
/// <param name="isCounter">Whether resets are made up for, and counters begin at 0; not so in <c>delta</c>.</param>
/// <param name="isRate">Whether the result is per second.</param>
internal sealed class RateOverTime(bool isCounter, bool isRate) : RangeFunction
{
    private const string TypeLabel = "__type__";

    /// <inheritdoc/>
    public override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = new SampleSplit(StartTimes.Used(input));
        if (input.Context.Extension != WindowExtension.None)
        {
            new ExtendedRate(isCounter, isRate).Evaluate(samples, input, result);
        }
        else
        {
            Floats(samples, input, result.Values);
            if (!samples.Histograms.IsEmpty)
            {
                Histograms(samples, input, result);
            }
        }
        if (isCounter && HasFloat(result))
        {
            InformOfName(input);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Floats(in SampleSplit samples, in RangeInput input, double[] result)
    {
        var times = samples.Times;
        var values = samples.Values;
        var resets = isCounter ? FindResets(samples) : [];
        var (firstReset, overlaps) = (0, 0);
        var windows = new WindowSlider(times, input);
        while (windows.Next())
        {
            if (windows.Count == 0)
            {
                continue;
            }
            var (first, last) = (windows.Low, windows.High - 1);
            var change = values[last] - values[first];
            while (firstReset < resets.Length && resets[firstReset] <= first)
            {
                firstReset++;
            }
            for (var i = firstReset; i < resets.Length && resets[i] <= last; i++)
            {
                change += values[resets[i] - 1];
            }
            if (isCounter)
            {
                overlaps += HasOverlap(samples.Starts, times, first, last) ? 1 : 0;
            }
            var end = input.Ends.At(windows.Step);
            var span = new RateSpan(times[first], times[last], end - input.RangeMs, end, windows.Count);
            var started = isCounter && !samples.Starts.IsEmpty && span.StartAt(samples.Starts[first]);
            if (started)
            {
                change += values[first];
            }
            else if (windows.Count == 1)
            {
                continue;
            }
            else
            {
                span.ExtrapolateToStart(isCounter, values[first], change);
            }
            result[windows.Step] = change * Factor(span, input.RangeMs);
        }
        InformOfOverlaps(input, overlaps);
    }

    private void Histograms(in SampleSplit samples, in RangeInput input, StepColumn result)
    {
        var (annotations, position) = (input.Context.Annotations, input.Context.Position);
        var rate = new HistogramRate(samples, isCounter);
        var floats = new WindowSlider(samples.Times, input);
        var windows = new WindowSlider(samples.HistogramTimes, input);
        while (windows.Next() && floats.Next())
        {
            if (windows.Count == 0)
            {
                continue;
            }
            if (floats.Count > 0)
            {
                result.Remove(windows.Step);
                annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.Labels.MetricName), position);
                continue;
            }
            var end = input.Ends.At(windows.Step);
            var (first, last) = (windows.Low, windows.High - 1);
            var (firstTime, lastTime) = (samples.HistogramTimes[first], samples.HistogramTimes[last]);
            var span = new RateSpan(firstTime, lastTime, end - input.RangeMs, end, windows.Count);
            if (rate.Of(first, last, ref span) is { } change)
            {
                change.Multiply(Factor(span, input.RangeMs));
                result.Set(windows.Step, change.ToHistogram(isCompact: false));
            }
        }
        rate.Inform(input);
    }

    private double Factor(in RateSpan span, long rangeMs) =>
        isRate ? span.Factor() / (rangeMs / 1000.0) : span.Factor();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] FindResets(in SampleSplit samples)
    {
        var times = samples.Times;
        var values = samples.Values;
        List<int>? found = null;
        var starts = samples.Starts;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1] || (!starts.IsEmpty && StartTimes.IsReset(starts, times, i)))
            {
                (found ??= []).Add(i);
            }
        }
        return found is null ? [] : [.. found];
    }

    private static bool HasOverlap(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int first, int last)
    {
        if (starts.IsEmpty)
        {
            return false;
        }
        for (var i = first + 1; i <= last; i++)
        {
            if (StartTimes.IsOverlap(starts, times, i))
            {
                return true;
            }
        }
        return false;
    }

    private static void InformOfOverlaps(in RangeInput input, int count)
    {
        if (count > 0)
        {
            input.Context.Annotations.StartTimeOverlap(input.Labels.MetricName, input.Context.Position, count);
        }
    }

    private static bool HasFloat(StepColumn result)
    {
        foreach (var value in result.Values)
        {
            if (!Absent.Is(value))
            {
                return true;
            }
        }
        return false;
    }

    private static void InformOfName(in RangeInput input)
    {
        var name = input.Labels.MetricName;
        if (name.Length == 0)
        {
            return;
        }
        if (input.Context.UsesTypeLabels)
        {
            var type = input.Labels.Get(TypeLabel) ?? "";
            if (type is not ("counter" or "histogram"))
            {
                input.Context.Annotations.Info(
                    AnnotationTexts.PossibleNonCounterLabel(name, type),
                    input.Context.Position
                );
            }
        }
        else if (!IsCounterName(name))
        {
            input.Context.Annotations.Info(AnnotationTexts.PossibleNonCounter(name), input.Context.Position);
        }
    }

    private static bool IsCounterName(string name) =>
        name.EndsWith("_total", StringComparison.Ordinal)
        || name.EndsWith("_sum", StringComparison.Ordinal)
        || name.EndsWith("_count", StringComparison.Ordinal)
        || name.EndsWith("_bucket", StringComparison.Ordinal);
}
