using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;

namespace Tributary.Storage.Compaction;

/// <summary>Turns columns, as the log has them, into chunks by series; what does not fit into memory goes into sorted runs on disk.</summary>
/// <remarks>
/// A sample that is not later than the last one of its series begins another chunk, which overlaps; <see cref="ChunkMerger"/>
/// puts them together. So nothing is ever decoded here.
/// </remarks>
internal sealed class RunBuilder : IDisposable
{
    /// <summary>A chunk in memory besides its bytes, and what the growing chunk of a series takes.</summary>
    private const int ChunkOverheadBytes = 64;
    private const int SeriesOverheadBytes = 96;
    private const long ManyPositions = 1024 * 1024;

    private readonly CompactionOptions options;
    private readonly long memoryBytes;
    private readonly Dictionary<LabelSet, int> numbers = [];
    private readonly List<LabelSet> series = [];
    private readonly Dictionary<SeriesList, int[]> resolved = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<int, HistogramChunkBuilder> histograms = [];
    private readonly List<RunFile> files = [];
    private readonly List<Chunk> chunks = [];
    private XorChunkBuilder[] growing = [];
    private int[] lastChunk = [];
    private int[] order = [];
    private long resolvedPositions;
    private long usedBytes;

    /// <summary>Without any series.</summary>
    /// <param name="memoryBytes">How much the chunks may take; series and their labels come on top.</param>
    /// <param name="options">Where the runs go.</param>
    public RunBuilder(long memoryBytes, CompactionOptions options)
    {
        this.memoryBytes = memoryBytes;
        this.options = options;
    }

    /// <summary>Samples so far.</summary>
    public long Samples { get; private set; }

    /// <summary>The series, by number.</summary>
    public IReadOnlyList<LabelSet> Series => series;

    /// <summary>Bytes in temporary files.</summary>
    public long TemporaryBytes => files.Sum(file => file.LengthBytes);

    /// <summary>Adds the samples of columns.</summary>
    /// <param name="columns">The samples.</param>
    /// <param name="deletes">Those that do not count any more.</param>
    public void Append(SampleColumns columns, SeriesDeletes deletes)
    {
        var timestamps = columns.TimestampsMs.Span;
        var values = columns.Values.Span;
        var others = columns.Histograms.Span;
        var ids = Resolve(columns.Series);
        for (var i = 0; i < ids.Length; i++)
        {
            if (!deletes.IsEmpty && deletes.Has(columns.Series[i], timestamps[i]))
            {
                continue;
            }
            if (!others.IsEmpty && others[i] is { } histogram)
            {
                Append(ids[i], timestamps[i], histogram);
            }
            else
            {
                Append(ids[i], timestamps[i], values[i]);
            }
        }
        Samples += ids.Length;
        if (usedBytes > memoryBytes)
        {
            Spill();
        }
    }

    /// <summary>The numbers of all series in the order of their labels; nothing can be added after that.</summary>
    public ReadOnlySpan<int> Finish()
    {
        if (files.Count > 0)
        {
            Spill();
        }
        else
        {
            EndChunks();
            Sort();
        }
        return order;
    }

    /// <summary>Hands the chunks of the next series to a merger; to be called for each in the order of <see cref="Finish"/>.</summary>
    public void Take(int number, ChunkMerger merger)
    {
        foreach (var file in files)
        {
            file.Take(number, merger);
        }
        if (files.Count == 0)
        {
            for (var at = lastChunk[number]; at >= 0; at = chunks[at].Before)
            {
                var chunk = chunks[at];
                merger.Add(0, chunk.MinMs, chunk.MaxMs, chunk.Encoding, chunk.Bytes);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => files.ForEach(file => file.Dispose());

    private void Append(int id, long timestampMs, double value)
    {
        ref var chunk = ref growing[id];
        if (chunk.Count > 0)
        {
            if (timestampMs == chunk.MaxMs && SampleRule.Same(value, chunk.LastValue))
            {
                return;
            }
            if (timestampMs <= chunk.MaxMs || chunk.IsFull)
            {
                Cut(id, ref chunk);
            }
        }
        var before = chunk.CapacityBytes;
        chunk.Append(timestampMs, value);
        usedBytes += chunk.CapacityBytes - before;
    }

    private void Append(int id, long timestampMs, Histogram value)
    {
        if (!histograms.TryGetValue(id, out var builder))
        {
            histograms.Add(id, builder = new HistogramChunkBuilder());
            usedBytes += HistogramChunkBuilder.TargetBytes;
        }
        if (builder.Count > 0 && timestampMs <= builder.MaxMs)
        {
            Cut(id, builder);
            builder.Forget();
        }
        if (!builder.TryAppend(timestampMs, value))
        {
            Cut(id, builder);
            builder.TryAppend(timestampMs, value);
        }
    }

    private void Cut(int id, ref XorChunkBuilder chunk)
    {
        var (minMs, maxMs) = (chunk.MinMs, chunk.MaxMs);
        Add(id, minMs, maxMs, ChunkEncoding.Xor, chunk.Cut());
    }

    private void Cut(int id, HistogramChunkBuilder chunk)
    {
        var (minMs, maxMs, encoding) = (chunk.MinMs, chunk.MaxMs, chunk.Encoding);
        Add(id, minMs, maxMs, encoding, chunk.Cut());
    }

    private void Add(int id, long minMs, long maxMs, ChunkEncoding encoding, byte[] bytes)
    {
        chunks.Add(new Chunk(minMs, maxMs, encoding, bytes, lastChunk[id]));
        lastChunk[id] = chunks.Count - 1;
        usedBytes += bytes.Length + ChunkOverheadBytes;
    }

    private void EndChunks()
    {
        for (var id = 0; id < series.Count; id++)
        {
            if (growing[id].Count > 0)
            {
                Cut(id, ref growing[id]);
            }
        }
        foreach (var (id, builder) in histograms)
        {
            if (builder.Count > 0)
            {
                Cut(id, builder);
            }
        }
    }

    /// <summary>Writes all chunks to a file, series by series in the order of their labels.</summary>
    private void Spill()
    {
        EndChunks();
        Sort();
        var room = options.MaxTemporaryBytes - TemporaryBytes;
        var file = new RunFile(options.Folder, room ?? long.MaxValue);
        files.Add(file);
        var ofSeries = new List<Chunk>();
        foreach (var id in order)
        {
            ofSeries.Clear();
            for (var at = lastChunk[id]; at >= 0; at = chunks[at].Before)
            {
                ofSeries.Add(chunks[at]);
            }
            if (ofSeries.Count > 0)
            {
                file.Write(id, CollectionsMarshal.AsSpan(ofSeries));
            }
        }
        file.EndWriting();
        chunks.Clear();
        histograms.Clear();
        growing.AsSpan().Clear();
        lastChunk.AsSpan().Fill(-1);
        usedBytes = 0;
    }

    /// <summary>Brings the numbers into the order of their labels; those that were sorted before only have to be merged.</summary>
    private void Sort()
    {
        var sorted = order.Length;
        if (sorted == series.Count)
        {
            return;
        }
        var added = Enumerable.Range(sorted, series.Count - sorted).ToArray();
        Array.Sort(added, (a, b) => series[a].CompareTo(series[b]));
        var merged = new int[series.Count];
        for (int i = 0, left = 0, right = 0; i < merged.Length; i++)
        {
            var takesLeft =
                right == added.Length || (left < sorted && series[order[left]].CompareTo(series[added[right]]) < 0);
            merged[i] = takesLeft ? order[left++] : added[right++];
        }
        order = merged;
    }

    /// <summary>The numbers of a list's series; looked up once per list.</summary>
    private int[] Resolve(SeriesList list)
    {
        if (resolved.TryGetValue(list, out var known))
        {
            return known;
        }
        var ids = new int[list.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = NumberOf(list[i]);
        }
        // Lists that are over cannot be told from those that are not: forget all, now and then.
        if (resolvedPositions > ManyPositions + (series.Count * 2L))
        {
            resolved.Clear();
            resolvedPositions = 0;
        }
        resolved.Add(list, ids);
        resolvedPositions += ids.Length;
        return ids;
    }

    private int NumberOf(LabelSet labels)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, labels, out var exists);
        if (!exists)
        {
            number = series.Count;
            series.Add(labels);
            if (number == growing.Length)
            {
                var size = Math.Max(1024, number * 2);
                Array.Resize(ref growing, size);
                Array.Resize(ref lastChunk, size);
                lastChunk.AsSpan(number).Fill(-1);
            }
            usedBytes += SeriesOverheadBytes;
        }
        return number;
    }

    /// <summary>A finished chunk.</summary>
    /// <param name="MinMs">Time of its first sample.</param>
    /// <param name="MaxMs">Time of its last sample.</param>
    /// <param name="Encoding">How it is encoded.</param>
    /// <param name="Bytes">The encoded samples.</param>
    /// <param name="Before">Where the series' chunk before it is; −1 without one.</param>
    internal readonly record struct Chunk(long MinMs, long MaxMs, ChunkEncoding Encoding, byte[] Bytes, int Before);
}
