using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>Builds the chunks of one series of native histograms, sample by sample, in time order.</summary>
/// <remarks>
/// Encodings 2 and 3 of <see href="https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md"/>. A
/// chunk has one form, one layout and no counter reset inside. When a bucket appears, the chunk is encoded anew with it.
/// </remarks>
internal sealed class HistogramChunkBuilder
{
    /// <summary>Samples after which a chunk ends.</summary>
    public const int MaxSamples = XorChunkBuilder.MaxSamples;

    /// <summary>Bytes after which a chunk ends, if it has <see cref="MinSamples"/>.</summary>
    public const int TargetBytes = 1024;

    /// <summary>Samples before which size alone ends no chunk: one histogram can be larger than <see cref="TargetBytes"/>.</summary>
    public const int MinSamples = 10;

    /// <summary>The object itself, its arrays' heads and a histogram without buckets.</summary>
    private const int FixedBytes = 400;

    /// <summary>A bucket here, its delta or window, and the bucket of the last histogram.</summary>
    private const int BucketBytes = 3 * sizeof(long);
    private const int FloatBucketBytes = 4 * sizeof(long);

    private readonly BitWriter output = new();
    private Histogram? last;
    private HistogramLayout layout = HistogramLayout.Empty;
    private bool isFloat;
    private CounterResetHeader header;
    private long timestampDelta;
    private long count;
    private long countDelta;
    private long zeroCount;
    private long zeroCountDelta;
    private long sum;
    private XorWindow countWindow;
    private XorWindow zeroCountWindow;
    private XorWindow sumWindow;
    private long[] buckets = [];
    private long[] bucketDeltas = [];
    private XorWindow[] bucketWindows = [];

    /// <summary>Samples so far.</summary>
    public int Count { get; private set; }

    /// <summary>Time of the first sample.</summary>
    public long MinMs { get; private set; }

    /// <summary>Time of the last sample.</summary>
    public long MaxMs { get; private set; }

    /// <summary>The encoding of the chunk.</summary>
    public ChunkEncoding Encoding => isFloat ? ChunkEncoding.FloatHistogram : ChunkEncoding.Histogram;

    /// <summary>Bytes that the chunk has.</summary>
    public int ByteCount => output.ByteCount;

    /// <summary>Bytes of memory behind it, about: the chunk, what the next histogram is a difference to, and the last one.</summary>
    public long MemoryBytes =>
        FixedBytes + output.CapacityBytes + (buckets.Length * (isFloat ? FloatBucketBytes : BucketBytes));

    /// <summary>The encoded bytes; valid until the next append.</summary>
    public ReadOnlySpan<byte> Bytes => output.WrittenSpan;

    /// <summary>Adds a sample later than the last one.</summary>
    /// <returns>False when it belongs into another chunk; after a <see cref="Cut"/> it is always taken.</returns>
    public bool TryAppend(long timestampMs, Histogram value)
    {
        // A marker has no buckets, whatever came with it.
        value = value.IsStale ? Histogram.Stale.With(value.Hint) : value;
        if (Count == 0)
        {
            Begin(timestampMs, value);
            return true;
        }
        if (Count >= MaxSamples || (ByteCount >= TargetBytes && Count >= MinSamples) || !Fits(value))
        {
            return false;
        }
        if (!value.IsStale && !ReferenceEquals(value.Layout, layout))
        {
            var both = HistogramLayouts.Union(layout, value.Layout);
            if (!ReferenceEquals(both, layout))
            {
                Recode(both);
            }
            value = value.Over(layout);
        }
        Write(timestampMs, value);
        return true;
    }

    /// <summary>
    /// Ends the chunk: a copy of its bytes; the next one begins, and says how it follows this one.
    /// </summary>
    public byte[] Cut()
    {
        var bytes = Bytes.ToArray();
        output.Clear();
        Count = 0;
        return bytes;
    }

    /// <summary>Forgets everything, for another series.</summary>
    public void Forget()
    {
        output.Clear();
        Count = 0;
        last = null;
    }

    private void Begin(long timestampMs, Histogram value)
    {
        header =
            value.Hint is CounterResetHint.Gauge ? CounterResetHeader.Gauge
            : value.Hint is CounterResetHint.CounterReset ? CounterResetHeader.CounterReset
            : last is null ? CounterResetHeader.Unknown
            : HistogramChange.Judge(last, value);
        isFloat = value.IsFloat;
        MinMs = timestampMs;
        Restart(value.Layout);
        Write(timestampMs, value);
    }

    private bool Fits(Histogram value)
    {
        if (value.IsStale)
        {
            return value.Hint is not CounterResetHint.CounterReset;
        }
        if (last!.IsStale || value.IsFloat != isFloat)
        {
            return false;
        }
        var isGauge = header is CounterResetHeader.Gauge;
        return isGauge == (value.Hint is CounterResetHint.Gauge)
            && value.Layout.HasSameBounds(layout)
            && (isGauge || HistogramChange.Judge(last, value) is CounterResetHeader.NotCounterReset);
    }

    private void Restart(HistogramLayout with)
    {
        layout = with;
        output.Clear();
        Count = 0;
        (timestampDelta, countDelta, zeroCountDelta) = (0, 0, 0);
        (countWindow, zeroCountWindow, sumWindow) = (default, default, default);
        buckets = new long[layout.BucketCount];
        bucketDeltas = isFloat ? [] : new long[layout.BucketCount];
        bucketWindows = isFloat ? new XorWindow[layout.BucketCount] : [];
    }

    /// <summary>Encodes the chunk's samples anew with further buckets.</summary>
    private void Recode(HistogramLayout wider)
    {
        var before = Bytes.ToArray();
        var reader = new HistogramChunkReader(before, Encoding, "chunk being built", layout);
        Restart(wider);
        while (reader.MoveNext())
        {
            Write(reader.TimestampMs, reader.ToHistogram().Over(wider));
        }
    }

    private void Write(long timestampMs, Histogram value)
    {
        if (Count == 0)
        {
            WriteFirst(timestampMs, value);
        }
        else
        {
            WriteNext(timestampMs, value);
        }
        (count, zeroCount) = (value.CountBits, value.ZeroCountBits);
        sum = BitConverter.DoubleToInt64Bits(value.Sum);
        (last, MaxMs) = (value, timestampMs);
        Count++;
        output.PatchByte(0, (byte)(Count >> 8));
        output.PatchByte(1, (byte)Count);
    }

    private void WriteFirst(long timestampMs, Histogram value)
    {
        output.WriteBits((ulong)header << 6, 24);
        HistogramChunkLayout.Write(output, layout);
        Varbit.Write(output, timestampMs);
        WriteNumber(value.CountBits);
        WriteNumber(value.ZeroCountBits);
        output.WriteBits(BitConverter.DoubleToUInt64Bits(value.Sum), 64);
        var counts = value.BucketBits;
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = Stored(counts, i);
            if (isFloat)
            {
                output.WriteBits((ulong)buckets[i], 64);
            }
            else
            {
                Varbit.Write(output, buckets[i]);
            }
        }
    }

    private void WriteNumber(long bits)
    {
        if (isFloat)
        {
            output.WriteBits((ulong)bits, 64);
        }
        else
        {
            Varbit.WriteUnsigned(output, (ulong)bits);
        }
    }

    private void WriteNext(long timestampMs, Histogram value)
    {
        WriteDifference(timestampMs - MaxMs, ref timestampDelta);
        if (value.IsStale)
        {
            WriteStale();
            return;
        }
        if (isFloat)
        {
            countWindow.Write(output, (ulong)(value.CountBits ^ count));
            zeroCountWindow.Write(output, (ulong)(value.ZeroCountBits ^ zeroCount));
        }
        else
        {
            WriteDifference(value.CountBits - count, ref countDelta);
            WriteDifference(value.ZeroCountBits - zeroCount, ref zeroCountDelta);
        }
        sumWindow.Write(output, (ulong)(BitConverter.DoubleToInt64Bits(value.Sum) ^ sum));
        var counts = value.BucketBits;
        for (var i = 0; i < buckets.Length; i++)
        {
            var stored = Stored(counts, i);
            if (isFloat)
            {
                bucketWindows[i].Write(output, (ulong)(stored ^ buckets[i]));
            }
            else
            {
                WriteDifference(stored - buckets[i], ref bucketDeltas[i]);
            }
            buckets[i] = stored;
        }
    }

    /// <summary>Counts that did not change, and no buckets.</summary>
    private void WriteStale()
    {
        output.WriteBits(0, 2);
        sumWindow.Write(output, StaleMarker.Bits ^ (ulong)sum);
    }

    private void WriteDifference(long delta, ref long before)
    {
        Varbit.Write(output, delta - before);
        before = delta;
    }

    /// <summary>What stands for a bucket: its bits, or the difference of its count to the bucket before on its side.</summary>
    private long Stored(ReadOnlySpan<long> counts, int position) =>
        isFloat || position == 0 || position == layout.PositiveCount
            ? counts[position]
            : counts[position] - counts[position - 1];
}
