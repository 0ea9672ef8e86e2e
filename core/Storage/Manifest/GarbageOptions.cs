namespace Tributary.Storage.Manifest;

/// <summary>When garbage goes. All ages are by the store's clock.</summary>
public sealed record GarbageOptions
{
    /// <summary>Files of replaced blocks and consumed log files wait so long: longer than any query or export.</summary>
    public TimeSpan DeletionDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A pending block that was not touched for so long is given up.</summary>
    public TimeSpan AbandonedAfter { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Files that no row names wait so long; at least 24 hours.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Nothing is removed; the result says what would be.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>
    /// Says, at the store's time, which consumed log files somebody still has to read, such as remote write. It is asked
    /// behind the listing of the log.
    /// </summary>
    public Func<DateTimeOffset, CancellationToken, Task<Func<PlannedLogFile, bool>>> Holds { get; init; } =
        (_, _) => Task.FromResult<Func<PlannedLogFile, bool>>(_ => false);
}

/// <summary>What one run of the garbage collection did.</summary>
public sealed record GarbageResult
{
    /// <summary>Pending blocks that were given up.</summary>
    public int AbandonedBlocks { get; init; }

    /// <summary>Deleted blocks whose files and row are gone.</summary>
    public int Blocks { get; init; }

    /// <summary>Log files that are gone.</summary>
    public int LogFiles { get; init; }

    /// <summary>Deletes that applied to nothing any more.</summary>
    public int Deletes { get; init; }

    /// <summary>What could not be removed, and stays until the next run.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
