using System.Runtime.CompilerServices;
using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>sum_over_time</c> and <c>avg_over_time</c>, of floats or of histograms; a mix is dropped with a warning.</summary>
/// <param name="isMean">The average.</param>
internal sealed class SumOverTime(bool isMean) : RangeFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = new SampleSplit(input.Samples);
        if (SlidingSum.Suits(samples.Times, samples.Values, input))
        {
            Slide(samples, input, result.Values);
        }
        else
        {
            Restart(samples, input, result.Values);
        }
        if (!samples.Histograms.IsEmpty)
        {
            AddHistograms(samples, input, result);
        }
    }

    /// <summary>The sum of values, added in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Sum(ReadOnlySpan<double> values)
    {
        var (sum, lost) = (0.0, 0.0);
        foreach (var value in values)
        {
            KahanSum.Add(value, ref sum, ref lost);
        }
        return double.IsInfinity(sum) ? sum : sum + lost;
    }

    /// <summary>
    /// The mean of values: their sum divided; once that would become infinite, a mean that is corrected with each value.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Mean(ReadOnlySpan<double> values)
    {
        var (sum, lost) = (values[0], 0.0);
        for (var i = 1; i < values.Length; i++)
        {
            var (next, nextLost) = (sum, lost);
            KahanSum.Add(values[i], ref next, ref nextLost);
            if (double.IsInfinity(next))
            {
                return CorrectedMean(values, i, sum / i, lost / i);
            }
            (sum, lost) = (next, nextLost);
        }
        return (sum / values.Length) + (lost / values.Length);
    }

    private static double CorrectedMean(ReadOnlySpan<double> values, int from, double mean, double lost)
    {
        for (var i = from; i < values.Length; i++)
        {
            double count = i + 1;
            var kept = (count - 1) / count;
            (mean, lost) = (kept * mean, kept * lost);
            KahanSum.Add(values[i] / count, ref mean, ref lost);
        }
        return mean + lost;
    }

    private void Restart(in SampleSplit samples, in RangeInput input, double[] result)
    {
        var windows = new WindowSlider(samples.Times, input);
        while (windows.Next())
        {
            if (windows.Count > 0)
            {
                var values = samples.Values[windows.Low..windows.High];
                result[windows.Step] = isMean ? Mean(values) : Sum(values);
            }
        }
    }

    private void Slide(in SampleSplit samples, in RangeInput input, double[] result)
    {
        var lost = new double[result.Length];
        SlidingSum.Compute(samples.Times, samples.Values, input, result, lost);
        var windows = new WindowSlider(samples.Times, input);
        while (windows.Next())
        {
            if (windows.Count > 0)
            {
                var step = windows.Step;
                result[step] = isMean
                    ? (result[step] / windows.Count) + (lost[step] / windows.Count)
                    : result[step] + lost[step];
            }
        }
    }

    private void AddHistograms(in SampleSplit samples, in RangeInput input, StepColumn result)
    {
        var (sum, mean) = (new HistogramSum(), new HistogramMean());
        var outcome = HistogramOutcome.None;
        var isMixed = false;
        var windows = new WindowSlider(samples.HistogramTimes, input);
        while (windows.Next())
        {
            if (windows.Count == 0)
            {
                continue;
            }
            if (!Absent.Is(result.Values[windows.Step]))
            {
                isMixed = true;
                result.Remove(windows.Step);
                continue;
            }
            var histograms = samples.Histograms[windows.Low..windows.High];
            var (value, told) = isMean ? Of(mean, histograms) : Of(sum, histograms);
            outcome |= told;
            if (value is not null)
            {
                result.Set(windows.Step, value);
            }
        }
        Inform(input, outcome, isMixed);
    }

    private static (Histogram? Value, HistogramOutcome Outcome) Of(
        HistogramSum sum,
        ReadOnlySpan<Histogram> histograms
    )
    {
        sum.Clear();
        foreach (var histogram in histograms)
        {
            sum.Add(histogram);
            if (sum.Outcome.HasFlag(HistogramOutcome.Incompatible))
            {
                return (null, HistogramOutcome.Incompatible);
            }
        }
        return (sum.Result(), sum.Outcome);
    }

    private static (Histogram? Value, HistogramOutcome Outcome) Of(
        HistogramMean mean,
        ReadOnlySpan<Histogram> histograms
    )
    {
        mean.Clear();
        foreach (var histogram in histograms)
        {
            mean.Add(histogram);
            if (mean.Outcome.HasFlag(HistogramOutcome.Incompatible))
            {
                return (null, HistogramOutcome.Incompatible);
            }
        }
        return (mean.Result(), mean.Outcome);
    }

    private static void Inform(in RangeInput input, HistogramOutcome outcome, bool isMixed)
    {
        var (annotations, position) = (input.Context.Annotations, input.Context.Position);
        if (isMixed)
        {
            annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.Labels.MetricName), position);
        }
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            annotations.Warn(AnnotationTexts.MixedExponentialCustom(input.Labels.MetricName), position);
        }
        if (outcome.HasFlag(HistogramOutcome.ResetCollision))
        {
            annotations.Warn(AnnotationTexts.ResetCollisionInAggregation, position);
        }
        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            annotations.Info(AnnotationTexts.MismatchedBucketsInAggregation, position);
        }
    }
}
