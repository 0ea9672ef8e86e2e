using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>What has to be read for a range of time: every sample of it is in one of these, or in several.</summary>
public sealed class StorePlan
{
    internal StorePlan(
        TimeRange range,
        ManifestSnapshot manifest,
        IReadOnlyList<PlannedLogFile> logFiles,
        IReadOnlyList<DeleteDescription> deletes
    )
    {
        Range = range;
        Manifest = manifest;
        LogFiles = logFiles;
        Deletes = deletes;
        Blocks = [.. manifest.Live.Where(row => row.Block.Overlaps(range))];
        QuarantinedBlocks =
        [
            .. manifest.Blocks.Values.Where(row => row.State == BlockState.Quarantined && row.Block.Overlaps(range)),
        ];
    }

    /// <summary>What of this has to be read for a part of its range.</summary>
    internal StorePlan Within(TimeRange part) =>
        part == Range
            ? this
            : new StorePlan(
                part,
                Manifest,
                [
                    .. LogFiles.Where(file =>
                        file.Name.Window.StartMs <= part.MaxMs && file.Name.Window.EndMs > part.MinMs
                    ),
                ],
                [.. Deletes.Where(delete => delete.Range.Overlaps(part))]
            );

    /// <summary>The range.</summary>
    public TimeRange Range { get; }

    /// <summary>The manifest that this was planned on.</summary>
    public ManifestSnapshot Manifest { get; }

    /// <summary>The log files of the range's windows that are in no block, by name.</summary>
    public IReadOnlyList<PlannedLogFile> LogFiles { get; }

    /// <summary>The live blocks that overlap the range; of conflicting samples those of an earlier one count, and before the log's.</summary>
    public IReadOnlyList<BlockRow> Blocks { get; }

    /// <summary>Blocks of the range that are left out because they are corrupt; an answer says so.</summary>
    public IReadOnlyList<BlockRow> QuarantinedBlocks { get; }

    /// <summary>The deletes that overlap the range.</summary>
    public IReadOnlyList<DeleteDescription> Deletes { get; }

    /// <summary>The deletes that may apply to a block's samples.</summary>
    public IEnumerable<DeleteDescription> DeletesOf(BlockDescription block) =>
        Deletes.Where(delete => delete.AppliesTo(block));

    /// <summary>The deletes that may apply to a log file's samples.</summary>
    public IEnumerable<DeleteDescription> DeletesOf(LogFileName file) =>
        Deletes.Where(delete => delete.LogFiles.Contains(file));
}

/// <summary>A log file to read.</summary>
/// <param name="Name">The file.</param>
/// <param name="Blob">Its length when it was listed.</param>
public readonly record struct PlannedLogFile(LogFileName Name, BlobInfo Blob);
