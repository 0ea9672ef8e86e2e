using Tributary.Binary;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Compaction;

/// <summary>Makes one block of several; of one, to leave out what was deleted.</summary>
/// <param name="blobs">Where the blocks lie.</param>
/// <param name="options">What it may use.</param>
internal sealed class BlockCompaction(IBlobStore blobs, CompactionOptions options)
{
    /// <summary>Pages of the inputs that are kept while they are read front to back.</summary>
    private const long CacheBytes = 32 * 1024 * 1024;

    private const int ReadAheadBytes = 1024 * 1024;

    /// <summary>Writes the block; null when no sample is left for it.</summary>
    /// <exception cref="CorruptDataException">An input is damaged; it names blob and offset.</exception>
    /// <exception cref="StoreException">The store cannot be used. NotFound: an input is gone; plan anew.</exception>
    public async Task<WrittenBlock?> WriteAsync(BlockTask task, CancellationToken cancellationToken)
    {
        using var cache = new PageCache(CacheBytes);
        var ranges = new RangeReader(blobs, cache, ReadAheadBytes);
        var indexes = new List<IndexReader>();
        var cursors = new List<BlockCursor>();
        try
        {
            foreach (var input in task.Inputs)
            {
                var reader = await BlockReader.OpenAsync(
                    ranges,
                    BlockPaths.PrefixOf(input.Block.Ulid),
                    cancellationToken
                );
                indexes.Add(reader.Index);
                var deletes = SeriesDeletes.Of(task.Deletes.Where(delete => delete.AppliesTo(input.Block)));
                cursors.Add(new BlockCursor(reader, cursors.Count, deletes, cancellationToken));
            }
            var (symbols, _) = await SymbolMerge.RunAsync(indexes, cancellationToken);
            Garbage.GiveBack(symbols.Count);
            return await MergeAsync(task, cursors, new SeriesLabels(symbols), cancellationToken);
        }
        finally
        {
            foreach (var cursor in cursors)
            {
                await cursor.DisposeAsync();
            }
        }
    }

    private async Task<WrittenBlock?> MergeAsync(
        BlockTask task,
        List<BlockCursor> cursors,
        SeriesLabels labels,
        CancellationToken cancellationToken
    )
    {
        using var block = new BlockWriter(
            blobs,
            BlockMetaDescription.MetaOf(task, options.StoreId),
            labels.Symbols,
            options.Writing
        );
        List<string> names =
        [
            .. task.Inputs.Select(input => BlockPaths.PrefixOf(input.Block.Ulid) + BlockPaths.Chunks),
        ];
        var merger = new ChunkMerger(block, ConflictRule.LowerRank, encodesAnew: false, names);
        await block.BeginAsync(cancellationToken);
        var collected = 0;
        var open = new List<BlockCursor>();
        foreach (var cursor in cursors)
        {
            if (await cursor.MoveNextAsync())
            {
                open.Add(cursor);
            }
        }
        while (open.Count > 0)
        {
            var series = open.Min(cursor => cursor.Series)!;
            block.BeginSeries(labels.Of(series));
            for (var i = open.Count - 1; i >= 0; i--)
            {
                if (!open[i].Series.Equals(series))
                {
                    continue;
                }
                open[i].AddTo(merger);
                if (!await open[i].MoveNextAsync())
                {
                    open.RemoveAt(i);
                }
            }
            merger.Write();
            block.EndSeries();
            if (block.WantsFlush)
            {
                await block.FlushAsync(cancellationToken);
            }
            if (block.SeriesCount >= collected + Garbage.ManySeries)
            {
                // Labels and lists of chunks live as long as a batch, which is long enough to grow old.
                collected = block.SeriesCount;
                Garbage.GiveBack(collected);
            }
        }
        Garbage.GiveBack(block.SeriesCount);
        return block.SeriesCount == 0 ? null : WrittenBlock.Of(await block.FinishAsync(cancellationToken));
    }
}
