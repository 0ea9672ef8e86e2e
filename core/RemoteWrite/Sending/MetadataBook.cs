using Tributary.Model;

namespace Tributary.RemoteWrite.Sending;

/// <summary>What is known of metric families, by name. Safe for several threads.</summary>
internal sealed class MetadataBook
{
    /// <summary>Further families are not told of.</summary>
    private const int MaxFamilies = 50_000;

    private static readonly string[] Suffixes = ["_bucket", "_sum", "_count", "_total", "_created", "_info"];

    private readonly Lock gate = new();
    private readonly Dictionary<string, MetricMetadata> families = new(StringComparer.Ordinal);

    /// <summary>How many families are known.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return families.Count;
            }
        }
    }

    /// <summary>All of it, by name.</summary>
    public IReadOnlyList<MetricMetadata> All
    {
        get
        {
            lock (gate)
            {
                return [.. families.Values.OrderBy(family => family.Family, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Takes what a source tells.</summary>
    public void Add(MetricMetadata family)
    {
        lock (gate)
        {
            if (families.Count < MaxFamilies || families.ContainsKey(family.Family))
            {
                families[family.Family] = family;
            }
        }
    }

    /// <summary>What is known of the family of a series; null for nothing.</summary>
    /// <param name="metric">The metric name of the series, perhaps with a suffix of its family's type.</param>
    public MetricMetadata? Of(string metric)
    {
        lock (gate)
        {
            if (families.TryGetValue(metric, out var found))
            {
                return found;
            }
            var byName = families.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var suffix in Suffixes)
            {
                if (
                    metric.EndsWith(suffix, StringComparison.Ordinal)
                    && byName.TryGetValue(metric.AsSpan(0, metric.Length - suffix.Length), out found)
                )
                {
                    return found;
                }
            }
            return null;
        }
    }
}
