using System.Buffers;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;

namespace Tributary.Storage.Blocks;

/// <summary>Reads a block from end to end and says everything that is wrong with it, in bounded memory.</summary>
/// <remarks>
/// Files are there with the sizes that <c>meta.json</c> names; every checksum; series sorted and unique; labels sorted;
/// chunks ordered, apart, inside the block's range, and from and to when the index says; samples in order; postings list
/// just the series that have the label; the counts of <c>meta.json</c>.
/// </remarks>
internal sealed class BlockVerifier
{
    private const int SeriesPerBatch = 256;
    private const int ChunksPerBatch = 4096;

    private readonly BlockReader block;
    private readonly List<CorruptDataException> problems;
    private readonly PostingsTally tally = new();
    private LabelRef[] last = [];
    private long chunkCount;
    private long floatSamples;
    private long histogramSamples;

    private BlockVerifier(BlockReader block, List<CorruptDataException> problems)
    {
        this.block = block;
        this.problems = problems;
    }

    private string IndexName => block.Index.File.Name;

    private bool IsFull => problems.Count >= BlockReport.MaxProblems;

    /// <summary>Verifies a block. Only troubles with the store itself throw.</summary>
    /// <param name="ranges">Where from; best with a small cache of its own and reading ahead.</param>
    /// <param name="prefix">What the names of the block's files begin with: <c>…/ULID/</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<BlockReport> VerifyAsync(
        RangeReader ranges,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var problems = new List<CorruptDataException>();
        BlockVerifier? verifier = null;
        try
        {
            var meta = await BlockReader.ReadMetaAsync(ranges.Store, prefix, cancellationToken);
            await CheckFilesAsync(ranges.Store, prefix, meta, problems, cancellationToken);
            if (problems.Count == 0)
            {
                var block = await BlockReader.OpenAsync(ranges, prefix, meta, cancellationToken);
                verifier = new BlockVerifier(block, problems);
                await verifier.CheckSegmentsAsync(ranges, cancellationToken);
                await verifier.CheckSeriesAsync(cancellationToken);
                await verifier.CheckPostingsAsync(cancellationToken);
                verifier.CheckStatistics();
            }
        }
        catch (CorruptDataException e)
        {
            problems.Add(e);
        }
        return new BlockReport(prefix, verifier?.Found() ?? new BlockStatistics(), problems);
    }

    private BlockStatistics Found() =>
        new(floatSamples + histogramSamples, floatSamples, histogramSamples, tally.SeriesCount, chunkCount);

    private static async Task CheckFilesAsync(
        IBlobStore store,
        string prefix,
        BlockMeta meta,
        List<CorruptDataException> problems,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var info in store.ListAsync(prefix, cancellationToken))
        {
            found.Add(info.Name[prefix.Length..], info.LengthBytes);
        }
        foreach (var file in meta.Files)
        {
            if (!found.TryGetValue(file.Path, out var length))
            {
                problems.Add(
                    new CorruptDataException(prefix + file.Path, 0, "meta.json names this file, it is missing")
                );
            }
            else if (file.SizeBytes != length && file.SizeBytes != 0)
            {
                problems.Add(
                    new CorruptDataException(
                        prefix + file.Path,
                        Math.Min(length, file.SizeBytes),
                        $"meta.json says {file.SizeBytes} bytes, the file has {length}"
                    )
                );
            }
        }
    }

    private async Task CheckSegmentsAsync(RangeReader ranges, CancellationToken cancellationToken)
    {
        foreach (var segment in block.Chunks.Segments)
        {
            var length = (int)Math.Min(SegmentFormat.HeaderBytes, segment.LengthBytes);
            var header = await ranges.ReadAsync(segment, 0, length, cancellationToken);
            CheckHeader(header.Span, segment.Name);
        }
    }

    private void CheckHeader(ReadOnlySpan<byte> header, string name)
    {
        var reader = new ByteReader(header, name);
        if (header.Length < SegmentFormat.HeaderBytes || reader.ReadUInt32() != SegmentFormat.Magic)
        {
            Report(name, 0, "this is no chunk segment");
        }
        else if (reader.ReadByte() is var version && version != SegmentFormat.Version)
        {
            Report(name, reader.Offset - 1, $"segment version {version} is not known");
        }
    }

    private async Task CheckSeriesAsync(CancellationToken cancellationToken)
    {
        var all = await block.Index.ReadAllSeriesAsync(cancellationToken);
        var batch = new SeriesBatch();
        for (var first = 0; first < all.Length && !IsFull; first += SeriesPerBatch)
        {
            var count = Math.Min(SeriesPerBatch, all.Length - first);
            await block.Index.ReadSeriesAsync(all.AsMemory(first, count), batch, cancellationToken);
            var places = new List<ChunkPlace>();
            for (var i = 0; i < count; i++)
            {
                CheckLabels(batch.Labels(i), batch.Offset(i));
                CheckPlaces(batch.Chunks(i), batch.Offset(i));
                tally.Add(batch.Reference(i), batch.Labels(i));
                places.AddRange(batch.Chunks(i));
            }
            for (var next = 0; next < places.Count && !IsFull; next += ChunksPerBatch)
            {
                var some = places.GetRange(next, Math.Min(ChunksPerBatch, places.Count - next));
                await CheckChunksAsync(some, cancellationToken);
            }
        }
    }

    private void CheckLabels(ReadOnlySpan<LabelRef> labels, long offset)
    {
        for (var i = 1; i < labels.Length; i++)
        {
            if (labels[i - 1].Name >= labels[i].Name)
            {
                Report(IndexName, offset, "the labels of the series are not in order");
            }
        }
        // Symbols are sorted, which was checked when the index was opened: their order is that of the texts.
        if (tally.SeriesCount > 0 && LabelRef.Compare(last, labels) >= 0)
        {
            Report(IndexName, offset, "the series is not greater than the one before");
        }
        last = labels.ToArray();
    }

    private void CheckPlaces(ReadOnlySpan<ChunkPlace> chunks, long offset)
    {
        if (chunks.Length == 0)
        {
            Report(IndexName, offset, "the series has no chunks");
        }
        for (var i = 0; i < chunks.Length; i++)
        {
            if (i > 0 && chunks[i].MinMs <= chunks[i - 1].MaxMs)
            {
                Report(IndexName, offset, $"chunk {i} of the series overlaps the one before");
            }
            if (chunks[i].MinMs < block.Meta.MinTimeMs || chunks[i].MaxMs >= block.Meta.MaxTimeMs)
            {
                Report(IndexName, offset, $"chunk {i} of the series lies outside the block's range");
            }
        }
    }

    private async Task CheckChunksAsync(List<ChunkPlace> places, CancellationToken cancellationToken)
    {
        var loaded = await block.Chunks.LoadAsync(places, cancellationToken);
        foreach (var place in places)
        {
            chunkCount++;
            try
            {
                CheckChunk(loaded.Get(place), place);
            }
            catch (CorruptDataException e)
            {
                problems.Add(e);
            }
        }
    }

    private void CheckChunk(EncodedChunk chunk, ChunkPlace place)
    {
        var count = chunk.SampleCount;
        if (count == 0)
        {
            throw chunk.Corrupt(0, "the chunk has no samples");
        }
        if (!chunk.IsFloat)
        {
            CheckHistograms(chunk, count, place);
            histogramSamples += count;
            return;
        }
        floatSamples += count;
        var timestamps = ArrayPool<long>.Shared.Rent(count);
        var values = ArrayPool<double>.Shared.Rent(count);
        try
        {
            chunk.DecodeFloats(timestamps, values);
            for (var i = 1; i < count; i++)
            {
                if (timestamps[i] <= timestamps[i - 1])
                {
                    throw chunk.Corrupt(0, $"sample {i} of the chunk is not later than the one before");
                }
            }
            if (timestamps[0] != place.MinMs || timestamps[count - 1] != place.MaxMs)
            {
                throw chunk.Corrupt(0, "the index gives the chunk another time than its samples have");
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(timestamps);
            ArrayPool<double>.Shared.Return(values);
        }
    }

    private static void CheckHistograms(EncodedChunk chunk, int count, ChunkPlace place)
    {
        var samples = new List<HistogramSample>(count);
        HistogramSamples.Append(chunk, new TimeRange(long.MinValue, long.MaxValue), [], samples);
        for (var i = 1; i < count; i++)
        {
            if (samples[i].TimestampMs <= samples[i - 1].TimestampMs)
            {
                throw chunk.Corrupt(0, $"sample {i} of the chunk is not later than the one before");
            }
        }
        if (samples[0].TimestampMs != place.MinMs || samples[^1].TimestampMs != place.MaxMs)
        {
            throw chunk.Corrupt(0, "the index gives the chunk another time than its samples have");
        }
    }

    private async Task CheckPostingsAsync(CancellationToken cancellationToken)
    {
        var expected = tally.Sorted();
        var next = 0;
        foreach (var name in block.Index.LabelNames)
        {
            var values = await block.Index.ScanLabelsAsync(name, "", null, cancellationToken);
            for (var first = 0; first < values.Count && !IsFull; first += SeriesPerBatch)
            {
                var some = values.GetRange(first, Math.Min(SeriesPerBatch, values.Count - first));
                var wanted = expected.GetRange(next, Math.Min(some.Count, expected.Count - next));
                await CheckListsAsync(name, some, wanted, cancellationToken);
                next += wanted.Count;
            }
        }
        if (next < expected.Count && !IsFull)
        {
            Report(IndexName, 0, $"{expected.Count - next} labels have no postings");
        }
    }

    private async Task CheckListsAsync(
        string name,
        List<LabelPostings> lists,
        List<(LabelRef Label, int Count, ulong Sum)> wanted,
        CancellationToken cancellationToken
    )
    {
        var symbols = new SortedSet<uint>(wanted.SelectMany(w => new[] { w.Label.Name, w.Label.Value }));
        var texts = new Dictionary<uint, string>();
        await block.Index.ReadSymbolsAsync([.. symbols], texts, cancellationToken);
        for (var i = 0; i < lists.Count; i++)
        {
            var found = (await block.Index.ReadListsAsync([lists[i]], cancellationToken))[0];
            if (
                i >= wanted.Count
                || texts[wanted[i].Label.Name] != name
                || texts[wanted[i].Label.Value] != lists[i].Value
                || wanted[i].Count != found.Length
                || wanted[i].Sum != PostingsTally.SumOf(found)
            )
            {
                Report(IndexName, lists[i].OffsetBytes, $"the postings of {name}=\"{lists[i].Value}\" are wrong");
            }
        }
    }

    private void CheckStatistics()
    {
        var (stated, found) = (block.Meta.Statistics, Found());
        if (
            problems.Count == 0
            && (stated.Series != found.Series || stated.Chunks != found.Chunks || stated.Samples != found.Samples)
        )
        {
            Report(
                block.Prefix + BlockPaths.Meta,
                0,
                $"meta.json says {stated.Series} series, {stated.Chunks} chunks, {stated.Samples} samples; there are "
                    + $"{found.Series}, {found.Chunks}, {found.Samples}"
            );
        }
    }

    private void Report(string name, long offset, string problem)
    {
        if (!IsFull)
        {
            problems.Add(new CorruptDataException(name, offset, problem));
        }
    }
}
