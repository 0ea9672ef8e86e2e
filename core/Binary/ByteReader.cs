using System.Buffers.Binary;
using System.Text;

namespace Tributary.Binary;

/// <summary>Reads the primitive values of the formats from bytes in memory, front to back.</summary>
/// <remarks>
/// A read past the end throws <see cref="CorruptDataException"/> with the offset in the blob, and does not move the reader.
/// </remarks>
public ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly string blob;
    private readonly long start;
    private int position;

    /// <summary>A reader at the first of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What to read.</param>
    /// <param name="blob">The name for errors.</param>
    /// <param name="start">Offset of <paramref name="bytes"/> in the blob, in bytes; only errors use it.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, string blob, long start = 0)
    {
        this.bytes = bytes;
        this.blob = blob;
        this.start = start;
    }

    /// <summary>Where in the blob the next byte is.</summary>
    public readonly long Offset => start + position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => bytes.Length - position;

    /// <summary>One byte.</summary>
    public byte ReadByte()
    {
        Need(1);
        return bytes[position++];
    }

    /// <summary>A big-endian 32-bit number.</summary>
    public uint ReadUInt32()
    {
        Need(sizeof(uint));
        var value = BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]);
        position += sizeof(uint);
        return value;
    }

    /// <summary>A big-endian 64-bit number.</summary>
    public ulong ReadUInt64()
    {
        Need(sizeof(ulong));
        var value = BinaryPrimitives.ReadUInt64BigEndian(bytes[position..]);
        position += sizeof(ulong);
        return value;
    }

    /// <summary>An unsigned varint: seven bits a byte, least significant first, at most ten bytes.</summary>
    public ulong ReadUvarint()
    {
        var at = position;
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= bytes.Length)
            {
                throw Corrupt("varint runs past the end");
            }
            var b = bytes[at++];
            if (shift == 63 && b > 1)
            {
                break;
            }
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                position = at;
                return value;
            }
        }
        throw Corrupt("varint is longer than 64 bits");
    }

    /// <summary>A signed varint, zigzag.</summary>
    public long ReadVarint()
    {
        var raw = ReadUvarint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>An unsigned varint that counts things of which each takes at least one of the remaining bytes.</summary>
    public int ReadCount(string what)
    {
        var before = position;
        var count = ReadUvarint();
        if (count > (ulong)Remaining)
        {
            var remaining = Remaining;
            position = before;
            throw Corrupt($"{count} {what}, but only {remaining} bytes follow");
        }
        return (int)count;
    }

    /// <summary>Bytes; they live as long as the bytes given.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        Need(count);
        var result = bytes.Slice(position, count);
        position += count;
        return result;
    }

    /// <summary>A text: unsigned varint length, UTF-8.</summary>
    public string ReadString()
    {
        var length = ReadCount("bytes of text");
        return Encoding.UTF8.GetString(ReadBytes(length));
    }

    /// <summary>The error for what was found at the reader's place.</summary>
    public readonly CorruptDataException Corrupt(string problem) => new(blob, Offset, problem);

    private readonly void Need(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw Corrupt($"{count} bytes wanted, {Remaining} left");
        }
    }
}
