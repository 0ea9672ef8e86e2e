using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;

namespace Tributary.Storage.Manifest;

/// <summary>Between a block's <c>meta.json</c> and what the manifest's row of it says; the one place for both ways.</summary>
internal static class BlockMetaDescription
{
    /// <summary>The block, with the log files that went into it.</summary>
    /// <exception cref="CorruptDataException">It names a log file that is none.</exception>
    public static BlockDescription Of(BlockMeta meta) =>
        new()
        {
            Ulid = meta.Ulid,
            Level = Math.Max(1, meta.Level),
            MinTimeMs = meta.MinTimeMs,
            MaxTimeMs = meta.MaxTimeMs,
            Number = meta.CommitNumber,
            Series = meta.Statistics.Series,
            Samples = meta.Statistics.Samples,
            Chunks = meta.Statistics.Chunks,
            Sources = meta.Sources.Count > 0 ? meta.Sources : [meta.Ulid],
            Parents = [.. meta.Parents.Select(parent => parent.Ulid)],
            Files =
            [
                .. meta
                    .Files.Where(file => file.Path != BlockPaths.Meta)
                    .Select(file => new BlockFile(file.Path, file.SizeBytes)),
            ],
            Consumed = [.. meta.LogFiles.Select(file => ConsumedOf(meta, file))],
        };

    /// <summary>The <c>meta.json</c> of a block that is to be written, without statistics and files.</summary>
    /// <param name="task">What it is to be.</param>
    /// <param name="storeId">The value of the label that all our blocks have.</param>
    public static BlockMeta MetaOf(BlockTask task, string storeId) =>
        new()
        {
            Ulid = task.Block.Ulid,
            MinTimeMs = task.Block.MinTimeMs,
            MaxTimeMs = task.Block.MaxTimeMs,
            Level = task.Block.Level,
            Sources = task.Block.Sources,
            Parents =
            [
                .. task.Inputs.Select(input => new BlockParent(
                    input.Block.Ulid,
                    input.Block.MinTimeMs,
                    input.Block.MaxTimeMs
                )),
            ],
            Labels = [new(LabelSet.StoreLabel, storeId)],
            Source = BlockMetaJson.OwnSource,
            LogFiles =
            [
                .. task.Block.Consumed.Select(file => new BlockLogFile(file.Name.ToString(), file.LengthBytes)),
            ],
            CommitNumber = task.Block.Number,
        };

    private static ConsumedLogFile ConsumedOf(BlockMeta meta, BlockLogFile file) =>
        LogFileName.TryParse(file.Name, out var name)
            ? new ConsumedLogFile(name, file.SizeBytes)
            : throw new CorruptDataException(
                BlockPaths.PrefixOf(meta.Ulid) + BlockPaths.Meta,
                0,
                $"'{file.Name}' is not the name of a log file"
            );
}
