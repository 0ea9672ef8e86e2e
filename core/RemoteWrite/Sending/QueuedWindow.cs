using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.RemoteWrite.Sending;

/// <summary>One window of the log as a destination takes it: its files, and what was taken of them.</summary>
internal sealed class QueuedWindow
{
    /// <summary>Of more series it is not remembered which sample was the last; what is sent twice is the same then.</summary>
    private const int MaxSeries = 1_000_000;

    private readonly Dictionary<string, HashSet<long>> ticks = new(StringComparer.Ordinal);
    private readonly Dictionary<LabelSet, long> last = [];

    /// <summary>How often the log was looked at since something was taken.</summary>
    public int IdlePlans { get; set; }

    /// <summary>The open files, by writer.</summary>
    public SortedDictionary<Ulid, QueuedFile> Files { get; } = [];

    /// <summary>Takes note of a batch that is taken.</summary>
    /// <returns>False: another batch of the same identity was taken before.</returns>
    public bool TakeBatch(LogPart part)
    {
        if (!ticks.TryGetValue(part.Source, out var taken))
        {
            ticks.Add(part.Source, taken = []);
        }
        return taken.Add(part.TickMs);
    }

    /// <summary>Takes note of a sample that is taken.</summary>
    /// <returns>False: it repeats the last one of its series, as federated samples do that did not change.</returns>
    public bool TakeSample(LabelSet series, long timestampMs)
    {
        if (!last.TryGetValue(series, out var lastMs))
        {
            if (last.Count < MaxSeries)
            {
                last.Add(series, timestampMs);
            }
            return true;
        }
        if (timestampMs > lastMs)
        {
            last[series] = timestampMs;
        }
        return timestampMs != lastMs;
    }
}
