using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Reads chunks of floats in Prometheus' XOR encoding; <see cref="XorChunkBuilder"/> writes them.</summary>
internal static class XorChunk
{
    /// <summary>Bits of the count.</summary>
    private const int HeaderBits = 16;

    /// <summary>So many bytes behind the first bit of a sample may be read without a look at the end: the longest one has 145 bits.</summary>
    private const int SafeBytes = 32;

    /// <summary>Bits that are surely there in what <see cref="Load"/> returns.</summary>
    private const int LoadedBits = 57;

    /// <summary>The number of samples in a chunk.</summary>
    public static int Count(ReadOnlySpan<byte> chunk, string blob)
    {
        var input = new ByteReader(chunk, blob);
        return (input.ReadByte() << 8) | input.ReadByte();
    }

    /// <summary>Decodes all samples.</summary>
    /// <param name="chunk">The encoded bytes.</param>
    /// <param name="timestampsMs">At least <see cref="Count"/> long.</param>
    /// <param name="values">At least <see cref="Count"/> long.</param>
    /// <param name="blob">The name for errors.</param>
    /// <returns>How many samples there are.</returns>
    /// <exception cref="CorruptDataException">The bytes end inside a sample, or are none of this encoding.</exception>
    public static int Decode(ReadOnlySpan<byte> chunk, Span<long> timestampsMs, Span<double> values, string blob)
    {
        var count = Count(chunk, blob);
        Decode(chunk, count, timestampsMs, values, blob);
        return count;
    }

    /// <summary>Decodes the first samples; the count in the bytes, which may be growing, is not looked at.</summary>
    /// <param name="chunk">The encoded bytes.</param>
    /// <param name="count">How many samples to decode.</param>
    /// <param name="timestampsMs">At least as long as that.</param>
    /// <param name="values">At least as long as that.</param>
    /// <param name="blob">The name for errors.</param>
    /// <exception cref="CorruptDataException">The bytes end inside a sample, or are none of this encoding.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(
        ReadOnlySpan<byte> chunk,
        int count,
        Span<long> timestampsMs,
        Span<double> values,
        string blob
    )
    {
        if (count == 0)
        {
            return;
        }
        timestampsMs = timestampsMs[..count];
        values = values[..count];
        var at = HeaderBits;
        var raw = ReadUvarint(chunk, ref at);
        var timestamp = (long)(raw >> 1) ^ -(long)(raw & 1);
        var value = Read(chunk, ref at, 64);
        timestampsMs[0] = timestamp;
        values[0] = BitConverter.UInt64BitsToDouble(value);
        if (count == 1)
        {
            CheckEnd(chunk, at, count, blob);
            return;
        }
        var state = new State
        {
            Timestamp = timestamp,
            Value = value,
            Significant = 64,
        };
        state.Delta = (long)ReadUvarint(chunk, ref at);
        // The second sample has a delta, and no difference of deltas.
        state.Timestamp += state.Delta;
        at = ReadValue(chunk, at, 1, ref state, blob);
        (timestampsMs[1], values[1]) = (state.Timestamp, BitConverter.UInt64BitsToDouble(state.Value));
        var next = DecodeInside(chunk, ref at, ref state, timestampsMs, values, blob);
        for (; next < values.Length; next++)
        {
            state.Delta += ReadDeltaOfDelta(chunk, ref at);
            state.Timestamp += state.Delta;
            at = ReadValue(chunk, at, next, ref state, blob);
            (timestampsMs[next], values[next]) = (state.Timestamp, BitConverter.UInt64BitsToDouble(state.Value));
        }
        CheckEnd(chunk, at, count, blob);
    }

    /// <summary>The samples that are far enough from the end of the bytes, from the third one on.</summary>
    /// <returns>The first sample that is left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int DecodeInside(
        ReadOnlySpan<byte> chunk,
        ref int position,
        ref State state,
        Span<long> timestampsMs,
        Span<double> values,
        string blob
    )
    {
        ref var bytes = ref MemoryMarshal.GetReference(chunk);
        ref var times = ref MemoryMarshal.GetReference(timestampsMs);
        var (at, end) = (position, (chunk.Length - SafeBytes) * 8);
        var (timestamp, delta, value) = (state.Timestamp, state.Delta, state.Value);
        var (trailing, significant) = (state.Trailing, state.Significant);
        var i = 2;
        while (i < values.Length && at <= end)
        {
            var bits = Load(ref bytes, at);
            if (bits >> 32 == 0)
            {
                // At least sixteen samples that are as the one before: two zeros each.
                var same = Math.Min(Math.Min(BitOperations.LeadingZeroCount(bits), LoadedBits) / 2, values.Length - i);
                values.Slice(i, same).Fill(BitConverter.UInt64BitsToDouble(value));
                timestamp = Continue(timestampsMs.Slice(i, same), timestamp, delta);
                i += same;
                at += 2 * same;
                continue;
            }
            if ((long)bits < 0)
            {
                delta += ReadDeltaOfDelta(chunk, ref at);
                bits = Load(ref bytes, at);
            }
            else
            {
                at++;
                bits <<= 1;
            }
            timestamp += delta;
            // 56 bits are left.
            if ((long)bits < 0)
            {
                var isWindow = (bits & (1UL << 62)) != 0;
                if (isWindow)
                {
                    (trailing, significant) = Window(bits, at, i, blob);
                }
                var skipped = isWindow ? 13 : 2;
                at += skipped;
                var read =
                    significant > LoadedBits - 14
                        ? ReadAt(chunk, at, significant)
                        : bits << skipped >> (64 - significant);
                value ^= read << trailing;
                at += significant;
            }
            else
            {
                at++;
            }
            Unsafe.Add(ref times, i) = timestamp;
            values[i] = BitConverter.UInt64BitsToDouble(value);
            i++;
        }
        position = at;
        (state.Timestamp, state.Delta, state.Value) = (timestamp, delta, value);
        (state.Trailing, state.Significant) = (trailing, significant);
        return i;
    }

    /// <summary>Timestamps at even distances behind one; returns the last.</summary>
    private static long Continue(Span<long> timestampsMs, long timestampMs, long delta)
    {
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            timestampMs += delta;
            timestampsMs[i] = timestampMs;
        }
        return timestampMs;
    }

    private static ulong ReadAt(ReadOnlySpan<byte> chunk, int at, int width) => Read(chunk, ref at, width);

    /// <summary>The next <see cref="LoadedBits"/> bits, from the highest one down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte bytes, int at)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at >> 3));
        return (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word) << (at & 7);
    }

    /// <summary>The window of the bits that follow; two bits that announce it come first.</summary>
    private static (int Trailing, int Significant) Window(ulong bits, int at, int sample, string blob)
    {
        var significant = (int)(bits >> 51) & 63;
        significant = significant == 0 ? 64 : significant;
        var trailing = 64 - ((int)(bits >> 57) & 31) - significant;
        return trailing >= 0
            ? (trailing, significant)
            : throw new CorruptDataException(
                blob,
                (at + 13) >> 3,
                $"sample {sample} has a window of {64 - trailing} bits"
            );
    }

    /// <summary>Reads a value wherever it is, and returns where it ends.</summary>
    private static int ReadValue(ReadOnlySpan<byte> chunk, int at, int sample, ref State state, string blob)
    {
        var bits = Peek(chunk, at);
        if ((long)bits >= 0)
        {
            return at + 1;
        }
        if ((bits & (1UL << 62)) != 0)
        {
            (state.Trailing, state.Significant) = Window(bits, at, sample, blob);
            at += 11;
        }
        at += 2;
        state.Value ^= Read(chunk, ref at, state.Significant) << state.Trailing;
        return at;
    }

    private static void CheckEnd(ReadOnlySpan<byte> chunk, int at, int count, string blob)
    {
        // Behind the end there are zeros, which are samples, too.
        if (at > chunk.Length * 8)
        {
            throw new CorruptDataException(blob, chunk.Length, $"the bytes end before the last of {count} samples");
        }
    }

    private static ulong ReadUvarint(ReadOnlySpan<byte> chunk, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Read(chunk, ref at, 8);
            value |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                break;
            }
        }
        return value;
    }

    private static long ReadDeltaOfDelta(ReadOnlySpan<byte> chunk, ref int at)
    {
        var bits = Peek(chunk, at);
        if ((long)bits >= 0)
        {
            at++;
            return 0;
        }
        switch (BitOperations.LeadingZeroCount(~bits))
        {
            case 1:
                at += 16;
                return Signed((bits << 2) >> 50, 14);
            case 2:
                at += 20;
                return Signed((bits << 3) >> 47, 17);
            case 3:
                at += 24;
                return Signed((bits << 4) >> 44, 20);
            default:
                at += 4;
                return (long)Read(chunk, ref at, 64);
        }
    }

    /// <summary>The next 57 bits at least, from the highest one down; zeros behind the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Peek(ReadOnlySpan<byte> chunk, int at)
    {
        var index = at >> 3;
        return index + sizeof(ulong) <= chunk.Length
            ? BinaryPrimitives.ReadUInt64BigEndian(chunk[index..]) << (at & 7)
            : PeekTail(chunk, index) << (at & 7);
    }

    private static ulong PeekTail(ReadOnlySpan<byte> chunk, int index)
    {
        var value = 0UL;
        for (var i = index; i < index + sizeof(ulong); i++)
        {
            value = (value << 8) | (i < chunk.Length ? chunk[i] : 0UL);
        }
        return value;
    }

    /// <summary>Reads 1 to 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ReadOnlySpan<byte> chunk, ref int at, int width)
    {
        var high = Peek(chunk, at);
        ulong value;
        if (width <= 57)
        {
            value = high >> (64 - width);
        }
        else
        {
            var rest = width - 32;
            value = ((high >> 32) << rest) | (Peek(chunk, at + 32) >> (64 - rest));
        }
        at += width;
        return value;
    }

    /// <summary>What a sample is decoded from, besides its bits.</summary>
    private ref struct State
    {
        public long Timestamp;
        public long Delta;
        public ulong Value;
        public int Trailing;
        public int Significant;
    }

    private static long Signed(ulong value, int width) =>
        value > 1UL << (width - 1) ? (long)value - (1L << width) : (long)value;
}
