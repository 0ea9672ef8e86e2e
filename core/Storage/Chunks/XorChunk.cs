using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Reads chunks of floats in Prometheus' XOR encoding; <see cref="XorChunkBuilder"/> writes them.</summary>
internal static class XorChunk
{
    /// <summary>Bits of the count.</summary>
    private const int HeaderBits = 16;

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
        var delta = 0L;
        var (trailing, significant) = (0, 64);
        for (var i = 1; i < values.Length; i++)
        {
            delta = i == 1 ? (long)ReadUvarint(chunk, ref at) : delta + ReadDeltaOfDelta(chunk, ref at);
            timestamp += delta;
            var bits = Peek(chunk, at);
            at++;
            if ((long)bits < 0)
            {
                at++;
                if ((bits & (1UL << 62)) != 0)
                {
                    significant = (int)(bits >> 51) & 63;
                    significant = significant == 0 ? 64 : significant;
                    trailing = 64 - ((int)(bits >> 57) & 31) - significant;
                    at += 11;
                    if (trailing < 0)
                    {
                        throw new CorruptDataException(
                            blob,
                            at >> 3,
                            $"sample {i} has a window of {64 - trailing} bits"
                        );
                    }
                }
                value ^= Read(chunk, ref at, significant) << trailing;
            }
            timestampsMs[i] = timestamp;
            values[i] = BitConverter.UInt64BitsToDouble(value);
        }
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

    private static long Signed(ulong value, int width) =>
        value > 1UL << (width - 1) ? (long)value - (1L << width) : (long)value;
}
