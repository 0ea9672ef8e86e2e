using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Storage.Selection;

/// <summary>Selected chunks → series with samples.</summary>
internal static class DecodedChunks
{
    public static async Task<List<SelectedSeries>> SelectAsync(
        StoreReader reader,
        VectorSelector selector,
        TimeRange range
    ) => Of(await reader.SelectChunksAsync(selector.Matchers, range, new SelectionLimits(), SelectionPlace.Token));

    /// <summary>The series that have samples.</summary>
    public static List<SelectedSeries> Of(ChunkSelection selection)
    {
        var buffer = new SampleBuffer();
        var result = new List<SelectedSeries>();
        foreach (var series in selection.Series)
        {
            series.Decode(buffer);
            if (buffer.Count > 0)
            {
                result.Add(Of(series.Labels, buffer));
            }
        }
        return result;
    }

    public static SelectedSeries Of(LabelSet labels, SampleBuffer buffer)
    {
        var samples = new List<Sample>();
        var histograms = new List<HistogramSample>();
        for (var i = 0; i < buffer.Count; i++)
        {
            Assert.True(i == 0 || buffer.TimesMs[i - 1] < buffer.TimesMs[i]);
            if (buffer.HasHistograms && buffer.Histograms[i] is { } histogram)
            {
                histograms.Add(new HistogramSample(buffer.TimesMs[i], histogram));
            }
            else
            {
                samples.Add(new Sample(buffer.TimesMs[i], buffer.Values[i]));
            }
        }
        return new SelectedSeries(labels, samples) { Histograms = histograms };
    }
}
