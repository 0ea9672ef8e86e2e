using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>A function over the floats of a range; histograms beside them are left out, with an info.</summary>
internal abstract class FloatFunction : RangeFunction
{
    /// <inheritdoc/>
    public sealed override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = new SampleSplit(input.Samples);
        Compute(samples.Times, samples.Values, input, result.Values);
        if (!samples.Histograms.IsEmpty && IsMixed(samples, input))
        {
            var text = AnnotationTexts.HistogramIgnoredInMixedRange(input.Labels.MetricName);
            input.Context.Annotations.Info(text, input.Context.Position);
        }
    }

    /// <summary>Computes all windows of floats; those without one stay absent.</summary>
    /// <param name="times">Of the floats.</param>
    /// <param name="values">The floats.</param>
    /// <param name="input">The windows and scalar arguments.</param>
    /// <param name="result">One per window, all absent.</param>
    protected abstract void Compute(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        in RangeInput input,
        double[] result
    );

    private static bool IsMixed(in SampleSplit samples, in RangeInput input)
    {
        var floats = new WindowSlider(samples.Times, input);
        var histograms = new WindowSlider(samples.HistogramTimes, input);
        while (floats.Next() && histograms.Next())
        {
            if (floats.Count > 0 && histograms.Count > 0)
            {
                return true;
            }
        }
        return false;
    }
}
