using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>The part of <see cref="ExtendedRate"/> that is for native histograms.</summary>
internal readonly ref struct ExtendedHistogramRate
{
    private readonly bool isCounter;
    private readonly AnnotationSet annotations;
    private readonly string name;
    private readonly int position;

    /// <summary>For the windows of an input.</summary>
    public ExtendedHistogramRate(bool isCounter, in RangeInput input)
    {
        this.isCounter = isCounter;
        annotations = input.Context.Annotations;
        name = input.Labels.MetricName;
        position = input.Context.Position;
    }

    /// <summary>The change over a window; null when there is none.</summary>
    /// <param name="times">The samples' times.</param>
    /// <param name="values">The samples.</param>
    /// <param name="found">Which of them decide.</param>
    public HistogramAccumulator? Of(ReadOnlySpan<long> times, ReadOnlySpan<Histogram> values, ExtendedWindow? found)
    {
        if (found is not { } window || !AreCompatible(values[window.First..(window.Last + 1)]))
        {
            return null;
        }
        var (first, last) = (window.First, window.Last);
        var left = window.IsLeftBetween(times)
            ? Between(times, values, first, window.StartMs)
            : values[first];
        var right = window.IsRightBetween(times) ? Between(times, values, last - 1, window.EndMs) : values[last];
        if (left is null || right is null)
        {
            return null;
        }
        if (!isCounter && (left.Hint != CounterResetHint.Gauge || right.Hint != CounterResetHint.Gauge))
        {
            annotations.Warn(AnnotationTexts.NativeHistogramNotGauge(name), position);
        }
        var change = new HistogramAccumulator();
        change.Load(right);
        if (!Note(change.Subtract(left), AnnotationTexts.MismatchedBucketsInSubtraction))
        {
            return null;
        }
        if (isCounter && !AddLostInResets(change, times, values, window, left, right))
        {
            return null;
        }
        change.Hint = CounterResetHint.Gauge;
        return change;
    }

    private bool AreCompatible(ReadOnlySpan<Histogram> values)
    {
        foreach (var value in values)
        {
            if (value.Layout.IsCustom != values[0].Layout.IsCustom)
            {
                annotations.Warn(AnnotationTexts.MixedExponentialCustom(name), position);
                return false;
            }
            if (isCounter && value.Hint == CounterResetHint.Gauge)
            {
                annotations.Warn(AnnotationTexts.NativeHistogramNotCounter(name), position);
            }
        }
        return true;
    }

    /// <summary>The histogram at a time between two samples; a counter that was reset between them began at 0.</summary>
    private Histogram? Between(ReadOnlySpan<long> times, ReadOnlySpan<Histogram> values, int index, long atMs)
    {
        var (before, after) = (values[index], values[index + 1]);
        if (atMs == times[index] || atMs == times[index + 1])
        {
            return atMs == times[index] ? before : after;
        }
        var part = (atMs - times[index]) / (double)(times[index + 1] - times[index]);
        var result = new HistogramAccumulator();
        result.Load(after);
        if (isCounter && ResetDetection.IsReset(after, before))
        {
            result.Multiply(part);
            return result.ToHistogram(isCompact: false);
        }
        if (!Note(result.Subtract(before), AnnotationTexts.MismatchedBucketsInSubtraction))
        {
            return null;
        }
        result.Multiply(part);
        return Note(result.Add(before), AnnotationTexts.MismatchedBucketsInAddition)
            ? result.ToHistogram(isCompact: false)
            : null;
    }

    private bool AddLostInResets(
        HistogramAccumulator change,
        ReadOnlySpan<long> times,
        ReadOnlySpan<Histogram> values,
        in ExtendedWindow window,
        Histogram left,
        Histogram right
    )
    {
        var (from, before) = (window.First + 1, left);
        if (window.IsLeftBetween(times) && ResetDetection.IsReset(values[from], values[window.First]))
        {
            // That reset is in the interpolated value already.
            before = values[from];
            from++;
        }
        // The last sample is not looked at: the value at the end is that sample or interpolated from it, with its hint.
        var to = window.Last - 1;
        if (from > to + 1)
        {
            return true;
        }
        var lost = new List<Histogram>();
        for (var i = from; i <= to; i++)
        {
            if (ResetDetection.IsReset(values[i], before))
            {
                lost.Add(before);
            }
            before = values[i];
        }
        if (ResetDetection.IsReset(right, before))
        {
            lost.Add(before);
        }
        foreach (var value in lost)
        {
            if (!Note(change.Add(value), AnnotationTexts.MismatchedBucketsInAddition))
            {
                return false;
            }
        }
        return true;
    }

    private bool Note(HistogramOutcome outcome, string reconciled)
    {
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            annotations.Warn(AnnotationTexts.MixedExponentialCustom(name), position);
            return false;
        }
        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            annotations.Info(reconciled, position);
        }
        return true;
    }
}
