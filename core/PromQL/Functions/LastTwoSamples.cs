using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>irate</c> and <c>idelta</c>: the change between the last two samples of a window.</summary>
/// <param name="isRate">Of a counter, per second.</param>
internal sealed class LastTwoSamples(bool isRate) : RangeFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = StartTimes.Used(input);
        var windows = new WindowSlider(samples.Times, input);
        while (windows.Next())
        {
            if (windows.Count < 2)
            {
                continue;
            }
            var last = windows.High - 1;
            var (before, after) = (samples.HistogramAt(last - 1), samples.HistogramAt(last));
            var seconds = (samples.Times[last] - samples.Times[last - 1]) / 1000.0;
            if (before is null && after is null)
            {
                result.Values[windows.Step] = Change(samples, last, seconds);
            }
            else if (before is null || after is null)
            {
                Warn(input, AnnotationTexts.MixedFloatsHistograms(input.Labels.MetricName));
            }
            else if (Change(before, after, seconds, IsReset(samples, last), input) is { } change)
            {
                result.Set(windows.Step, change);
            }
        }
    }

    private double Change(in SeriesSamples samples, int last, double seconds)
    {
        var (before, after) = (samples.Values[last - 1], samples.Values[last]);
        if (!isRate)
        {
            return after - before;
        }
        return (after < before || IsReset(samples, last) ? after : after - before) / seconds;
    }

    private static bool IsReset(in SeriesSamples samples, int last) =>
        StartTimes.IsReset(samples.StartTimes, samples.Times, last);

    private Histogram? Change(Histogram before, Histogram after, double seconds, bool isReset, in RangeInput input)
    {
        (before, after) = (before.ToFloat(), after.ToFloat());
        var name = input.Labels.MetricName;
        var isGauge = before.Hint == CounterResetHint.Gauge;
        var isGaugeAfter = after.Hint == CounterResetHint.Gauge;
        if (isRate && (isGauge || isGaugeAfter))
        {
            Warn(input, AnnotationTexts.NativeHistogramNotCounter(name));
        }
        if (!isRate && !(isGauge && isGaugeAfter))
        {
            Warn(input, AnnotationTexts.NativeHistogramNotGauge(name));
        }
        var change = new HistogramAccumulator();
        change.Load(after);
        if (!isRate || (!isReset && !ResetDetection.IsReset(after, before)))
        {
            var outcome = change.Subtract(before);
            if (outcome.HasFlag(HistogramOutcome.Incompatible))
            {
                Warn(input, AnnotationTexts.MixedExponentialCustom(name));
                return null;
            }
            if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
            {
                var text = AnnotationTexts.MismatchedBucketsInSubtraction;
                input.Context.Annotations.Info(text, input.Context.Position);
            }
        }
        change.Hint = CounterResetHint.Gauge;
        if (isRate)
        {
            change.Divide(seconds);
        }
        return change.ToHistogram(isCompact: true);
    }

    private static void Warn(in RangeInput input, string text) =>
        input.Context.Annotations.Warn(text, input.Context.Position);
}
