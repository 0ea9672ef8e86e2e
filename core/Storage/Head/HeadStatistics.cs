using System.Text;
using Tributary.Model;

namespace Tributary.Storage.Head;

/// <summary>What the head's index is made of, and what there is most of.</summary>
internal sealed record HeadStatistics
{
    /// <summary>Series.</summary>
    public int Series { get; init; }

    /// <summary>Different pairs of label name and value.</summary>
    public long LabelPairs { get; init; }

    /// <summary>Chunks.</summary>
    public long Chunks { get; init; }

    /// <summary>The oldest sample time; null without any.</summary>
    public long? OldestMs { get; init; }

    /// <summary>The newest sample time; null without any.</summary>
    public long? NewestMs { get; init; }

    /// <summary>Metric names with the most series.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> SeriesByMetricName { get; init; } = [];

    /// <summary>Label names with the most values.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> ValuesByLabelName { get; init; } = [];

    /// <summary>Label names by bytes: of each series the value's length.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> BytesByLabelName { get; init; } = [];

    /// <summary>Pairs <c>name=value</c> with the most series.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> SeriesByLabelPair { get; init; } = [];

    /// <summary>Counts an index; the lists have the greatest first, equal ones by name.</summary>
    /// <param name="index">The index.</param>
    /// <param name="newestMs">The newest sample time.</param>
    /// <param name="limit">The most entries of a list.</param>
    public static HeadStatistics Of(HeadIndex index, long? newestMs, int limit)
    {
        var metrics = new TopList(limit);
        var values = new TopList(limit);
        var bytes = new TopList(limit);
        var pairs = new TopList(limit);
        var pairCount = 0L;
        foreach (var (name, postings) in index.Postings)
        {
            var sum = 0L;
            foreach (var (value, series) in postings)
            {
                if (name == LabelSet.MetricNameLabel)
                {
                    metrics.Offer("", value, series.Count);
                }
                pairs.Offer(name, value, series.Count);
                sum += (long)Encoding.UTF8.GetByteCount(value) * series.Count;
            }
            pairCount += postings.Count;
            values.Offer("", name, postings.Count);
            bytes.Offer("", name, sum);
        }
        var isEmpty = index.Series.Count == 0;
        return new HeadStatistics
        {
            Series = index.Series.Count,
            LabelPairs = pairCount,
            Chunks = index.Series.Sum(series => (long)series.ChunkCount),
            OldestMs = isEmpty ? null : index.Series.Min(series => series.OldestMs),
            NewestMs = isEmpty ? null : newestMs,
            SeriesByMetricName = metrics.Entries,
            ValuesByLabelName = values.Entries,
            BytesByLabelName = bytes.Entries,
            SeriesByLabelPair = pairs.Entries,
        };
    }

    /// <summary>The greatest of many, without holding them all.</summary>
    private sealed class TopList(int limit)
    {
        private readonly SortedSet<(long Value, string Prefix, string Name)> kept = new(
            Comparer<(long Value, string Prefix, string Name)>.Create(Compare)
        );

        public IReadOnlyList<KeyValuePair<string, long>> Entries =>
            [
                .. kept.Select(one => new KeyValuePair<string, long>(
                    one.Prefix.Length == 0 ? one.Name : $"{one.Prefix}={one.Name}",
                    one.Value
                )),
            ];

        public void Offer(string prefix, string name, long value)
        {
            if (kept.Count == limit && kept.Max.Value >= value && Compare(kept.Max, (value, prefix, name)) < 0)
            {
                return;
            }
            kept.Add((value, prefix, name));
            if (kept.Count > limit)
            {
                kept.Remove(kept.Max);
            }
        }

        private static int Compare(
            (long Value, string Prefix, string Name) a,
            (long Value, string Prefix, string Name) b
        )
        {
            var order = b.Value.CompareTo(a.Value);
            order = order != 0 ? order : string.CompareOrdinal(a.Prefix, b.Prefix);
            return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
        }
    }
}
