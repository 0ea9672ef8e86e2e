namespace Tributary.Storage.Manifest;

/// <summary>What is too old, or too much, to be kept.</summary>
public sealed record RetentionPlan
{
    /// <summary>Prometheus' default: 15 days.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromDays(15);

    /// <summary>How long samples are kept; null for ever.</summary>
    public TimeSpan? Time { get; init; } = DefaultTime;

    /// <summary>Bytes that log and blocks have together at most; null for any number. The oldest blocks go.</summary>
    public long? Bytes { get; init; }

    /// <summary>The blocks to delete, the oldest first, each with the reason.</summary>
    /// <param name="now">The store's time.</param>
    /// <param name="blocks">The manifest's blocks, in whatever state.</param>
    /// <param name="logBytes">Bytes of the log.</param>
    public IReadOnlyList<BlockStateChange> Blocks(DateTimeOffset now, IEnumerable<BlockRow> blocks, long logBytes)
    {
        List<BlockRow> kept =
        [
            .. blocks
                .Where(row => row.IsKept)
                .OrderBy(row => row.Block.MaxTimeMs)
                .ThenBy(row => row.Block.MinTimeMs)
                .ThenBy(row => row.Block.Ulid),
        ];
        var left = logBytes + kept.Sum(row => row.Block.Bytes);
        var gone = new List<BlockStateChange>();
        foreach (var row in kept)
        {
            var reason =
                IsOld(now, row.Block.MaxTimeMs) ? "older than the retention time"
                : left > Bytes ? "beyond the retention size"
                : null;
            if (reason is not null)
            {
                gone.Add(new BlockStateChange(row.Block.Ulid, BlockState.Deleted, reason));
                left -= row.Block.Bytes;
            }
        }
        return gone;
    }

    /// <summary>The log files to delete: those of windows that are too old, compacted or not.</summary>
    /// <param name="now">The store's time.</param>
    /// <param name="logFiles">The log files.</param>
    public IEnumerable<PlannedLogFile> LogFiles(DateTimeOffset now, IEnumerable<PlannedLogFile> logFiles) =>
        logFiles.Where(file => IsOld(now, file.Name.Window.EndMs));

    private bool IsOld(DateTimeOffset now, long endMs) =>
        Time is { } time && endMs <= (now - time).ToUnixTimeMilliseconds();
}
