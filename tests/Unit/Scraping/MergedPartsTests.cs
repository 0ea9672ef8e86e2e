using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.Scraping;

public sealed class MergedPartsTests
{
    private readonly MergedParts parts = new();

    [Fact]
    public void Merge_PutsPartsBehindEachOther_HistogramsIncluded()
    {
        var first = Columns(null, ("a", 1), ("b", 2));
        var second = Columns(Histogram.Stale, ("c", 3), ("c", 4));
        parts.Update([first.Series, second.Series]);
        var merged = parts.Merge([first, second]);
        Assert.Equal(["a", "b", "c", "c"], Names(merged));
        Assert.Equal([1L, 2, 3, 4], merged.TimestampsMs.ToArray());
        Assert.Equal("--hh", string.Concat(merged.Histograms.ToArray().Select(one => one is null ? "-" : "h")));
        Assert.Equal(0, parts.Overlaps);
    }

    [Fact]
    public void Merge_WithoutHistogramsBehindSome_HasNone()
    {
        var some = Columns(Histogram.Stale, ("a", 1));
        parts.Update([some.Series]);
        parts.Merge([some]);
        var none = Columns(null, ("a", 2));
        parts.Update([none.Series]);
        Assert.True(parts.Merge([none]).Histograms.IsEmpty);
    }

    [Fact]
    public void Series_CountsWhereItComesFirst()
    {
        var first = Columns(null, ("a", 1), ("b", 2));
        var second = Columns(null, ("b", 3), ("c", 4), ("a", 5), ("c", 6));
        parts.Update([first.Series, second.Series]);
        var merged = parts.Merge([first, second]);
        Assert.Equal(["a", "b", "c", "c"], Names(merged));
        Assert.Equal([1L, 2, 4, 6], merged.TimestampsMs.ToArray());
        Assert.Equal([1.0, 2, 4, 6], merged.Values.ToArray());
        Assert.Equal(2, parts.Overlaps);
    }

    [Fact]
    public void SameLists_AreTheSameList()
    {
        var (first, second) = (Columns(null, ("a", 1)), Columns(null, ("b", 2)));
        parts.Update([first.Series, second.Series]);
        var list = parts.List;
        parts.Update([first.Series, second.Series]);
        Assert.Same(list, parts.List);
        parts.Update([first.Series, SeriesList.Empty]);
        Assert.Equal(1, parts.List.Count);
    }

    private static IEnumerable<string> Names(SampleColumns columns) =>
        columns.Series.Span.ToArray().Select(series => series.MetricName);

    private static SampleColumns Columns(Histogram? histogram, params (string Name, long Number)[] samples) =>
        new(
            new SeriesList([.. samples.Select(sample => LabelSet.Of("__name__", sample.Name))]),
            samples.Select(sample => sample.Number).ToArray(),
            samples.Select(sample => (double)sample.Number).ToArray()
        )
        {
            Histograms = histogram is null ? default : samples.Select(_ => (Histogram?)histogram).ToArray(),
        };
}
