using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>Reads a chunk of native histograms, sample by sample; <see cref="HistogramChunkBuilder"/> writes them.</summary>
/// <remarks>
/// Encodings 2 and 3 of <see href="https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md"/>. The
/// samples of a chunk share one layout. A read past the end throws <see cref="CorruptDataException"/>.
/// </remarks>
internal ref struct HistogramChunkReader
{
    /// <summary>Count and flags.</summary>
    public const int HeaderBytes = 3;

    private readonly string blob;
    private readonly bool isFloat;
    private readonly HistogramLayout? like;
    private BitReader input;
    private int read;
    private HistogramLayout layout = HistogramLayout.Empty;
    private long timestampDelta;
    private long count;
    private long countDelta;
    private long zeroCount;
    private long zeroCountDelta;
    private XorWindow countWindow;
    private XorWindow zeroCountWindow;
    private XorWindow sumWindow;

    /// <summary>Of integers: each bucket's difference to the bucket before. Of floats: their bits.</summary>
    private long[] buckets = [];
    private long[] bucketDeltas = [];
    private XorWindow[] bucketWindows = [];

    /// <summary>A reader before the first sample.</summary>
    /// <param name="chunk">The encoded bytes.</param>
    /// <param name="encoding">One of the two.</param>
    /// <param name="blob">The name for errors.</param>
    /// <param name="like">The layout of the chunk before in the series, to share it when this one's is equal.</param>
    public HistogramChunkReader(
        ReadOnlySpan<byte> chunk,
        ChunkEncoding encoding,
        string blob,
        HistogramLayout? like = null
    )
    {
        if (chunk.Length < HeaderBytes)
        {
            throw new CorruptDataException(blob, chunk.Length, "a histogram chunk ends inside its header");
        }
        isFloat = encoding is ChunkEncoding.FloatHistogram;
        (this.blob, this.like) = (blob, like);
        Count = (chunk[0] << 8) | chunk[1];
        Header = (CounterResetHeader)(chunk[2] >> 6);
        input = new BitReader(chunk[HeaderBytes..], blob, HeaderBytes);
    }

    /// <summary>How many samples the chunk has.</summary>
    public int Count { get; }

    /// <summary>What it says of a reset before it.</summary>
    public CounterResetHeader Header { get; }

    /// <summary>Time of the current sample, milliseconds since the epoch.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>The current sample's sum.</summary>
    public double Sum { get; private set; }

    /// <summary>What the chunk says of a reset before the current sample.</summary>
    public readonly CounterResetHint Hint =>
        Header is CounterResetHeader.Gauge ? CounterResetHint.Gauge
        : read > 1 ? CounterResetHint.NotCounterReset
        // What the header says is of the chunk before; it may be gone by now, or other samples may be in between.
        : CounterResetHint.Unknown;

    /// <summary>Goes on to the next sample; false behind the last one.</summary>
    public bool MoveNext()
    {
        if (read == Count)
        {
            return false;
        }
        if (read++ == 0)
        {
            ReadFirst();
        }
        else
        {
            ReadNext();
        }
        return true;
    }

    /// <summary>The current sample as a value of its own.</summary>
    public readonly Histogram ToHistogram()
    {
        if (StaleMarker.IsStale(Sum))
        {
            return Histogram.Stale;
        }
        var counts = (long[])buckets.Clone();
        if (!isFloat)
        {
            Accumulate(counts.AsSpan(0, layout.PositiveCount));
            Accumulate(counts.AsSpan(layout.PositiveCount));
        }
        var histogram = Histogram.OfBits(layout, isFloat, (count, zeroCount), Sum, counts, Hint);
        return layout.Schema > HistogramLayout.MaxSchema ? histogram.Reduce(HistogramLayout.MaxSchema) : histogram;
    }

    private static void Accumulate(Span<long> counts)
    {
        for (var i = 1; i < counts.Length; i++)
        {
            counts[i] += counts[i - 1];
        }
    }

    private void ReadFirst()
    {
        layout = HistogramChunkLayout.Read(ref input, blob);
        layout = layout.Equals(like) ? like : layout;
        buckets = new long[layout.BucketCount];
        bucketDeltas = isFloat ? [] : new long[layout.BucketCount];
        bucketWindows = isFloat ? new XorWindow[layout.BucketCount] : [];
        TimestampMs = Varbit.Read(ref input);
        count = isFloat ? (long)input.ReadBits(64) : (long)Varbit.ReadUnsigned(ref input);
        zeroCount = isFloat ? (long)input.ReadBits(64) : (long)Varbit.ReadUnsigned(ref input);
        Sum = BitConverter.UInt64BitsToDouble(input.ReadBits(64));
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = isFloat ? (long)input.ReadBits(64) : Varbit.Read(ref input);
        }
    }

    private void ReadNext()
    {
        timestampDelta += Varbit.Read(ref input);
        TimestampMs += timestampDelta;
        if (isFloat)
        {
            count ^= ReadXor(ref countWindow);
            zeroCount ^= ReadXor(ref zeroCountWindow);
        }
        else
        {
            countDelta += Varbit.Read(ref input);
            count += countDelta;
            zeroCountDelta += Varbit.Read(ref input);
            zeroCount += zeroCountDelta;
        }
        Sum = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(Sum) ^ ReadXor(ref sumWindow));
        if (StaleMarker.IsStale(Sum))
        {
            // A marker has no buckets, whatever the layout.
            return;
        }
        for (var i = 0; i < buckets.Length; i++)
        {
            if (isFloat)
            {
                buckets[i] ^= ReadXor(ref bucketWindows[i]);
            }
            else
            {
                bucketDeltas[i] += Varbit.Read(ref input);
                buckets[i] += bucketDeltas[i];
            }
        }
    }

    private long ReadXor(ref XorWindow window) =>
        window.TryRead(ref input, out var xor)
            ? (long)xor
            : throw new CorruptDataException(blob, HeaderBytes, $"sample {read - 1} has a float of no width");
}
