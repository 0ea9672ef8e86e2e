using Tributary.Model;
using Tributary.Storage.Blocks;

namespace Tributary.Storage.Compaction;

/// <summary>Reads a block front to back, series by series, with their chunks as they are stored.</summary>
internal sealed class BlockCursor : IAsyncDisposable
{
    private const int MaxSeries = 512;
    private const int MaxChunks = 4096;
    private static readonly TimeRange Always = new(long.MinValue, long.MaxValue);

    private readonly BlockReader reader;
    private readonly int rank;
    private readonly SeriesDeletes deletes;
    private readonly CancellationToken cancellationToken;
    private readonly IAsyncEnumerator<BlockSeries> all;
    private readonly List<BlockSeries> batch = [];
    private LoadedChunks? loaded;
    private int at = -1;

    /// <summary>A cursor before the first series.</summary>
    /// <param name="reader">The block.</param>
    /// <param name="rank">Its place among the inputs.</param>
    /// <param name="deletes">What does not count of it, besides its own tombstones.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public BlockCursor(BlockReader reader, int rank, SeriesDeletes deletes, CancellationToken cancellationToken)
    {
        this.reader = reader;
        this.rank = rank;
        this.deletes = deletes;
        this.cancellationToken = cancellationToken;
        all = reader.SelectAsync([], Always, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>The series.</summary>
    public LabelSet Series => batch[at].Labels;

    /// <summary>Goes on to the next series; false behind the last one.</summary>
    public async ValueTask<bool> MoveNextAsync()
    {
        if (++at < batch.Count)
        {
            return true;
        }
        batch.Clear();
        at = 0;
        for (var chunks = 0; batch.Count < MaxSeries && chunks < MaxChunks && await all.MoveNextAsync(); )
        {
            batch.Add(all.Current);
            chunks += all.Current.Chunks.Count;
        }
        if (batch.Count == 0)
        {
            return false;
        }
        loaded = await reader.Chunks.LoadAsync([.. batch.SelectMany(series => series.Chunks)], cancellationToken);
        return true;
    }

    /// <summary>Hands the series' chunks to a merger, with what is deleted of them.</summary>
    public void AddTo(ChunkMerger merger)
    {
        var series = batch[at];
        foreach (var place in series.Chunks)
        {
            var chunk = loaded!.Get(place);
            merger.Add(rank, place.MinMs, place.MaxMs, chunk.Encoding, chunk.Data);
        }
        foreach (var range in series.Deleted)
        {
            merger.Delete(rank, range);
        }
        if (!deletes.IsEmpty)
        {
            deletes.RangesOf(series.Labels).ForEach(range => merger.Delete(rank, range));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => all.DisposeAsync();
}
