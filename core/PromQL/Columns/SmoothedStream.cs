using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>A <c>smoothed</c> selector: the value between the samples before and behind each step.</summary>
internal sealed class SmoothedStream(
    StepGrid grid,
    IReadOnlyList<SourceSeries> series,
    StepGrid lookups,
    long lookbackMs,
    int position,
    QueryRun run
) : ColumnStream(grid)
{
    /// <inheritdoc/>
    public override int Count => series.Count;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int index) => series[index].Labels;

    /// <inheritdoc/>
    public override void Compute(int index, StepColumn result, Workspace workspace)
    {
        var buffer = workspace.RentSamples(series[index].SampleCount);
        var range = new TimeRange(lookups.StartMs - lookbackMs + 1, lookups.EndMs + lookbackMs);
        series[index].Decode(range, buffer);
        buffer.DropStale();
        var samples = buffer.Samples;
        var name = series[index].Labels.MetricName;
        int first = 0,
            end = 0;
        for (var step = 0; step < result.Count; step++)
        {
            var time = lookups.At(step);
            while (end < samples.Count && samples.Times[end] <= time + lookbackMs)
            {
                end++;
            }
            while (first < end && samples.Times[first] <= time - lookbackMs)
            {
                first++;
            }
            if (first < end)
            {
                Put(samples.Slice(first, end), time, name, result, step);
            }
        }
        workspace.Return(buffer);
    }

    private void Put(in SeriesSamples window, long time, string name, StepColumn result, int step)
    {
        var histograms = window.IsFloats ? 0 : ColumnMath.CountHistograms(window.Histograms);
        if (histograms > 0 && histograms < window.Count)
        {
            run.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(name), position);
            return;
        }
        var next = window.Times.BinarySearch(time);
        var isExact = next >= 0;
        next = isExact ? next : ~next;
        if (!isExact && next == 0)
        {
            return;
        }
        if (histograms > 0)
        {
            var histogram =
                isExact ? window.Histograms[next]
                : next == window.Count ? window.Histograms[next - 1]!.With(CounterResetHint.Unknown)
                : Between(window, next, time, name);
            if (histogram is not null)
            {
                result.Set(step, histogram);
            }
            return;
        }
        if (isExact || next == window.Count)
        {
            result.Values[step] = window.Values[isExact ? next : next - 1];
            return;
        }
        var (before, after) = (window.Values[next - 1], window.Values[next]);
        var (from, to) = (window.Times[next - 1], window.Times[next]);
        result.Values[step] = before + ((after - before) * (time - from) / (to - from));
    }

    /// <summary>A counter that was reset between the two samples began at 0; only two gauges are none.</summary>
    private Histogram? Between(in SeriesSamples window, int next, long time, string name)
    {
        var (before, after) = (window.Histograms[next - 1]!.ToFloat(), window.Histograms[next]!.ToFloat());
        var (from, to) = (window.Times[next - 1], window.Times[next]);
        var part = (time - from) / (double)(to - from);
        var isCounter = before.Hint != CounterResetHint.Gauge || after.Hint != CounterResetHint.Gauge;
        var result = new HistogramAccumulator();
        result.Load(after);
        if (before.Layout.IsCustom == after.Layout.IsCustom && isCounter && ResetDetection.IsReset(after, before))
        {
            result.Multiply(part);
            return result.ToHistogram(isCompact: false);
        }
        if (!Note(result.Subtract(before), AnnotationTexts.MismatchedBucketsInSubtraction, name))
        {
            return null;
        }
        result.Multiply(part);
        return Note(result.Add(before), AnnotationTexts.MismatchedBucketsInAddition, name)
            ? result.ToHistogram(isCompact: false)
            : null;
    }

    private bool Note(HistogramOutcome outcome, string reconciled, string name)
    {
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            run.Annotations.Warn(AnnotationTexts.MixedExponentialCustom(name), position);
            return false;
        }
        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            run.Annotations.Info(reconciled, position);
        }
        return true;
    }
}
