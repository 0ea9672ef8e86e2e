using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;

namespace Tributary.Storage.Blocks;

/// <summary>Reads a block by ranges: selects series, reads chunks, lists label names and values.</summary>
/// <remarks>
/// Immutable after opening and safe for several threads. Everything that is damaged is a
/// <see cref="CorruptDataException"/> with blob and offset; a block that is gone is a <see cref="StoreException"/>.
/// </remarks>
internal sealed class BlockReader
{
    private const int SeriesPerBatch = 1024;

    /// <summary>
    /// Blocks of so little time are asked most and are a small part of a store: of these an index of medium size is read whole,
    /// because five requests cost more than its bytes.
    /// </summary>
    private const long ShortMs = 6 * 3_600_000;

    /// <summary>The index of such a block that is read whole.</summary>
    private const int ShortIndexBytes = 2 * 1024 * 1024;

    private readonly BlockSeriesCache cache;
    private readonly BlockLabels added = BlockLabels.None;

    private BlockReader(
        string prefix,
        BlockMeta meta,
        IndexReader index,
        ChunkReader chunks,
        Tombstones tombstones,
        BlockSeriesCache cache
    )
    {
        this.cache = cache;
        Prefix = prefix;
        Meta = meta;
        Index = index;
        Chunks = chunks;
        Tombstones = tombstones;
    }

    private BlockReader(BlockReader other, BlockLabels added)
        : this(other.Prefix, other.Meta, other.Index, other.Chunks, other.Tombstones, other.cache) =>
        this.added = added;

    /// <summary>The same block, whose series have further labels. Their order is that of their own labels then.</summary>
    public BlockReader With(BlockLabels labels) => new(this, labels);

    /// <summary>Whether series come in the order of their labels.</summary>
    public bool IsOrdered => added.IsEmpty;

    /// <summary>What the names of its files begin with.</summary>
    public string Prefix { get; }

    /// <summary>Its <c>meta.json</c>.</summary>
    public BlockMeta Meta { get; }

    /// <summary>Its index.</summary>
    public IndexReader Index { get; }

    /// <summary>Its chunks.</summary>
    public ChunkReader Chunks { get; }

    /// <summary>What Prometheus deleted in it.</summary>
    public Tombstones Tombstones { get; }

    /// <summary>Opens a block of which nothing is known.</summary>
    /// <param name="ranges">Where from.</param>
    /// <param name="prefix">What the names of its files begin with: <c>…/ULID/</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BlockReader> OpenAsync(
        RangeReader ranges,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var meta = await ReadMetaAsync(ranges.Store, prefix, cancellationToken);
        return await OpenAsync(ranges, prefix, meta, cancellationToken);
    }

    /// <summary>Opens a block whose <c>meta.json</c> is known.</summary>
    /// <param name="ranges">Where from.</param>
    /// <param name="prefix">What the names of its files begin with.</param>
    /// <param name="meta">Its <c>meta.json</c>, or what of it is known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="cache">Keeps decoded series; null keeps none.</param>
    public static async Task<BlockReader> OpenAsync(
        RangeReader ranges,
        string prefix,
        BlockMeta meta,
        CancellationToken cancellationToken,
        SeriesCache? cache = null
    )
    {
        var files = await FilesAsync(ranges.Store, prefix, meta, cancellationToken);
        if (!files.TryGetValue(BlockPaths.Index, out var indexFile))
        {
            throw new CorruptDataException(prefix + BlockPaths.Meta, 0, "the block has no index");
        }
        var wholeBytes = meta.MaxTimeMs - meta.MinTimeMs <= ShortMs ? ShortIndexBytes : IndexReader.WholeBytes;
        var index = await IndexReader.OpenAsync(ranges, indexFile, cancellationToken, wholeBytes);
        var segments = files
            .Where(file => IsSegment(file.Key))
            .OrderBy(file => file.Key, StringComparer.Ordinal)
            .Select(file => file.Value);
        var tombstones = Tombstones.None;
        if (files.TryGetValue(BlockPaths.Tombstones, out var stones) && stones.LengthBytes != Tombstones.MinBytes)
        {
            tombstones = await ReadTombstonesAsync(ranges, stones, cancellationToken);
        }
        return new BlockReader(
            prefix,
            meta,
            index,
            new ChunkReader(ranges, [.. segments], prefix),
            tombstones,
            (cache ?? new SeriesCache(0)).NewBlock()
        );
    }

    /// <summary>Reads a block's <c>meta.json</c>.</summary>
    /// <exception cref="StoreException">NotFound: there is no such block, or not a whole one.</exception>
    public static async Task<BlockMeta> ReadMetaAsync(
        IBlobStore store,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var name = prefix + BlockPaths.Meta;
        var bytes = new byte[64 * 1024];
        var length = await store.ReadAsync(name, 0, bytes, null, cancellationToken);
        while (length == bytes.Length)
        {
            if (length >= BlockMetaJson.MaxBytes)
            {
                throw new CorruptDataException(
                    name,
                    length,
                    $"meta.json is larger than {BlockMetaJson.MaxBytes} bytes"
                );
            }
            Array.Resize(ref bytes, length * 2);
            length += await store.ReadAsync(name, length, bytes.AsMemory(length), null, cancellationToken);
        }
        var meta = BlockMetaJson.Read(bytes.AsMemory(0, length), name);
        return prefix.EndsWith($"{meta.Ulid}/", StringComparison.Ordinal)
            ? meta
            : throw new CorruptDataException(name, 0, $"this is the meta.json of another block, {meta.Ulid}");
    }

    /// <summary>The series that satisfy all matchers and have chunks in a range, in the order of their labels.</summary>
    public async IAsyncEnumerable<BlockSeries> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (range.MinMs >= Meta.MaxTimeMs || range.MaxMs < Meta.MinTimeMs || added.Rewrite(matchers) is not { } own)
        {
            yield break;
        }
        var (references, rest) = await PostingsSelection.SelectAsync(Index, own, cancellationToken);
        var decoder = new LabelDecoder(Index, cache.Table);
        var batch = new SeriesBatch();
        var known = new BlockSeries?[SeriesPerBatch];
        for (var first = 0; first < references.Length; first += SeriesPerBatch)
        {
            var wanted = references.AsMemory(first, Math.Min(SeriesPerBatch, references.Length - first));
            if (!cache.Find(wanted.Span, known))
            {
                decoder.ForgetSome();
                await DecodeAsync(wanted, known, range, decoder, batch, cancellationToken);
            }
            for (var i = 0; i < wanted.Length; i++)
            {
                if (known[i] is { } series && Matches(rest, series.Labels) && Within(series, range) is { } selected)
                {
                    yield return selected;
                }
            }
        }
    }

    /// <summary>The float samples of a selected series in a range, in time order, without those that were deleted.</summary>
    /// <exception cref="CorruptDataException">A chunk is damaged, or holds histograms.</exception>
    public async ValueTask<List<Sample>> ReadFloatsAsync(
        BlockSeries series,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        var loaded = await Chunks.LoadAsync(series.Chunks, cancellationToken);
        var samples = new List<Sample>();
        foreach (var place in series.Chunks)
        {
            FloatSamples.Append(loaded.Get(place), range, series.Deleted, samples);
        }
        return samples;
    }

    /// <summary>The samples of a selected series in a range, in time order, without those that were deleted.</summary>
    /// <param name="series">The series; its deleted ranges are left out.</param>
    /// <param name="loaded">All its chunks.</param>
    /// <param name="range">The time.</param>
    /// <exception cref="CorruptDataException">A chunk is damaged.</exception>
    public static SelectedSeries Decode(BlockSeries series, LoadedChunks loaded, TimeRange range)
    {
        var samples = new List<Sample>();
        List<HistogramSample>? histograms = null;
        foreach (var place in series.Chunks)
        {
            var chunk = loaded.Get(place);
            if (chunk.IsFloat)
            {
                FloatSamples.Append(chunk, range, series.Deleted, samples);
            }
            else
            {
                HistogramSamples.Append(chunk, range, series.Deleted, histograms ??= []);
            }
        }
        return new SelectedSeries(series.Labels, samples) { Histograms = histograms ?? [] };
    }

    /// <summary>Forgets the series that were decoded.</summary>
    public void Forget() => cache.Forget();

    /// <summary>The label names of the series that satisfy all matchers, in the order of their bytes.</summary>
    public async ValueTask<IReadOnlyList<string>> LabelNamesAsync(
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken
    )
    {
        if (added.Rewrite(matchers) is not { } own)
        {
            return [];
        }
        if (own.Count == 0)
        {
            return IsOrdered ? Index.LabelNames : Sorted(Index.LabelNames.Concat(added.Names));
        }
        var names = new HashSet<uint>();
        var decoder = await VisitAsync(
            own,
            labels =>
            {
                foreach (var label in labels)
                {
                    names.Add(label.Name);
                }
            },
            cancellationToken
        );
        return Sorted(names.Select(decoder.Text).Concat(names.Count > 0 ? added.Names : []));
    }

    /// <summary>The values of a label among the series that satisfy all matchers, in the order of their bytes.</summary>
    public async ValueTask<IReadOnlyList<string>> LabelValuesAsync(
        string name,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken
    )
    {
        if (added.Rewrite(matchers) is not { } own)
        {
            return [];
        }
        if (added.ValueOf(name) is { } value)
        {
            return own.Count == 0 || (await LabelNamesAsync(own, cancellationToken)).Count > 0 ? [value] : [];
        }
        if (own.All(matcher => string.Equals(matcher.Name, name, StringComparison.Ordinal)))
        {
            // The values alone tell: no series is read.
            Func<string, bool>? condition = own.Count == 0 ? null : value => own.All(m => m.Matches(value));
            var found = await Index.ScanLabelsAsync(name, "", condition, cancellationToken);
            return [.. found.Select(label => label.Value)];
        }
        var all = new HashSet<LabelRef>();
        var decoder = await VisitAsync(
            own,
            labels =>
            {
                foreach (var label in labels)
                {
                    all.Add(label);
                }
            },
            cancellationToken
        );
        return Sorted(all.Where(label => decoder.Text(label.Name) == name).Select(label => decoder.Text(label.Value)));
    }

    private static List<string> Sorted(IEnumerable<string> texts)
    {
        var sorted = texts.Distinct(StringComparer.Ordinal).ToList();
        sorted.Sort(Utf8Order.Compare);
        return sorted;
    }

    private static async Task<Dictionary<string, BlobFile>> FilesAsync(
        IBlobStore store,
        string prefix,
        BlockMeta meta,
        CancellationToken cancellationToken
    )
    {
        var files = new Dictionary<string, BlobFile>(StringComparer.Ordinal);
        var isListed = meta.Files.Any(file => file is { Path: BlockPaths.Index, SizeBytes: > 0 });
        foreach (var file in isListed ? meta.Files : [])
        {
            if (!files.TryAdd(file.Path, new BlobFile(prefix + file.Path, file.SizeBytes)))
            {
                throw new CorruptDataException(prefix + BlockPaths.Meta, 0, $"'{file.Path}' is named twice");
            }
        }
        if (!isListed)
        {
            await foreach (var info in store.ListAsync(prefix, cancellationToken))
            {
                files.Add(info.Name[prefix.Length..], new BlobFile(info.Name, info.LengthBytes));
            }
        }
        return files;
    }

    private static bool IsSegment(string path) =>
        path.StartsWith(BlockPaths.Chunks, StringComparison.Ordinal)
        && path.Length > BlockPaths.Chunks.Length
        && path.AsSpan(BlockPaths.Chunks.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    private static async Task<Tombstones> ReadTombstonesAsync(
        RangeReader ranges,
        BlobFile file,
        CancellationToken cancellationToken
    )
    {
        if (file.LengthBytes > Tombstones.MaxBytes)
        {
            throw new CorruptDataException(file.Name, 0, $"tombstones above {Tombstones.MaxBytes} bytes are not read");
        }
        var bytes = await ranges.ReadAsync(file, 0, (int)file.LengthBytes, cancellationToken);
        return Tombstones.Read(bytes.Span, file.Name);
    }

    private static bool HasChunk(ReadOnlySpan<ChunkPlace> chunks, TimeRange range)
    {
        foreach (var chunk in chunks)
        {
            if (range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>A series with its chunks of a range; null when it has none.</summary>
    private static BlockSeries? Within(BlockSeries series, TimeRange range)
    {
        var (first, end) = (0, series.Chunks.Count);
        while (first < end && series.Chunks[first].MaxMs < range.MinMs)
        {
            first++;
        }
        while (first < end && series.Chunks[end - 1].MinMs > range.MaxMs)
        {
            end--;
        }
        return first == end ? null
            : end - first == series.Chunks.Count ? series
            : series with { Chunks = new ArraySegment<ChunkPlace>((ChunkPlace[])series.Chunks, first, end - first) };
    }

    private static bool Matches(IReadOnlyList<LabelMatcher> matchers, LabelSet labels)
    {
        for (var i = 0; i < matchers.Count; i++)
        {
            if (!matchers[i].Matches(labels))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Reads those of some series that are not known and have chunks in a range.</summary>
    private async ValueTask DecodeAsync(
        ReadOnlyMemory<uint> wanted,
        BlockSeries?[] known,
        TimeRange range,
        LabelDecoder decoder,
        SeriesBatch batch,
        CancellationToken cancellationToken
    )
    {
        var missing = new List<int>();
        for (var i = 0; i < wanted.Length; i++)
        {
            if (known[i] is null)
            {
                missing.Add(i);
            }
        }
        var references = missing.ConvertAll(i => wanted.Span[i]).ToArray();
        await Index.ReadSeriesAsync(references, batch, cancellationToken);
        for (var i = 0; i < references.Length; i++)
        {
            if (HasChunk(batch.Chunks(i), range))
            {
                decoder.Want(batch.Labels(i));
            }
        }
        await decoder.LoadAsync(cancellationToken);
        var decoded = new List<(uint, BlockSeries)>(references.Length);
        for (var i = 0; i < references.Length; i++)
        {
            if (HasChunk(batch.Chunks(i), range))
            {
                var labels = added.Extend(decoder.Decode(batch.Labels(i), batch.Offset(i)));
                var series = new BlockSeries(labels, batch.Chunks(i).ToArray(), Tombstones.Of(references[i]));
                known[missing[i]] = series;
                decoded.Add((references[i], series));
            }
        }
        cache.Add(decoded);
    }

    /// <summary>Hands the labels of all series that satisfy matchers to an action; returns who knows their texts.</summary>
    private async ValueTask<LabelDecoder> VisitAsync(
        IReadOnlyList<LabelMatcher> matchers,
        LabelAction action,
        CancellationToken cancellationToken
    )
    {
        var (references, rest) = await PostingsSelection.SelectAsync(Index, matchers, cancellationToken);
        var decoder = new LabelDecoder(Index, cache.Table);
        var batch = new SeriesBatch();
        for (var first = 0; first < references.Length; first += SeriesPerBatch)
        {
            var count = Math.Min(SeriesPerBatch, references.Length - first);
            await Index.ReadSeriesAsync(references.AsMemory(first, count), batch, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                decoder.Want(batch.Labels(i));
            }
            await decoder.LoadAsync(cancellationToken);
            for (var i = 0; i < count; i++)
            {
                if (rest.Count > 0)
                {
                    var labels = decoder.Decode(batch.Labels(i), batch.Offset(i));
                    if (!rest.All(matcher => matcher.Matches(labels)))
                    {
                        continue;
                    }
                }
                action(batch.Labels(i));
            }
        }
        return decoder;
    }

    private delegate void LabelAction(ReadOnlySpan<LabelRef> labels);
}
