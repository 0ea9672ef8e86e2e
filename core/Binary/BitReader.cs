using System.Buffers.Binary;

namespace Tributary.Binary;

/// <summary>Reads bits, most significant first, from bytes in memory.</summary>
/// <remarks>A read past the end throws <see cref="CorruptDataException"/> and does not move the reader.</remarks>
public ref struct BitReader
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly string blob;
    private readonly long start;
    private long position;

    /// <summary>A reader at the first bit.</summary>
    public BitReader(ReadOnlySpan<byte> bytes, string blob, long start = 0)
    {
        this.bytes = bytes;
        this.blob = blob;
        this.start = start;
    }

    /// <summary>Bits left.</summary>
    public readonly long Remaining => (bytes.Length * 8L) - position;

    /// <summary>One bit.</summary>
    public bool ReadBit() => ReadBits(1) != 0;

    /// <summary>0 to 64 bits as an unsigned number.</summary>
    public ulong ReadBits(int count)
    {
        if (count > Remaining)
        {
            throw new CorruptDataException(blob, start + (position >> 3), $"{count} bits wanted, {Remaining} left");
        }
        if (count == 0)
        {
            return 0;
        }
        if (count > 56)
        {
            var high = Take(count - 32);
            return (high << 32) | Take(32);
        }
        return Take(count);
    }

    private ulong Take(int count)
    {
        var index = (int)(position >> 3);
        ulong word;
        if (index + sizeof(ulong) <= bytes.Length)
        {
            word = BinaryPrimitives.ReadUInt64BigEndian(bytes[index..]);
        }
        else
        {
            word = 0;
            for (var i = 0; i < sizeof(ulong); i++)
            {
                word = (word << 8) | (index + i < bytes.Length ? bytes[index + i] : 0u);
            }
        }
        var result = word << (int)(position & 7) >> (64 - count);
        position += count;
        return result;
    }
}
