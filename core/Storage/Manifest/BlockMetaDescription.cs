using Tributary.Binary;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;

namespace Tributary.Storage.Manifest;

/// <summary>From a block's <c>meta.json</c> to what the manifest's row of it says.</summary>
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

    private static ConsumedLogFile ConsumedOf(BlockMeta meta, BlockLogFile file) =>
        LogFileName.TryParse(file.Name, out var name)
            ? new ConsumedLogFile(name, file.SizeBytes)
            : throw new CorruptDataException(
                BlockPaths.PrefixOf(meta.Ulid) + BlockPaths.Meta,
                0,
                $"'{file.Name}' is not the name of a log file"
            );
}
