using System.Collections.Immutable;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Head;

/// <summary>Which deletes a head knows, which of them it is without, and of which log files it has samples.</summary>
/// <remarks>Not safe for several threads; the lock of <see cref="RecentLog"/> guards it.</remarks>
internal sealed class HeadDeletes
{
    private readonly HashSet<LogFileName> content = [];
    private readonly HashSet<Ulid> pending = [];
    private Dictionary<Ulid, LogDelete> known = [];

    /// <summary>The deletes whose samples the head is without.</summary>
    public ImmutableHashSet<Ulid> Applied { get; private set; } = [];

    /// <summary>The log files that the head has samples of, or had.</summary>
    public ImmutableHashSet<LogFileName> Content { get; private set; } = [];

    /// <summary>All deletes that are known by now, applied or not.</summary>
    public IReadOnlyList<Ulid> Known => [.. known.Keys];

    /// <summary>Takes note of deletes.</summary>
    /// <returns>Whether the head is without all that they take away.</returns>
    public bool Add(IEnumerable<LogDelete> deletes)
    {
        var isApplied = true;
        foreach (var delete in deletes)
        {
            if (known.TryAdd(delete.Ulid, delete))
            {
                pending.Add(delete.Ulid);
            }
            isApplied &= Applied.Contains(delete.Ulid);
        }
        return isApplied;
    }

    /// <summary>Takes note that samples of a file go into the head.</summary>
    public void Read(LogFileName file)
    {
        if (content.Add(file))
        {
            Content = Content.Add(file);
        }
    }

    /// <summary>What does not count of a file's samples; null when all do.</summary>
    public Func<LabelSet, long, bool>? Of(LogFileName file)
    {
        Func<LabelSet, long, bool>[] deletes =
        [
            .. known.Values.Where(delete => delete.Files.Contains(file)).Select(delete => delete.Open()),
        ];
        return deletes.Length == 0
            ? null
            : (series, timestampMs) => Array.Exists(deletes, has => has(series, timestampMs));
    }

    /// <summary>What does not count of a batch whose parts lie in several files, one a window; null when all do.</summary>
    public Func<LabelSet, long, bool>? Of(AppendedBatch batch)
    {
        LogFileName[] files = [batch.Home, .. batch.Others];
        var deleted = files
            .Select(file => (file.Window, Has: Of(file)))
            .Where(file => file.Has is not null)
            .ToDictionary(file => file.Window, file => file.Has!);
        return deleted.Count == 0
            ? null
            : (series, timestampMs) =>
                deleted.TryGetValue(Window.Of(timestampMs), out var has) && has(series, timestampMs);
    }

    /// <summary>
    /// Whether the head may have samples that a delete takes away: of a file that it names, or of one that is gone, so that
    /// the delete could not name it. What is asked after a listing that began when the delete was known.
    /// </summary>
    /// <param name="deletes">The deletes.</param>
    /// <param name="isListed">Whether a file is still there.</param>
    public bool Touch(IEnumerable<Ulid> deletes, Func<LogFileName, bool> isListed)
    {
        List<LogDelete> asked = [.. deletes.Where(pending.Contains).Select(ulid => known[ulid])];
        return asked.Exists(delete =>
            content.Any(file =>
                delete.Range.Overlaps(new TimeRange(file.Window.StartMs, file.Window.EndMs - 1))
                && (delete.Files.Contains(file) || !isListed(file))
            )
        );
    }

    /// <summary>Takes note that the head is without what some deletes take away.</summary>
    public void Apply(IEnumerable<Ulid> deletes)
    {
        foreach (var delete in deletes.Where(pending.Remove))
        {
            Applied = Applied.Add(delete);
        }
    }

    /// <summary>A fresh head takes the place of the one before.</summary>
    /// <param name="files">What it has samples of.</param>
    public void Replace(IEnumerable<LogFileName> files)
    {
        content.Clear();
        content.UnionWith(files);
        Content = [.. content];
    }

    /// <summary>Forgets files of windows before a time. A delete stays known by name: it costs a few bytes.</summary>
    public void Forget(long beforeMs)
    {
        if (content.RemoveWhere(file => file.Window.StartMs < beforeMs) > 0)
        {
            Content = [.. content];
        }
        known = known.ToDictionary(
            pair => pair.Key,
            pair =>
                pair.Value.Files.Any(file => file.Window.StartMs >= beforeMs)
                    ? pair.Value
                    : pair.Value with
                    {
                        Files = ImmutableHashSet<LogFileName>.Empty,
                        Open = static () => static (_, _) => false,
                    }
        );
    }
}
