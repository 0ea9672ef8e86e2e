using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Reads chunks of floats in Prometheus' XOR encoding; <see cref="XorChunkBuilder"/> writes them.</summary>
internal static class XorChunk
{
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
    public static int Decode(ReadOnlySpan<byte> chunk, Span<long> timestampsMs, Span<double> values, string blob)
    {
        var count = Count(chunk, blob);
        if (count == 0)
        {
            return 0;
        }
        var input = new BitReader(chunk[2..], blob, 2);
        var raw = ReadUvarint(ref input);
        var timestamp = (long)(raw >> 1) ^ -(long)(raw & 1);
        var value = input.ReadBits(64);
        timestampsMs[0] = timestamp;
        values[0] = BitConverter.UInt64BitsToDouble(value);
        var delta = 0L;
        var leading = 0;
        var trailing = 0;
        for (var i = 1; i < count; i++)
        {
            delta = i == 1 ? (long)ReadUvarint(ref input) : delta + ReadDeltaOfDelta(ref input);
            timestamp += delta;
            if (input.ReadBit())
            {
                if (input.ReadBit())
                {
                    leading = (int)input.ReadBits(5);
                    var significant = (int)input.ReadBits(6);
                    trailing = 64 - leading - (significant == 0 ? 64 : significant);
                    if (trailing < 0)
                    {
                        throw new CorruptDataException(blob, 0, $"sample {i} has {significant} bits behind {leading}");
                    }
                }
                value ^= input.ReadBits(64 - leading - trailing) << trailing;
            }
            timestampsMs[i] = timestamp;
            values[i] = BitConverter.UInt64BitsToDouble(value);
        }
        return count;
    }

    private static ulong ReadUvarint(ref BitReader input)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = input.ReadBits(8);
            value |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                break;
            }
        }
        return value;
    }

    private static long ReadDeltaOfDelta(ref BitReader input)
    {
        if (!input.ReadBit())
        {
            return 0;
        }
        if (!input.ReadBit())
        {
            return Signed(input.ReadBits(14), 14);
        }
        if (!input.ReadBit())
        {
            return Signed(input.ReadBits(17), 17);
        }
        return input.ReadBit() ? (long)input.ReadBits(64) : Signed(input.ReadBits(20), 20);
    }

    private static long Signed(ulong value, int width) =>
        value > 1UL << (width - 1) ? (long)value - (1L << width) : (long)value;
}
