using System.Buffers.Binary;
using System.Numerics;

namespace Tributary.Storage.Chunks;

/// <summary>What an XOR chunk has to know of its samples to take the next one; the bytes are the caller's.</summary>
/// <remarks>
/// Encoding 1 of <see href="https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md"/>: sample count
/// (16 bits, which is left to the caller), first timestamp and value, then deltas of deltas and exclusive ors.
/// </remarks>
internal struct XorChunkState
{
    /// <summary>Room that the buffer must have behind the written bytes for one more sample.</summary>
    /// <remarks>One sample takes at most 145 bits, and the last word that is written reaches 8 bytes further.</remarks>
    public const int MostSampleBytes = 32;

    private const byte NoWindow = 255;

    private ushort count;
    private byte leading;
    private byte trailing;
    private long delta;

    /// <summary>Samples so far.</summary>
    public readonly int Count => count;

    /// <summary>Bits in the buffer.</summary>
    public int Bits { get; private set; }

    /// <summary>Time of the first sample.</summary>
    public long MinMs { get; private set; }

    /// <summary>Time of the last sample.</summary>
    public long MaxMs { get; private set; }

    /// <summary>The last value.</summary>
    public double LastValue { get; private set; }

    /// <summary>The caller has taken whole bytes out of the front of the buffer.</summary>
    public void Drop(int bytes) => Bits -= bytes * 8;

    /// <summary>Begins anew, in an empty buffer; what was last is still known.</summary>
    public void Restart() => (Bits, count) = (0, 0);

    /// <summary>Adds a sample later than the last one.</summary>
    /// <param name="buffer">Holds the bits so far; zeros behind them.</param>
    /// <param name="timestampMs">Its time.</param>
    /// <param name="value">Its value.</param>
    public void Append(Span<byte> buffer, long timestampMs, double value)
    {
        if (count == 0)
        {
            AppendFirst(buffer, timestampMs, value);
        }
        else
        {
            var newDelta = timestampMs - MaxMs;
            if (count == 1)
            {
                WriteUvarint(buffer, (ulong)newDelta);
            }
            else
            {
                WriteDeltaOfDelta(buffer, newDelta - delta);
            }
            delta = newDelta;
            WriteXor(buffer, BitConverter.DoubleToUInt64Bits(value) ^ BitConverter.DoubleToUInt64Bits(LastValue));
        }
        MaxMs = timestampMs;
        LastValue = value;
        count++;
    }

    private void AppendFirst(Span<byte> buffer, long timestampMs, double value)
    {
        MinMs = timestampMs;
        leading = NoWindow;
        trailing = 0;
        Bits = 16;
        WriteUvarint(buffer, ((ulong)timestampMs << 1) ^ (ulong)(timestampMs >> 63));
        WriteBits(buffer, BitConverter.DoubleToUInt64Bits(value), 64);
    }

    private void WriteUvarint(Span<byte> buffer, ulong value)
    {
        while (value >= 0x80)
        {
            WriteBits(buffer, (value & 0x7f) | 0x80, 8);
            value >>= 7;
        }
        WriteBits(buffer, value, 8);
    }

    private void WriteDeltaOfDelta(Span<byte> buffer, long value)
    {
        if (value == 0)
        {
            Bits++;
        }
        else if (Fits(value, 14))
        {
            WriteBits(buffer, (0b10UL << 14) | ((ulong)value & 0x3fff), 16);
        }
        else if (Fits(value, 17))
        {
            WriteBits(buffer, (0b110UL << 17) | ((ulong)value & 0x1ffff), 20);
        }
        else if (Fits(value, 20))
        {
            WriteBits(buffer, (0b1110UL << 20) | ((ulong)value & 0xfffff), 24);
        }
        else
        {
            WriteBits(buffer, 0b1111, 4);
            WriteBits(buffer, (ulong)value, 64);
        }
    }

    /// <summary>Whether a number lies in the range of an n-bit form: from −(2^(n−1) − 1) to 2^(n−1).</summary>
    private static bool Fits(long value, int width) =>
        value >= -((1L << (width - 1)) - 1) && value <= 1L << (width - 1);

    private void WriteXor(Span<byte> buffer, ulong xor)
    {
        if (xor == 0)
        {
            Bits++;
            return;
        }
        var newLeading = (byte)Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var newTrailing = (byte)BitOperations.TrailingZeroCount(xor);
        if (leading != NoWindow && newLeading >= leading && newTrailing >= trailing)
        {
            WriteBits(buffer, 0b10, 2);
            WriteBits(buffer, xor >> trailing, 64 - leading - trailing);
            return;
        }
        leading = newLeading;
        trailing = newTrailing;
        var significant = 64 - newLeading - newTrailing;
        // 64 significant bits do not fit into six bits, and 0 cannot occur: it stands for 64.
        WriteBits(buffer, (0b11UL << 11) | ((ulong)newLeading << 6) | ((ulong)significant & 63), 13);
        WriteBits(buffer, xor >> newTrailing, significant);
    }

    /// <summary>Writes the low bits of a number whose other bits are 0.</summary>
    private void WriteBits(Span<byte> buffer, ulong value, int width)
    {
        if (width > 56)
        {
            WriteBits(buffer, value >> 32, width - 32);
            (value, width) = (value & uint.MaxValue, 32);
        }
        var target = buffer.Slice(Bits >> 3, sizeof(ulong));
        var word = BinaryPrimitives.ReadUInt64BigEndian(target) | (value << (64 - (Bits & 7) - width));
        BinaryPrimitives.WriteUInt64BigEndian(target, word);
        Bits += width;
    }
}
