using Tributary.Model;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Writes samples into a message: each series once, its samples by rising time, each time once.</summary>
internal sealed class MessageWriter
{
    private readonly Dictionary<LabelSet, List<QueuedSample>> bySeries = [];
    private readonly List<LabelSet> order = [];

    /// <summary>Fills a message.</summary>
    /// <param name="message">Begun anew.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="oldestMs">Older samples are left out.</param>
    /// <param name="metadata">What is known of families; null where it does not go with the series.</param>
    /// <returns>How many were left out as too old.</returns>
    public int Write(WriteMessage message, IReadOnlyList<QueuedSample> samples, long oldestMs, MetadataBook? metadata)
    {
        message.Clear();
        bySeries.Clear();
        order.Clear();
        var old = 0;
        foreach (var sample in samples)
        {
            if (sample.TimestampMs < oldestMs)
            {
                old++;
                continue;
            }
            if (!bySeries.TryGetValue(sample.Series, out var list))
            {
                bySeries.Add(sample.Series, list = []);
                order.Add(sample.Series);
            }
            list.Add(sample);
        }
        foreach (var series in order)
        {
            message.BeginSeries(series, metadata?.Of(series.MetricName));
            Write(message, bySeries[series]);
        }
        return old;
    }

    private static void Write(WriteMessage message, List<QueuedSample> samples)
    {
        // Stable: of several of one time the first is the one that counts.
        var sorted = samples.Count == 1 ? samples : samples.OrderBy(sample => sample.TimestampMs).ToList();
        var last = long.MinValue;
        foreach (var sample in sorted)
        {
            if (sample.TimestampMs == last)
            {
                continue;
            }
            last = sample.TimestampMs;
            if (sample.Histogram is { } histogram)
            {
                message.Add(new HistogramSample(sample.TimestampMs, histogram));
            }
            else
            {
                message.Add(sample.TimestampMs, sample.Value);
            }
        }
    }
}
