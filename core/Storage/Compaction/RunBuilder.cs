using System.Buffers.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;

namespace Tributary.Storage.Compaction;

/// <summary>Turns columns, as the log has them, into chunks by series; what does not fit into memory goes into sorted runs on disk.</summary>
/// <remarks>
/// It takes a range of series that are known by their places in the order of labels. A sample that is not later than the
/// last one of its series begins another chunk, which overlaps; <see cref="ChunkMerger"/> puts them together. So nothing is
/// ever decoded here. Its memory is taken once, and used again from run to run and from range to range.
/// </remarks>
/// <param name="memoryBytes">How much all of it may take.</param>
internal sealed class RunBuilder(long memoryBytes) : IDisposable
{
    /// <summary>The end of a growing chunk; what was before it is in pieces.</summary>
    private const int TailBytes = 64;

    /// <summary>A series without the content of its chunks: the growing chunk, its end, and where the finished ones are.</summary>
    private const int SeriesBytes = 48 + TailBytes + sizeof(int);

    /// <summary>Room for the content of a growing chunk, with which runs are long enough to be worth it.</summary>
    private const int ContentBytes = 72;

    /// <summary>A finished chunk besides its bytes, in a list that doubles.</summary>
    private const int ChunkBytes = 64;

    private readonly Dictionary<int, HistogramChunkBuilder> histograms = [];
    private readonly List<RunFile> files = [];
    private readonly List<Chunk> chunks = [];
    private readonly ChunkPieces pieces = new();
    private CompactionOptions options = new();
    private Growing[] growing = [];
    private byte[] tails = [];
    private int[] lastChunk = [];
    private byte[] buffer = new byte[XorChunkBuilder.MaxBytes + TailBytes];
    private int first;
    private int count;
    private long contentBytes;
    private long histogramBytes;

    /// <summary>Bytes in temporary files.</summary>
    public long TemporaryBytes => files.Sum(file => file.LengthBytes);

    private long UsedBytes => pieces.UsedBytes + (chunks.Count * (long)ChunkBytes) + histogramBytes;

    /// <summary>How many series fit well into some memory.</summary>
    public static int MostSeries(long memoryBytes) =>
        (int)Math.Clamp(memoryBytes / (SeriesBytes + ContentBytes), 1, Array.MaxLength / TailBytes);

    /// <summary>Forgets all, and begins with a range of series.</summary>
    /// <param name="firstSeries">The place of the first series.</param>
    /// <param name="series">How many series; see <see cref="MostSeries"/>.</param>
    /// <param name="room">Where the runs go.</param>
    public void Begin(int firstSeries, int series, CompactionOptions room)
    {
        Dispose();
        files.Clear();
        (first, count, options) = (firstSeries, series, room);
        contentBytes = Math.Clamp(memoryBytes - (series * (long)SeriesBytes), 0, ChunkPieces.MaxBytes / 2);
        if (growing.Length < series)
        {
            growing = new Growing[series];
            tails = new byte[series * TailBytes];
            lastChunk = new int[series];
        }
        Clear();
    }

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
            if ((uint)id >= (uint)count || (!deleted.IsEmpty && deleted.Has(file, places[i], timestamps[i])))
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
        if (UsedBytes > contentBytes)
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
        for (var at = lastChunk[id]; at > 0; at = chunks[at - 1].Before)
        {
            var chunk = chunks[at - 1];
            merger.Add(0, chunk.MinMs, chunk.MaxMs, chunk.Encoding, BytesOf(chunk));
        }
        ref var floats = ref growing[id];
        if (floats.State.Count > 0)
        {
            merger.Add(0, floats.State.MinMs, floats.State.MaxMs, ChunkEncoding.Xor, BytesOf(id, ref floats));
        }
        if (histograms.Count > 0 && histograms.TryGetValue(id, out var others) && others.Count > 0)
        {
            merger.Add(0, others.MinMs, others.MaxMs, others.Encoding, others.Bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => files.ForEach(file => file.Dispose());

    private Span<byte> TailOf(int id) => tails.AsSpan(id * TailBytes, TailBytes);

    private void Append(int id, long timestampMs, double value)
    {
        ref var chunk = ref growing[id];
        var tail = TailOf(id);
        if (chunk.State.Count > 0)
        {
            if (timestampMs == chunk.State.MaxMs && SampleRule.Same(value, chunk.State.LastValue))
            {
                return;
            }
            if (timestampMs <= chunk.State.MaxMs || chunk.IsFull)
            {
                Finish(id, ref chunk, tail);
            }
            else if ((chunk.State.Bits >> 3) + XorChunkState.MostSampleBytes > TailBytes)
            {
                Move(ref chunk, tail);
            }
        }
        chunk.State.Append(tail, timestampMs, value);
    }

    /// <summary>Makes room: the whole bytes of the end become a piece.</summary>
    private void Move(ref Growing chunk, Span<byte> tail)
    {
        var whole = chunk.State.Bits >> 3;
        chunk.LastPiece = pieces.Add(chunk.LastPiece, tail[..whole]);
        chunk.MovedBytes += (ushort)whole;
        chunk.State.Drop(whole);
        var rest = tail[whole];
        tail.Clear();
        tail[0] = rest;
    }

    private void Finish(int id, ref Growing chunk, Span<byte> tail)
    {
        var last = pieces.Add(chunk.LastPiece, tail[..chunk.TailBytes]);
        var (minMs, maxMs, samples) = (chunk.State.MinMs, chunk.State.MaxMs, chunk.State.Count);
        Add(id, new Chunk(minMs, maxMs, ChunkEncoding.Xor, last, chunk.Bytes, samples, lastChunk[id]));
        chunk = default;
        tail.Clear();
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
        histogramBytes += builder.MemoryBytes - before;
    }

    private void Cut(int id, HistogramChunkBuilder chunk)
    {
        var (minMs, maxMs, encoding) = (chunk.MinMs, chunk.MaxMs, chunk.Encoding);
        var bytes = chunk.Cut();
        Add(id, new Chunk(minMs, maxMs, encoding, pieces.Add(0, bytes), bytes.Length, 0, lastChunk[id]));
    }

    private void Add(int id, Chunk chunk)
    {
        chunks.Add(chunk);
        lastChunk[id] = chunks.Count;
    }

    /// <summary>The bytes of a finished chunk; valid until the next call.</summary>
    private ReadOnlySpan<byte> BytesOf(Chunk chunk)
    {
        if (buffer.Length < chunk.Bytes)
        {
            buffer = new byte[chunk.Bytes];
        }
        var bytes = buffer.AsSpan(0, chunk.Bytes);
        pieces.Copy(chunk.LastPiece, bytes);
        if (chunk.Encoding is ChunkEncoding.Xor)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)chunk.Samples);
        }
        return bytes;
    }

    /// <summary>The bytes of a growing chunk; valid until the next call.</summary>
    private ReadOnlySpan<byte> BytesOf(int id, ref Growing chunk)
    {
        var bytes = buffer.AsSpan(0, chunk.Bytes);
        TailOf(id)[..chunk.TailBytes].CopyTo(bytes[chunk.MovedBytes..]);
        pieces.Copy(chunk.LastPiece, bytes[..chunk.MovedBytes]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)chunk.State.Count);
        return bytes;
    }

    /// <summary>Writes all chunks to a file, series by series.</summary>
    private void Spill()
    {
        var room = options.MaxTemporaryBytes - TemporaryBytes;
        var file = new RunFile(options.Folder, room ?? long.MaxValue);
        files.Add(file);
        for (var id = 0; id < count; id++)
        {
            ref var floats = ref growing[id];
            var others = histograms.Count > 0 ? histograms.GetValueOrDefault(id) : null;
            var written = (floats.State.Count > 0 ? 1 : 0) + (others is { Count: > 0 } ? 1 : 0);
            for (var at = lastChunk[id]; at > 0; at = chunks[at - 1].Before)
            {
                written++;
            }
            if (written == 0)
            {
                continue;
            }
            file.BeginSeries(id, written);
            for (var at = lastChunk[id]; at > 0; at = chunks[at - 1].Before)
            {
                var chunk = chunks[at - 1];
                file.Write(chunk.MinMs, chunk.MaxMs, chunk.Encoding, BytesOf(chunk));
            }
            if (floats.State.Count > 0)
            {
                file.Write(floats.State.MinMs, floats.State.MaxMs, ChunkEncoding.Xor, BytesOf(id, ref floats));
            }
            if (others is { Count: > 0 })
            {
                file.Write(others.MinMs, others.MaxMs, others.Encoding, others.Bytes);
            }
        }
        file.EndWriting();
        Clear();
    }

    private void Clear()
    {
        chunks.Clear();
        pieces.Clear();
        histograms.Clear();
        histogramBytes = 0;
        growing.AsSpan(0, count).Clear();
        tails.AsSpan(0, count * TailBytes).Clear();
        lastChunk.AsSpan(0, count).Clear();
    }

    /// <summary>A chunk of floats that takes samples: its end is in the tails, what was before it in pieces.</summary>
    private struct Growing
    {
        public XorChunkState State;

        /// <summary>The last piece; 0 without one.</summary>
        public uint LastPiece;

        /// <summary>Bytes in pieces.</summary>
        public ushort MovedBytes;

        /// <summary>Bytes at the end, the last one perhaps not full.</summary>
        public readonly int TailBytes => (State.Bits + 7) >> 3;

        /// <summary>All bytes.</summary>
        public readonly int Bytes => MovedBytes + TailBytes;

        /// <summary>Whether the next sample belongs into another chunk.</summary>
        public readonly bool IsFull =>
            State.Count >= XorChunkBuilder.MaxSamples
            || MovedBytes + (State.Bits >> 3) >= XorChunkBuilder.MaxBytes - 20;
    }

    /// <summary>A finished chunk.</summary>
    /// <param name="MinMs">Time of its first sample.</param>
    /// <param name="MaxMs">Time of its last sample.</param>
    /// <param name="Encoding">How it is encoded.</param>
    /// <param name="LastPiece">Its last piece.</param>
    /// <param name="Bytes">How long it is.</param>
    /// <param name="Samples">Of floats: how many there are, which its first bytes do not say yet.</param>
    /// <param name="Before">The series' chunk before it, counted from 1; 0 without one.</param>
    private readonly record struct Chunk(
        long MinMs,
        long MaxMs,
        ChunkEncoding Encoding,
        uint LastPiece,
        int Bytes,
        int Samples,
        int Before
    );
}
