using Tributary.Binary;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Compaction;

/// <summary>Makes one block of several; of one, to leave out what was deleted.</summary>
/// <remarks>
/// In memory are the symbols of the new block, of each input the way from its symbols to them, two windows of its files, and
/// what <see cref="IndexWriter"/> has; neither texts nor chunk lists of the series.
/// </remarks>
/// <param name="blobs">Where the blocks lie.</param>
/// <param name="options">What it may use.</param>
internal sealed class BlockCompaction(IBlobStore blobs, CompactionOptions options)
{
    /// <summary>Pages that are kept while the inputs are opened.</summary>
    private const long CacheBytes = 4 * 1024 * 1024;

    private const int ReadAheadBytes = 1024 * 1024;

    /// <summary>The windows of all inputs together.</summary>
    private const int WindowsBytes = 32 * 1024 * 1024;

    private const int LeastWindowBytes = 256 * 1024;
    private const int WindowsPerInput = 2;

    /// <summary>Writes the block; null when no sample is left for it.</summary>
    /// <exception cref="CorruptDataException">An input is damaged; it names blob and offset.</exception>
    /// <exception cref="StoreException">The store cannot be used. NotFound: an input is gone; plan anew.</exception>
    public async Task<WrittenBlock?> WriteAsync(BlockTask task, CancellationToken cancellationToken)
    {
        var (symbols, cursors) = await OpenAsync(task, cancellationToken);
        Garbage.GiveBack(symbols.Count);
        using var block = new BlockWriter(
            blobs,
            BlockMetaDescription.MetaOf(task, options.StoreId),
            symbols,
            options.Writing
        );
        await block.BeginAsync(cancellationToken);
        List<string> names =
        [
            .. task.Inputs.Select(input => BlockPaths.PrefixOf(input.Block.Ulid) + BlockPaths.Chunks),
        ];
        var merger = new ChunkMerger(block, ConflictRule.LowerRank, encodesAnew: false, names);
        await MergeAsync(cursors, merger, block, cancellationToken);
        Garbage.GiveBack(block.SeriesCount);
        return block.SeriesCount == 0 ? null : WrittenBlock.Of(await block.FinishAsync(cancellationToken));
    }

    /// <summary>Opens the inputs, each before its first series, and merges their symbols.</summary>
    private async Task<(SymbolTable Symbols, List<BlockCursor> Cursors)> OpenAsync(
        BlockTask task,
        CancellationToken cancellationToken
    )
    {
        using var cache = new PageCache(CacheBytes);
        var ranges = new RangeReader(blobs, cache, ReadAheadBytes);
        var inputs = new List<BlockInput>();
        foreach (var input in task.Inputs)
        {
            var prefix = BlockPaths.PrefixOf(input.Block.Ulid);
            var reader = await BlockReader.OpenAsync(ranges, prefix, cancellationToken);
            var deletes = SeriesDeletes.Of(task.Deletes.Where(delete => delete.AppliesTo(input.Block)));
            inputs.Add(new BlockInput(reader, inputs.Count, deletes));
        }
        var (symbols, maps) = await SymbolMerge.RunAsync(
            [.. inputs.Select(input => input.Block.Index)],
            cancellationToken
        );
        var window = Math.Clamp(WindowsBytes / WindowsPerInput / inputs.Count, LeastWindowBytes, ReadAheadBytes);
        var cursors = new List<BlockCursor>();
        foreach (var (input, map) in inputs.Zip(maps))
        {
            cursors.Add(await BlockCursor.OpenAsync(input, symbols, map, window, cancellationToken));
        }
        return (symbols, cursors);
    }

    /// <summary>Writes all series in order. A cursor that has ended leaves the list, with its memory.</summary>
    private static async Task MergeAsync(
        List<BlockCursor> cursors,
        ChunkMerger merger,
        BlockWriter block,
        CancellationToken cancellationToken
    )
    {
        for (var i = cursors.Count - 1; i >= 0; i--)
        {
            if (!await cursors[i].MoveNextAsync(cancellationToken))
            {
                cursors.RemoveAt(i);
            }
        }
        var least = new List<BlockCursor>();
        while (cursors.Count > 0)
        {
            FindLeast(cursors, least);
            block.BeginSeries(least[0].Labels);
            foreach (var cursor in least)
            {
                await cursor.AddToAsync(merger, cancellationToken);
                if (!await cursor.MoveNextAsync(cancellationToken))
                {
                    cursors.Remove(cursor);
                }
            }
            merger.Write();
            block.EndSeries();
            if (block.WantsFlush)
            {
                await block.FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>Those that have the series that comes first.</summary>
    private static void FindLeast(List<BlockCursor> cursors, List<BlockCursor> least)
    {
        least.Clear();
        foreach (var cursor in cursors)
        {
            var order = least.Count == 0 ? -1 : LabelRef.Compare(cursor.Labels, least[0].Labels);
            if (order < 0)
            {
                least.Clear();
            }
            if (order <= 0)
            {
                least.Add(cursor);
            }
        }
    }
}
