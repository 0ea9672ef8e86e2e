using Tributary.Model;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Writes samples into a message: each series once, its samples by rising time, each time once.</summary>
internal sealed class MessageWriter
{
    private const int None = -1;

    /// <summary>Of each series, its place among the chains.</summary>
    private readonly Dictionary<LabelSet, int> places = [];

    /// <summary>Of each series, its first and last sample, and whether its samples rise.</summary>
    private readonly List<(int First, int Last, bool IsRising)> chains = [];
    private readonly List<QueuedSample> unsorted = [];

    /// <summary>Of each sample, the next one of its series.</summary>
    private int[] nexts = [];

    /// <summary>Fills a message.</summary>
    /// <param name="message">Begun anew.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="oldestMs">Older samples are left out.</param>
    /// <param name="metadata">What is known of families; null where it does not go with the series.</param>
    /// <returns>How many were left out as too old.</returns>
    public int Write(WriteMessage message, IReadOnlyList<QueuedSample> samples, long oldestMs, MetadataBook? metadata)
    {
        message.Clear();
        var old = Chain(samples, oldestMs);
        foreach (var chain in chains)
        {
            var series = samples[chain.First].Series;
            message.BeginSeries(series, metadata?.Of(series.MetricName));
            if (chain.IsRising)
            {
                for (var at = chain.First; at != None; at = nexts[at])
                {
                    Add(message, samples[at]);
                }
            }
            else
            {
                Sort(message, samples, chain.First);
            }
        }
        return old;
    }

    private int Chain(IReadOnlyList<QueuedSample> samples, long oldestMs)
    {
        places.Clear();
        chains.Clear();
        nexts = nexts.Length < samples.Count ? new int[samples.Count] : nexts;
        var old = 0;
        for (var i = 0; i < samples.Count; i++)
        {
            var sample = samples[i];
            if (sample.TimestampMs < oldestMs)
            {
                old++;
                continue;
            }
            nexts[i] = None;
            if (!places.TryGetValue(sample.Series, out var place))
            {
                places.Add(sample.Series, chains.Count);
                chains.Add((i, i, true));
                continue;
            }
            var chain = chains[place];
            nexts[chain.Last] = i;
            chains[place] = (chain.First, i, chain.IsRising && sample.TimestampMs > samples[chain.Last].TimestampMs);
        }
        return old;
    }

    /// <summary>Late samples in their order; of several of one time the first is the one that counts.</summary>
    private void Sort(WriteMessage message, IReadOnlyList<QueuedSample> samples, int first)
    {
        unsorted.Clear();
        for (var at = first; at != None; at = nexts[at])
        {
            unsorted.Add(samples[at]);
        }
        long? last = null;
        foreach (var sample in unsorted.OrderBy(sample => sample.TimestampMs))
        {
            if (sample.TimestampMs != last)
            {
                Add(message, sample);
                last = sample.TimestampMs;
            }
        }
    }

    private static void Add(WriteMessage message, QueuedSample sample)
    {
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
