using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>The newest sample of each series at each step.</summary>
internal sealed class SelectorStream(
    StepGrid grid,
    IReadOnlyList<SourceSeries> series,
    Lookback lookback,
    bool dropsMetadata,
    QueryRun run
) : ColumnStream(grid)
{
    private readonly TimeRange range = new(
        lookback.Lookups.StartMs - lookback.LookbackMs + 1,
        Math.Max(lookback.Lookups.StartMs, lookback.Lookups.EndMs)
    );

    /// <inheritdoc/>
    public override int Count => series.Count;

    /// <inheritdoc/>
    public override bool DropsMetadata => dropsMetadata;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int index) => series[index].Labels;

    /// <inheritdoc/>
    public override bool DropsNameLater(int index) => lookback.Part != SelectedPart.Value;

    /// <inheritdoc/>
    public override void Compute(int index, StepColumn result, Workspace workspace)
    {
        var buffer = workspace.RentSamples(series[index].SampleCount);
        series[index].Decode(range, buffer);
        if (lookback.Part == SelectedPart.Value)
        {
            Select(buffer, result);
        }
        else
        {
            SelectTimes(buffer, series[index].Labels, result);
        }
        workspace.Return(buffer);
        if (run.Counter is { } counter)
        {
            CountLookedAt(result, counter);
        }
    }

    private void Select(SampleBuffer buffer, StepColumn result)
    {
        ReadOnlySpan<long> times = buffer.Times;
        ReadOnlySpan<double> values = buffer.Values;
        var target = result.Values.AsSpan();
        var (time, step, back) = (lookback.Lookups.StartMs, lookback.Lookups.StepMs, lookback.LookbackMs);
        var next = 0;
        for (var i = 0; i < target.Length; i++, time += step)
        {
            while (next < times.Length && times[next] <= time)
            {
                next++;
            }
            if (next > 0 && times[next - 1] > time - back)
            {
                // A staleness marker is "absent", as it is.
                target[i] = values[next - 1];
            }
        }
        if (buffer.HasHistograms)
        {
            SelectHistograms(buffer, result);
        }
    }

    private void SelectHistograms(SampleBuffer buffer, StepColumn result)
    {
        ReadOnlySpan<long> times = buffer.Times;
        ReadOnlySpan<Histogram?> histograms = buffer.Histograms;
        var next = 0;
        for (var i = 0; i < result.Count; i++)
        {
            var time = lookback.Lookups.At(i);
            while (next < times.Length && times[next] <= time)
            {
                next++;
            }
            if (next > 0 && times[next - 1] > time - lookback.LookbackMs && histograms[next - 1] is { } histogram)
            {
                if (histogram.IsStale)
                {
                    result.Remove(i);
                }
                else
                {
                    result.Set(i, histogram);
                }
            }
        }
    }

    private void SelectTimes(SampleBuffer buffer, LabelSet labels, StepColumn result)
    {
        var next = 0;
        for (var i = 0; i < result.Count; i++)
        {
            var time = lookback.Lookups.At(i);
            while (next < buffer.Count && buffer.Times[next] <= time)
            {
                next++;
            }
            if (next == 0 || buffer.Times[next - 1] <= time - lookback.LookbackMs || buffer.IsStale(next - 1))
            {
                continue;
            }
            if (
                lookback.Part == SelectedPart.InfoTime
                && buffer.HasHistograms
                && buffer.Histograms[next - 1] is not null
            )
            {
                throw QueryException.Execution(
                    $"this should be an info metric, with float samples: {SeriesText.Of(labels)}"
                );
            }
            var found =
                lookback.Part != SelectedPart.StartTimestamp ? buffer.Times[next - 1]
                : buffer.HasStartTimes ? buffer.StartTimes[next - 1]
                : 0;
            result.Values[i] = found / 1000.0;
        }
    }

    private void CountLookedAt(StepColumn column, SampleCounter counter)
    {
        for (var i = 0; i < column.Count; i++)
        {
            if (column.Has(i))
            {
                counter.Add(Grid, i, 1);
            }
        }
    }
}
