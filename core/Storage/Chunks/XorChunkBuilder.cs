using System.Buffers.Binary;
using System.Numerics;

namespace Tributary.Storage.Chunks;

/// <summary>Builds one chunk of floats in Prometheus' XOR encoding, sample by sample, in time order.</summary>
/// <remarks>
/// Encoding 1 of <see href="https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md"/>: sample count
/// (16 bits), first timestamp and value, then deltas of deltas and exclusive ors. A mutable struct: it lives in a field.
/// </remarks>
internal struct XorChunkBuilder
{
    /// <summary>Samples after which a chunk ends.</summary>
    public const int MaxSamples = 480;

    /// <summary>Bytes after which a chunk ends.</summary>
    public const int MaxBytes = 1024;

    private const int FirstCapacity = 48;
    private const int MostSampleBytes = 32;
    private const byte NoWindow = 255;

    private byte[]? buffer;
    private int bits;
    private ushort count;
    private byte leading;
    private byte trailing;
    private bool isShared;
    private long delta;

    /// <summary>Samples so far.</summary>
    public readonly int Count => count;

    /// <summary>Time of the first sample.</summary>
    public long MinMs { get; private set; }

    /// <summary>Time of the last sample.</summary>
    public long MaxMs { get; private set; }

    /// <summary>The last value.</summary>
    public double LastValue { get; private set; }

    /// <summary>Whether the next sample belongs into another chunk.</summary>
    public readonly bool IsFull => count >= MaxSamples || bits >= (MaxBytes - 20) * 8;

    /// <summary>The encoded bytes; valid until the next append.</summary>
    public readonly ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (buffer is null)
            {
                return [];
            }
            BinaryPrimitives.WriteUInt16BigEndian(buffer, count);
            return buffer.AsSpan(0, (bits + 7) / 8);
        }
    }

    /// <summary>Bytes that the chunk has.</summary>
    public readonly int ByteCount => (bits + 7) / 8;

    /// <summary>Bytes of memory behind it.</summary>
    public readonly int CapacityBytes => buffer?.Length ?? 0;

    /// <summary>Adds a sample later than the last one.</summary>
    public void Append(long timestampMs, double value)
    {
        // One sample takes at most 145 bits, and the last word that is written reaches 8 bytes further.
        if (buffer is null)
        {
            buffer = new byte[FirstCapacity];
        }
        else if ((bits >> 3) + MostSampleBytes > buffer.Length)
        {
            Array.Resize(
                ref buffer,
                Math.Min(buffer.Length + (buffer.Length / 4) + MostSampleBytes, MaxBytes + MostSampleBytes)
            );
        }
        if (count == 0)
        {
            AppendFirst(timestampMs, value);
        }
        else
        {
            var newDelta = timestampMs - MaxMs;
            if (count == 1)
            {
                WriteUvarint((ulong)newDelta);
            }
            else
            {
                WriteDeltaOfDelta(newDelta - delta);
            }
            delta = newDelta;
            WriteXor(BitConverter.DoubleToUInt64Bits(value) ^ BitConverter.DoubleToUInt64Bits(LastValue));
        }
        MaxMs = timestampMs;
        LastValue = value;
        count++;
    }

    /// <summary>
    /// What there is of the chunk, without a copy: later appends write behind these bits, and into the count in the first two
    /// bytes, which is not to be looked at.
    /// </summary>
    public ChunkData Share()
    {
        isShared = true;
        return new ChunkData(ChunkEncoding.Xor, MinMs, MaxMs, count, buffer.AsMemory(0, ByteCount));
    }

    /// <summary>Ends the chunk: a copy of its bytes; the builder begins anew.</summary>
    public byte[] Cut()
    {
        var bytes = Bytes.ToArray();
        if (isShared)
        {
            // Others still read it.
            buffer = null;
            isShared = false;
        }
        else
        {
            buffer!.AsSpan().Clear();
        }
        bits = 0;
        count = 0;
        return bytes;
    }

    private void AppendFirst(long timestampMs, double value)
    {
        MinMs = timestampMs;
        leading = NoWindow;
        trailing = 0;
        bits = 16;
        WriteUvarint(((ulong)timestampMs << 1) ^ (ulong)(timestampMs >> 63));
        WriteBits(BitConverter.DoubleToUInt64Bits(value), 64);
    }

    private void WriteUvarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteBits((value & 0x7f) | 0x80, 8);
            value >>= 7;
        }
        WriteBits(value, 8);
    }

    private void WriteDeltaOfDelta(long value)
    {
        if (value == 0)
        {
            bits++;
        }
        else if (Fits(value, 14))
        {
            WriteBits((0b10UL << 14) | ((ulong)value & 0x3fff), 16);
        }
        else if (Fits(value, 17))
        {
            WriteBits((0b110UL << 17) | ((ulong)value & 0x1ffff), 20);
        }
        else if (Fits(value, 20))
        {
            WriteBits((0b1110UL << 20) | ((ulong)value & 0xfffff), 24);
        }
        else
        {
            WriteBits(0b1111, 4);
            WriteBits((ulong)value, 64);
        }
    }

    /// <summary>Whether a number lies in the range of an n-bit form: from −(2^(n−1) − 1) to 2^(n−1).</summary>
    private static bool Fits(long value, int width) =>
        value >= -((1L << (width - 1)) - 1) && value <= 1L << (width - 1);

    private void WriteXor(ulong xor)
    {
        if (xor == 0)
        {
            bits++;
            return;
        }
        var newLeading = (byte)Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var newTrailing = (byte)BitOperations.TrailingZeroCount(xor);
        if (leading != NoWindow && newLeading >= leading && newTrailing >= trailing)
        {
            WriteBits(0b10, 2);
            WriteBits(xor >> trailing, 64 - leading - trailing);
            return;
        }
        leading = newLeading;
        trailing = newTrailing;
        var significant = 64 - newLeading - newTrailing;
        // 64 significant bits do not fit into six bits, and 0 cannot occur: it stands for 64.
        WriteBits((0b11UL << 11) | ((ulong)newLeading << 6) | ((ulong)significant & 63), 13);
        WriteBits(xor >> newTrailing, significant);
    }

    /// <summary>Writes the low bits of a number whose other bits are 0.</summary>
    private void WriteBits(ulong value, int width)
    {
        if (width > 56)
        {
            WriteBits(value >> 32, width - 32);
            (value, width) = (value & uint.MaxValue, 32);
        }
        var target = buffer.AsSpan(bits >> 3, sizeof(ulong));
        var word = BinaryPrimitives.ReadUInt64BigEndian(target) | (value << (64 - (bits & 7) - width));
        BinaryPrimitives.WriteUInt64BigEndian(target, word);
        bits += width;
    }
}
