using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Sources;

namespace Tributary.PromQL.Evaluation;

/// <summary>A series whose histograms lose their buckets: <c>histogram_count(…)</c> and its like need none.</summary>
internal sealed class StatisticsSeries(SourceSeries whole) : SourceSeries(whole.Labels, whole.SampleCount)
{
    /// <inheritdoc/>
    public override void Decode(TimeRange range, SampleBuffer buffer)
    {
        whole.Decode(range, buffer);
        if (buffer.HasHistograms)
        {
            HistogramStatistics.Reduce(buffer.Histograms);
        }
    }
}
