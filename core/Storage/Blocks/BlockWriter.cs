using System.Runtime.InteropServices;
using Tributary.Storage.Chunks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;

namespace Tributary.Storage.Blocks;

/// <summary>Writes a block from sorted series with encoded chunks: segments, index, and <c>meta.json</c> last.</summary>
/// <remarks>
/// Order of calls: <see cref="BeginAsync"/>; for each series in order <see cref="BeginSeries"/>, <see cref="AddChunk"/>
/// in time order, <see cref="EndSeries"/>; <see cref="FlushAsync"/> whenever <see cref="WantsFlush"/>;
/// <see cref="FinishAsync"/>. Nothing that was written counts before the last call has ended.
/// </remarks>
internal sealed class BlockWriter : IDisposable
{
    private readonly IBlobStore store;
    private readonly BlockMeta plan;
    private readonly string prefix;
    private readonly SegmentWriter segments;
    private readonly BlobUpload indexUpload;
    private readonly IndexWriter index;
    private readonly List<LabelRef> labels = [];
    private readonly List<ChunkPlace> chunks = [];
    private long floatSamples;
    private long histogramSamples;
    private long chunkCount;

    /// <summary>A block.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="plan">Its <c>meta.json</c> without statistics and files.</param>
    /// <param name="symbols">The texts of all labels of all its series.</param>
    /// <param name="options">How.</param>
    public BlockWriter(IBlobStore store, BlockMeta plan, SymbolTable symbols, BlockWriterOptions options)
    {
        this.store = store;
        this.plan = plan;
        prefix = $"{options.Container}{plan.Ulid}/";
        // No two blocks share a ULID, so its random bits tell uploads apart.
        var upload = plan.Ulid.Low;
        segments = new SegmentWriter(store, prefix, upload, options.MaxSegmentBytes);
        indexUpload = new BlobUpload(store, prefix + BlockPaths.Index, upload);
        index = new IndexWriter(indexUpload, symbols, options.Index);
    }

    /// <summary>Series with chunks so far.</summary>
    public int SeriesCount => index.SeriesCount;

    /// <summary>Whether <see cref="FlushAsync"/> is due.</summary>
    public bool WantsFlush => segments.WantsFlush || indexUpload.WantsFlush;

    /// <summary>Writes what comes before the series.</summary>
    public ValueTask BeginAsync(CancellationToken cancellationToken) => index.BeginAsync(cancellationToken);

    /// <summary>Begins the next series.</summary>
    /// <param name="seriesLabels">Its labels by the numbers of their symbols, sorted.</param>
    public void BeginSeries(ReadOnlySpan<LabelRef> seriesLabels)
    {
        labels.Clear();
        chunks.Clear();
        labels.AddRange(seriesLabels);
    }

    /// <summary>Adds the next chunk of the series.</summary>
    /// <param name="minMs">Time of its first sample.</param>
    /// <param name="maxMs">Time of its last sample.</param>
    /// <param name="encoding">How it is encoded.</param>
    /// <param name="data">The encoded samples, at least one.</param>
    public void AddChunk(long minMs, long maxMs, ChunkEncoding encoding, ReadOnlySpan<byte> data)
    {
        if (minMs < plan.MinTimeMs || maxMs >= plan.MaxTimeMs)
        {
            throw new ArgumentException(
                $"a chunk from {minMs} to {maxMs} in a block of {plan.MinTimeMs} to {plan.MaxTimeMs}",
                nameof(minMs)
            );
        }
        var samples = data.Length < 2 ? 0 : (data[0] << 8) | data[1];
        if (samples == 0)
        {
            throw new ArgumentException("a chunk without samples", nameof(data));
        }
        chunks.Add(new ChunkPlace(minMs, maxMs, segments.Add((byte)encoding, data)));
        chunkCount++;
        if (encoding is ChunkEncoding.Xor)
        {
            floatSamples += samples;
        }
        else
        {
            histogramSamples += samples;
        }
    }

    /// <summary>Ends the series; one without chunks leaves no trace.</summary>
    public void EndSeries()
    {
        if (chunks.Count > 0)
        {
            index.AddSeries(CollectionsMarshal.AsSpan(labels), CollectionsMarshal.AsSpan(chunks));
        }
    }

    /// <summary>Sends what has gathered.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await segments.FlushAsync(cancellationToken);
        await indexUpload.FlushAsync(cancellationToken);
    }

    /// <summary>Ends the block.</summary>
    /// <returns>Its <c>meta.json</c>.</returns>
    /// <exception cref="InvalidOperationException">It has no series.</exception>
    public async Task<BlockMeta> FinishAsync(CancellationToken cancellationToken)
    {
        if (SeriesCount == 0)
        {
            throw new InvalidOperationException($"the block {plan.Ulid} has no series");
        }
        List<BlobFile> files = [.. await segments.FinishAsync(cancellationToken)];
        files.Add(await index.FinishAsync(cancellationToken));
        var meta = plan with
        {
            Statistics = new BlockStatistics(
                floatSamples + histogramSamples,
                floatSamples,
                histogramSamples,
                SeriesCount,
                chunkCount
            ),
            Files =
            [
                .. files.Select(file => new BlockMetaFile(file.Name[prefix.Length..], file.LengthBytes)),
                new BlockMetaFile(BlockPaths.Meta, 0),
            ],
            LargestSeriesBytes = index.LargestSeriesBytes,
            LargestChunkBytes = segments.LargestChunkBytes,
        };
        var json = BlockMetaJson.Write(meta);
        await store.WriteAsync(prefix + BlockPaths.Meta, json, WriteCondition.Create, cancellationToken);
        return meta;
    }

    /// <inheritdoc/>
    public void Dispose() => index.Dispose();
}
