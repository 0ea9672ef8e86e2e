using Tributary.Binary;
using Tributary.Storage.Blocks;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>Reads a block front to back, series by series, with their chunks as they are stored; in two windows of its files.</summary>
/// <remarks>No text is read: a series is the numbers of its labels in the block to be written, whose order is that of the texts.</remarks>
internal sealed class BlockCursor
{
    private readonly BlockReader block;
    private readonly int rank;
    private readonly SeriesDeletes deletes;
    private readonly SymbolTable symbols;
    private readonly SymbolMap map;
    private readonly SeriesCursor series;
    private readonly ChunkCursor chunks;
    private LabelRef[] labels = new LabelRef[64];
    private LabelRef[] before = new LabelRef[64];
    private int count = -1;

    private BlockCursor(BlockInput input, SymbolTable symbols, SymbolMap map, SeriesCursor series, int windowBytes)
    {
        (block, rank, deletes) = input;
        (this.symbols, this.map, this.series) = (symbols, map, series);
        chunks = new ChunkCursor(block.Chunks, windowBytes);
    }

    /// <summary>The labels of the series; valid until the next move.</summary>
    public ReadOnlySpan<LabelRef> Labels => labels.AsSpan(0, count);

    /// <summary>A cursor before the first series.</summary>
    /// <param name="input">The block.</param>
    /// <param name="symbols">The texts of the block to be written.</param>
    /// <param name="map">The way from the symbols of this one to them.</param>
    /// <param name="windowBytes">How much of a file is read at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<BlockCursor> OpenAsync(
        BlockInput input,
        SymbolTable symbols,
        SymbolMap map,
        int windowBytes,
        CancellationToken cancellationToken
    )
    {
        var series = await SeriesCursor.OpenAsync(input.Block.Index, windowBytes, cancellationToken);
        return new BlockCursor(input, symbols, map, series, windowBytes);
    }

    /// <summary>Goes on to the next series; false behind the last one.</summary>
    /// <exception cref="CorruptDataException">The index is damaged.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (!await series.MoveNextAsync(cancellationToken))
        {
            return false;
        }
        TakeLabels();
        return true;
    }

    /// <summary>Hands the series' chunks to a merger, with what is deleted of them.</summary>
    /// <exception cref="CorruptDataException">The block is damaged.</exception>
    public async ValueTask AddToAsync(ChunkMerger merger, CancellationToken cancellationToken)
    {
        for (var i = 0; i < series.ChunkCount; i++)
        {
            var place = series.Chunk(i);
            await chunks.ReadAsync(place, cancellationToken);
            Add(merger, place);
        }
        foreach (var range in block.Tombstones.Of(series.Reference))
        {
            merger.Delete(rank, range);
        }
        if (!deletes.IsEmpty)
        {
            deletes.RangesOf(symbols.LabelsOf(Labels)).ForEach(range => merger.Delete(rank, range));
        }
    }

    private void Add(ChunkMerger merger, ChunkPlace place)
    {
        var chunk = chunks.Current;
        merger.Add(rank, place.MinMs, place.MaxMs, chunk.Encoding, chunk.Data);
    }

    private void TakeLabels()
    {
        var last = count;
        (labels, before) = (before, labels);
        if (labels.Length < series.Labels.Length)
        {
            labels = new LabelRef[series.Labels.Length];
        }
        count = 0;
        foreach (var label in series.Labels)
        {
            if (!map.TryFind(label.Name, out var name) || !map.TryFind(label.Value, out var value))
            {
                throw Corrupt("a symbol is named that is not in the table");
            }
            if (symbols[name].IsEmpty || (count > 0 && labels[count - 1].Name >= name))
            {
                throw Corrupt("the labels of the series are not in order");
            }
            // An empty value is the same as no label.
            if (!symbols[value].IsEmpty)
            {
                labels[count++] = new LabelRef(name, value);
            }
        }
        if (last >= 0 && LabelRef.Compare(before.AsSpan(0, last), Labels) >= 0)
        {
            throw Corrupt("the series is not greater than the one before");
        }
    }

    private CorruptDataException Corrupt(string problem) => new(block.Index.File.Name, series.OffsetBytes, problem);
}

/// <summary>A block to be merged.</summary>
/// <param name="Block">The block.</param>
/// <param name="Rank">Its place among the inputs.</param>
/// <param name="Deletes">What does not count of it, besides its own tombstones.</param>
internal sealed record BlockInput(BlockReader Block, int Rank, SeriesDeletes Deletes);
