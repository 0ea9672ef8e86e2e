using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Indexes;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Compaction;

/// <summary>From the task of a compaction to what its block says of itself, and back to the manifest.</summary>
internal static class BlockPlan
{
    private const string Source = "tributary";

    /// <summary>The block's <c>meta.json</c> before it is written.</summary>
    public static BlockMeta MetaOf(BlockTask task, CompactionOptions options) =>
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
            Labels = [new(LabelSet.StoreLabel, options.StoreId)],
            Source = Source,
            LogFiles =
            [
                .. task.Block.Consumed.Select(file => new BlockLogFile(file.Name.ToString(), file.LengthBytes)),
            ],
            CommitNumber = task.Block.Number,
        };

    /// <summary>How the block is written.</summary>
    public static BlockWriterOptions WriterOf(CompactionOptions options) =>
        new()
        {
            Container = options.Container,
            Index = new IndexWriterOptions { Folder = options.Folder },
        };

    /// <summary>The block for the manifest.</summary>
    public static WrittenBlock Written(BlockTask task, BlockMeta meta) =>
        new(
            task.Block with
            {
                Series = meta.Statistics.Series,
                Samples = meta.Statistics.Samples,
                Chunks = meta.Statistics.Chunks,
                Files =
                [
                    .. meta
                        .Files.Where(file => file.Path != BlockPaths.Meta)
                        .Select(file => new BlockFile(file.Path, file.SizeBytes)),
                ],
            },
            ReadOnlyMemory<byte>.Empty
        );
}
