using Tributary.Storage.Blocks;

namespace Tributary.Storage.Manifest;

/// <summary>A block to write: what it is to be, and what it is made of.</summary>
public sealed record BlockTask
{
    /// <summary>Everything of the result that is known before: identifier, level, range, number, sources, parents, consumed files.</summary>
    public required BlockDescription Block { get; init; }

    /// <summary>The log files, sealed, with their final lengths; for level 1.</summary>
    public IReadOnlyList<PlannedLogFile> LogFiles { get; init; } = [];

    /// <summary>The blocks, the one that wins a conflict first; for a merge.</summary>
    public IReadOnlyList<BlockRow> Inputs { get; init; } = [];

    /// <summary>The deletes that may apply: to a block up to their number, to a log file that they name.</summary>
    public IReadOnlyList<DeleteDescription> Deletes { get; init; } = [];
}

/// <summary>A block that is written whole: its files exist, <c>meta.json</c> last.</summary>
/// <param name="Block">The task's description, with files and counts.</param>
/// <param name="Statistics">At most <see cref="ManifestLimits.StatisticsBytes"/>.</param>
public sealed record WrittenBlock(BlockDescription Block, ReadOnlyMemory<byte> Statistics)
{
    /// <summary>A block by its <c>meta.json</c>.</summary>
    internal static WrittenBlock Of(BlockMeta meta) => new(BlockMetaDescription.Of(meta), ReadOnlyMemory<byte>.Empty);
}

/// <summary>Writes a block's files under <see cref="BlockDescription.PrefixOf"/>; null when no sample is left for it.</summary>
public delegate Task<WrittenBlock?> BlockWrite(BlockTask task, CancellationToken cancellationToken);
