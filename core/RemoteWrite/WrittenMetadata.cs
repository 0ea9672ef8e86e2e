using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>What senders say of metric families: what of it is new, and all of it for answers.</summary>
/// <remarks>Bounded by <see cref="WriteLimits"/>. Safe for several threads.</remarks>
/// <param name="limits">How much is kept.</param>
internal sealed class WrittenMetadata(WriteLimits limits)
{
    /// <summary>A help text that is longer is none.</summary>
    private const int MaxItemChars = 64 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<string, MetricMetadata> own = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricMetadata> all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UInt128> byMetric = new(StringComparer.Ordinal);
    private long ownChars;
    private long allChars;
    private IReadOnlyList<MetricMetadata>? sorted;

    /// <summary>What is known of all families, sorted by name; a list that never changes.</summary>
    public IReadOnlyList<MetricMetadata> Current
    {
        get
        {
            lock (gate)
            {
                return sorted ??= [.. all.Values.OrderBy(item => item.Family, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Takes what a request says of a family; what is new goes into its intake.</summary>
    public void Take(MetricMetadata item, WriteIntake intake)
    {
        lock (gate)
        {
            if (own.TryGetValue(item.Family, out var before) && before == item)
            {
                return;
            }
            if (CharsOf(item) <= MaxItemChars && Put(own, item, ref ownChars))
            {
                intake.Metadata.Add(item);
            }
            else
            {
                intake.Tally.DroppedMetadata++;
            }
        }
    }

    /// <summary>Whether a metric said the same the last time, told by a hash, so that no text is made of it.</summary>
    public bool IsKnown(string metric, UInt128 hash)
    {
        lock (gate)
        {
            if (byMetric.TryGetValue(metric, out var before) && before == hash)
            {
                return true;
            }
            if (byMetric.Count >= limits.MaxFamilies)
            {
                byMetric.Clear();
            }
            byMetric[metric] = hash;
            return false;
        }
    }

    /// <summary>Shows what is in the log now, of this process or of others.</summary>
    public void Show(IReadOnlyList<MetricMetadata> items)
    {
        lock (gate)
        {
            foreach (var item in items)
            {
                Put(all, item, ref allChars);
                sorted = null;
            }
        }
    }

    /// <summary>Forgets what did not get into the log, so that it goes there the next time.</summary>
    public void Forget(IReadOnlyList<MetricMetadata> items)
    {
        lock (gate)
        {
            foreach (var item in items)
            {
                if (own.Remove(item.Family, out var before))
                {
                    ownChars -= CharsOf(before);
                }
            }
            byMetric.Clear();
        }
    }

    private bool Put(Dictionary<string, MetricMetadata> families, MetricMetadata item, ref long chars)
    {
        var before = families.GetValueOrDefault(item.Family);
        var after = chars + CharsOf(item) - (before is null ? 0 : CharsOf(before));
        if (after > limits.MaxMetadataChars || (before is null && families.Count >= limits.MaxFamilies))
        {
            return false;
        }
        families[item.Family] = item;
        chars = after;
        return true;
    }

    private static int CharsOf(MetricMetadata item) => item.Family.Length + item.Help.Length + item.Unit.Length;
}
