using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Selection;

/// <summary>Selects series of one block and loads their chunks.</summary>
/// <param name="block">The block.</param>
/// <param name="rank">Its place among the blocks; of several samples at one time that of the lowest counts.</param>
/// <param name="deletes">What is deleted of it, besides its own tombstones.</param>
/// <param name="budget">Counts the bytes.</param>
internal sealed class BlockChunks(BlockReader block, int rank, SeriesDeletes deletes, ChunkBudget budget)
{
    private const int ChunksPerBatch = 4096;

    private readonly ChunkOrigin[] origins =
    [
        .. block.Chunks.Segments.Select(segment => new ChunkOrigin(
            rank,
            segment.Name,
            new TimeRange(long.MinValue, long.MaxValue)
        )),
    ];

    /// <summary>The series, in the order of their labels.</summary>
    public async Task<List<(LabelSet Labels, SelectedChunk[] Chunks)>> ReadAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        var result = new List<(LabelSet Labels, SelectedChunk[] Chunks)>();
        var batch = new List<BlockSeries>();
        var places = new List<ChunkPlace>();
        await foreach (var found in block.SelectAsync(matchers, range, cancellationToken))
        {
            var series = DeletedRanges.Join(found, deletes);
            batch.Add(series);
            places.AddRange(series.Chunks);
            if (places.Count >= ChunksPerBatch)
            {
                await LoadAsync();
            }
        }
        await LoadAsync();
        return result;

        async Task LoadAsync()
        {
            var loaded = await block.Chunks.LoadAsync(places, cancellationToken);
            foreach (var series in batch)
            {
                result.Add((series.Labels, Take(series, loaded)));
            }
            batch.Clear();
            places.Clear();
        }
    }

    private SelectedChunk[] Take(BlockSeries series, LoadedChunks loaded)
    {
        var chunks = new SelectedChunk[series.Chunks.Count];
        long bytes = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            var place = series.Chunks[i];
            var (data, offset) = loaded.Data(place);
            chunks[i] = new SelectedChunk(data, origins[place.Segment], series.Deleted, offset);
            bytes += data.Bytes.Length;
        }
        budget.TakeBytes(bytes);
        return chunks;
    }
}
