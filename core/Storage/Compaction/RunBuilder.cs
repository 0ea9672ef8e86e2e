using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;

namespace Tributary.Storage.Compaction;

/// <summary>Turns columns, as the log has them, into chunks by series; what does not fit into memory goes into sorted runs on disk.</summary>
/// <remarks>
/// It takes a range of series that are known by their places in the order of labels. A sample that is not later than the
/// last one of its series begins another chunk, which overlaps; <see cref="ChunkMerger"/> puts them together. So nothing is
/// ever decoded here.
/// </remarks>
internal sealed class RunBuilder : IDisposable
{
    /// <summary>A finished chunk in memory besides its bytes.</summary>
    private const int ChunkOverheadBytes = 80;

    /// <summary>The growing chunk of a series without its content: state, an array's head, and room that is not used yet.</summary>
    private const int SeriesBytes = 128;

    /// <summary>Room for the content of a growing chunk, with which runs are long enough to be worth it.</summary>
    private const int ContentBytes = 64;

    /// <summary>Growing chunks keep their memory from run to run, up to so much.</summary>
    private const int KeptBytes = 256;

    private readonly CompactionOptions options;
    private readonly int first;
    private readonly long contentBytes;
    private readonly Dictionary<int, HistogramChunkBuilder> histograms = [];
    private readonly List<RunFile> files = [];
    private readonly List<Chunk> chunks = [];
    private readonly XorChunkBuilder[] growing;
    private readonly int[] lastChunk;
    private long usedBytes;

    /// <summary>Without any sample.</summary>
    /// <param name="first">The place of the first series.</param>
    /// <param name="count">How many series; see <see cref="MostSeries"/>.</param>
    /// <param name="memoryBytes">How much all of it may take.</param>
    /// <param name="options">Where the runs go.</param>
    public RunBuilder(int first, int count, long memoryBytes, CompactionOptions options)
    {
        this.first = first;
        this.options = options;
        contentBytes = Math.Max(memoryBytes - (count * (long)SeriesBytes), 0);
        growing = new XorChunkBuilder[count];
        lastChunk = new int[count];
        lastChunk.AsSpan().Fill(-1);
    }

    /// <summary>Bytes in temporary files.</summary>
    public long TemporaryBytes => files.Sum(file => file.LengthBytes);

    /// <summary>How many series fit well into some memory.</summary>
    public static int MostSeries(long memoryBytes) =>
        (int)Math.Clamp(memoryBytes / (SeriesBytes + ContentBytes), 1, 1 << 30);

    /// <summary>Adds the samples of columns, as far as they are of its series.</summary>
    /// <param name="columns">The samples; the numbers of their series are places in the order of labels.</param>
    /// <param name="file">The log file.</param>
    /// <param name="deleted">What does not count any more.</param>
    public void Append(SampleColumns columns, LogFileName file, DeletedSeries deleted)
    {
        var timestamps = columns.TimestampsMs.Span;
        var values = columns.Values.Span;
        var others = columns.Histograms.Span;
        var places = columns.Series.Numbers;
        for (var i = 0; i < places.Length; i++)
        {
            var id = places[i] - first;
            if ((uint)id >= (uint)growing.Length || (!deleted.IsEmpty && deleted.Has(file, places[i], timestamps[i])))
            {
                continue;
            }
            if (!others.IsEmpty && others[i] is { } histogram)
            {
                Append(id, timestamps[i], histogram);
            }
            else
            {
                Append(id, timestamps[i], values[i]);
            }
        }
        if (usedBytes > contentBytes)
        {
            Spill();
        }
    }

    /// <summary>Hands the chunks of the next series to a merger; to be called for each in order, when all samples are there.</summary>
    /// <param name="id">Counted from the first series of the range.</param>
    /// <param name="merger">Receives them.</param>
    public void Take(int id, ChunkMerger merger)
    {
        foreach (var file in files)
        {
            file.Take(id, merger);
        }
        for (var at = lastChunk[id]; at >= 0; at = chunks[at].Before)
        {
            var chunk = chunks[at];
            merger.Add(0, chunk.MinMs, chunk.MaxMs, chunk.Encoding, chunk.Bytes);
        }
        ref var floats = ref growing[id];
        if (floats.Count > 0)
        {
            merger.Add(0, floats.MinMs, floats.MaxMs, ChunkEncoding.Xor, floats.Bytes);
        }
        if (histograms.Count > 0 && histograms.TryGetValue(id, out var others) && others.Count > 0)
        {
            merger.Add(0, others.MinMs, others.MaxMs, others.Encoding, others.Bytes);
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
                var (minMs, maxMs) = (chunk.MinMs, chunk.MaxMs);
                usedBytes -= chunk.ByteCount;
                Add(id, minMs, maxMs, ChunkEncoding.Xor, chunk.Cut());
            }
        }
        var before = chunk.ByteCount;
        chunk.Append(timestampMs, value);
        usedBytes += chunk.ByteCount - before;
    }

    private void Append(int id, long timestampMs, Histogram value)
    {
        var before = 0L;
        if (histograms.TryGetValue(id, out var builder))
        {
            before = builder.MemoryBytes;
        }
        else
        {
            histograms.Add(id, builder = new HistogramChunkBuilder());
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
        usedBytes += builder.MemoryBytes - before;
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

    /// <summary>Writes all chunks to a file, series by series.</summary>
    private void Spill()
    {
        var room = options.MaxTemporaryBytes - TemporaryBytes;
        var file = new RunFile(options.Folder, room ?? long.MaxValue);
        files.Add(file);
        for (var id = 0; id < growing.Length; id++)
        {
            ref var floats = ref growing[id];
            var others = histograms.Count > 0 ? histograms.GetValueOrDefault(id) : null;
            var count = (floats.Count > 0 ? 1 : 0) + (others is { Count: > 0 } ? 1 : 0);
            for (var at = lastChunk[id]; at >= 0; at = chunks[at].Before)
            {
                count++;
            }
            if (count == 0)
            {
                continue;
            }
            file.BeginSeries(id, count);
            for (var at = lastChunk[id]; at >= 0; at = chunks[at].Before)
            {
                var chunk = chunks[at];
                file.Write(chunk.MinMs, chunk.MaxMs, chunk.Encoding, chunk.Bytes);
            }
            if (floats.Count > 0)
            {
                file.Write(floats.MinMs, floats.MaxMs, ChunkEncoding.Xor, floats.Bytes);
                floats.Restart(KeptBytes);
            }
            if (others is { Count: > 0 })
            {
                file.Write(others.MinMs, others.MaxMs, others.Encoding, others.Bytes);
            }
        }
        file.EndWriting();
        chunks.Clear();
        histograms.Clear();
        lastChunk.AsSpan().Fill(-1);
        usedBytes = 0;
    }

    /// <summary>A finished chunk.</summary>
    /// <param name="MinMs">Time of its first sample.</param>
    /// <param name="MaxMs">Time of its last sample.</param>
    /// <param name="Encoding">How it is encoded.</param>
    /// <param name="Bytes">The encoded samples.</param>
    /// <param name="Before">Where the series' chunk before it is; −1 without one.</param>
    private readonly record struct Chunk(long MinMs, long MaxMs, ChunkEncoding Encoding, byte[] Bytes, int Before);
}
