using Tributary.Model;

namespace Tributary.Storage.Manifest;

/// <summary>Which log files become blocks of level 1 now.</summary>
public sealed record LevelOnePlan
{
    /// <summary>A window is compacted so long after its end.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Late files of a compacted window wait until nothing was appended for so long…</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>…or until they are larger than this, together.</summary>
    public long LateBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of log files that go into one block; a larger file goes alone.</summary>
    public required long GroupBytes { get; init; }

    /// <summary>The groups, the oldest window first; each becomes a block.</summary>
    /// <param name="now">The store's time.</param>
    /// <param name="logFiles">The log files, listed before the manifest was read.</param>
    /// <param name="manifest">The manifest.</param>
    public IReadOnlyList<LevelOneGroup> Groups(
        DateTimeOffset now,
        IEnumerable<PlannedLogFile> logFiles,
        ManifestSnapshot manifest
    )
    {
        var groups = new List<LevelOneGroup>();
        var windows = logFiles
            .Where(file => !manifest.IsConsumed(file.Name, file.Blob.LengthBytes))
            .GroupBy(file => file.Name.Window)
            .OrderBy(window => window.Key);
        foreach (var window in windows)
        {
            List<PlannedLogFile> files = [.. window.OrderBy(file => file.Name.Writer)];
            if (manifest.IsReadable(window.Key) && IsDue(now, window.Key, files, manifest))
            {
                groups.AddRange(Split(window.Key, files, Room(window.Key, manifest)));
            }
        }
        return groups;
    }

    private static int Room(Window window, ManifestSnapshot manifest) =>
        ManifestLimits.ConsumedFiles - (manifest.Windows.GetValueOrDefault(window)?.LengthBytes.Count ?? 0);

    private bool IsDue(DateTimeOffset now, Window window, List<PlannedLogFile> files, ManifestSnapshot manifest)
    {
        if (now < DateTimeOffset.FromUnixTimeMilliseconds(window.EndMs) + Delay)
        {
            return false;
        }
        var isCompacted =
            manifest.Windows.ContainsKey(window)
            || manifest.Blocks.Values.Any(row => row.IsKept && row.Block.Overlaps(window.StartMs, window.EndMs));
        return !isCompacted
            || files.Max(file => file.Blob.LastModified) + QuietTime <= now
            || files.Sum(file => file.Blob.LengthBytes) > LateBytes;
    }

    private IEnumerable<LevelOneGroup> Split(Window window, List<PlannedLogFile> files, int room)
    {
        var group = new List<PlannedLogFile>();
        var bytes = 0L;
        foreach (var file in files.Take(room))
        {
            if (group.Count > 0 && bytes + file.Blob.LengthBytes > GroupBytes)
            {
                yield return new LevelOneGroup(window, group);
                (group, bytes) = ([], 0);
            }
            group.Add(file);
            bytes += file.Blob.LengthBytes;
        }
        if (group.Count > 0)
        {
            yield return new LevelOneGroup(window, group);
        }
    }
}

/// <summary>Log files that become one block.</summary>
/// <param name="Window">Their window, which is the block's range.</param>
/// <param name="Files">The files, by writer.</param>
public sealed record LevelOneGroup(Window Window, IReadOnlyList<PlannedLogFile> Files);
