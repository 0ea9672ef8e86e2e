using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>The change of a native histogram over windows, for <see cref="RateOverTime"/>.</summary>
/// <remarks>Resets between neighbours are looked for once; then a window costs one subtraction and its resets.</remarks>
internal ref struct HistogramRate
{
    private readonly ReadOnlySpan<long> times;
    private readonly ReadOnlySpan<long> starts;
    private readonly ReadOnlySpan<Histogram> histograms;
    private readonly bool isCounter;
    private readonly bool[] resets;
    private readonly bool isUniform;
    private readonly HistogramAccumulator change = new();
    private HistogramOutcome subtraction;
    private HistogramOutcome addition;
    private bool isMixed;
    private bool isOtherType;
    private int overlaps;

    /// <summary>The histograms of a series.</summary>
    public HistogramRate(in SampleSplit samples, bool isCounter)
    {
        times = samples.HistogramTimes;
        starts = samples.HistogramStarts;
        histograms = samples.Histograms;
        this.isCounter = isCounter;
        resets = new bool[histograms.Length];
        isUniform = true;
        for (var i = 1; i < histograms.Length; i++)
        {
            isUniform &= histograms[i].Layout.Schema == histograms[0].Layout.Schema;
            resets[i] =
                isCounter
                && (
                    StartTimes.IsReset(starts, times, i) || ResetDetection.IsReset(histograms[i], histograms[i - 1])
                );
        }
    }

    /// <summary>The change over a window; null when there is none to tell. Valid until the next call.</summary>
    /// <param name="first">The first sample of the window.</param>
    /// <param name="last">The last one.</param>
    /// <param name="span">The window's times, on which the extrapolation is decided.</param>
    public HistogramAccumulator? Of(int first, int last, scoped ref RateSpan span)
    {
        if (last > first && !Change(first, last))
        {
            return null;
        }
        if (isCounter && !starts.IsEmpty && span.StartAt(starts[first]))
        {
            if (last == first)
            {
                change.Load(histograms[first]);
            }
            else if (!Note(ref addition, change.Add(histograms[first])))
            {
                return null;
            }
            return change;
        }
        if (last == first)
        {
            return null;
        }
        span.ExtrapolateToStart(isCounter, histograms[first].Count, change.Count);
        return change;
    }

    /// <summary>Adds what is worth an annotation.</summary>
    public readonly void Inform(in RangeInput input)
    {
        var (annotations, position, name) = (
            input.Context.Annotations,
            input.Context.Position,
            input.Labels.MetricName
        );
        if (isMixed)
        {
            annotations.Warn(AnnotationTexts.MixedExponentialCustom(name), position);
        }
        if (isOtherType)
        {
            annotations.Warn(
                isCounter
                    ? AnnotationTexts.NativeHistogramNotCounter(name)
                    : AnnotationTexts.NativeHistogramNotGauge(name),
                position
            );
        }
        if (subtraction.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            annotations.Info(AnnotationTexts.MismatchedBucketsInSubtraction, position);
        }
        if (addition.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            annotations.Info(AnnotationTexts.MismatchedBucketsInAddition, position);
        }
        if (overlaps > 0)
        {
            annotations.StartTimeOverlap(name, position, overlaps);
        }
    }

    /// <summary>Computes the change of at least two histograms; false when they are not compatible.</summary>
    private bool Change(int first, int last)
    {
        var isFromZero = resets[first + 1];
        NoteTypes(first, last);
        var start = isFromZero ? first + 1 : first;
        if (!AreCompatible(start, last, out var schema))
        {
            isMixed = true;
            return false;
        }
        change.Load(histograms[last]);
        if (!change.IsCustom)
        {
            change.Reduce(schema);
        }
        if (!isFromZero && !Note(ref subtraction, change.Subtract(histograms[first])))
        {
            return false;
        }
        var hasOverlap = false;
        for (var i = first + 1; i <= last; i++)
        {
            hasOverlap |= isCounter && StartTimes.IsOverlap(starts, times, i);
            // The first sample is not in the difference if it was reset right behind it.
            if (resets[i] && i > first + 1 && !Note(ref addition, change.Add(histograms[i - 1])))
            {
                return false;
            }
        }
        overlaps += hasOverlap ? 1 : 0;
        change.Hint = CounterResetHint.Gauge;
        change.Compact();
        return true;
    }

    private void NoteTypes(int first, int last)
    {
        if (!isCounter)
        {
            isOtherType |=
                histograms[first].Hint != CounterResetHint.Gauge || histograms[last].Hint != CounterResetHint.Gauge;
            return;
        }
        for (var i = first; i <= last; i++)
        {
            isOtherType |= histograms[i].Hint == CounterResetHint.Gauge;
        }
    }

    /// <summary>Whether all that are looked at have buckets of one kind; which exponential schema suits all.</summary>
    private readonly bool AreCompatible(int first, int last, out int schema)
    {
        schema = Math.Min(histograms[first].Layout.Schema, histograms[last].Layout.Schema);
        if (isUniform)
        {
            return true;
        }
        var isCustom = histograms[first].Layout.IsCustom;
        if (histograms[last].Layout.IsCustom != isCustom)
        {
            return false;
        }
        for (var i = first + 1; i < last && isCounter; i++)
        {
            if (histograms[i].Layout.IsCustom != isCustom)
            {
                return false;
            }
            schema = Math.Min(schema, histograms[i].Layout.Schema);
        }
        return true;
    }

    private bool Note(scoped ref HistogramOutcome all, HistogramOutcome outcome)
    {
        all |= outcome;
        isMixed |= outcome.HasFlag(HistogramOutcome.Incompatible);
        return !outcome.HasFlag(HistogramOutcome.Incompatible);
    }
}
