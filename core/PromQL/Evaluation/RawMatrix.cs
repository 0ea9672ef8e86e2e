using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>The range vector that an instant query answers: samples with their own times.</summary>
internal static class RawMatrix
{
    /// <summary>The samples of a range of selected series.</summary>
    public static List<ResultSeries> Of(
        MatrixSelector matrix,
        Selection selection,
        long endMs,
        long rangeMs,
        PlanContext context,
        QueryRun run
    )
    {
        var result = new List<ResultSeries>();
        var buffer = new SampleBuffer();
        var window = new TimeRange(endMs - rangeMs + 1, endMs);
        foreach (var series in selection.Series)
        {
            run.Check();
            buffer.Clear();
            series.Decode(selection.Range, buffer);
            buffer.DropStale();
            var samples = matrix.Selector.Extension == RangeExtension.None
                ? Inside(buffer.Samples, window)
                : ExtendedRange.Of(buffer.Samples, matrix.Selector.Extension, window, context.LookbackMs);
            if (samples.Count == 0)
            {
                continue;
            }
            run.Budget.TakeColumn(samples.Count * 2, samples.Count, 0);
            run.Counter?.Add(context.Grid, 0, samples.Count);
            result.Add(
                new ResultSeries(
                    series.Labels,
                    samples.Values.ToArray(),
                    samples.IsFloats ? default(ReadOnlyMemory<Histogram?>?) : samples.Histograms.ToArray(),
                    samples.Times.ToArray()
                )
            );
        }
        return result;
    }

    /// <summary>The results of a subquery.</summary>
    public static List<ResultSeries> Of(ColumnList list)
    {
        var result = new List<ResultSeries>(list.Count);
        var buffer = new SampleBuffer();
        foreach (var series in list.Series)
        {
            buffer.Clear();
            for (var i = 0; i < series.Column.Count; i++)
            {
                if (series.Column.HistogramAt(i) is { } histogram)
                {
                    buffer.Add(list.Grid.At(i), histogram);
                }
                else if (!Absent.Is(series.Column.Values[i]))
                {
                    buffer.Add(list.Grid.At(i), series.Column.Values[i]);
                }
            }
            result.Add(
                new ResultSeries(
                    series.Labels,
                    buffer.Values.ToArray(),
                    buffer.HasHistograms ? buffer.Histograms.ToArray() : default(ReadOnlyMemory<Histogram?>?),
                    buffer.Times.ToArray()
                )
            );
        }
        return result;
    }

    private static SeriesSamples Inside(in SeriesSamples samples, TimeRange window)
    {
        int first = 0,
            end = samples.Count;
        while (first < end && samples.Times[first] < window.MinMs)
        {
            first++;
        }
        while (end > first && samples.Times[end - 1] > window.MaxMs)
        {
            end--;
        }
        return samples.Slice(first, end);
    }
}
