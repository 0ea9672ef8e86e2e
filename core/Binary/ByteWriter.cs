using System.Buffers.Binary;
using System.Text;

namespace Tributary.Binary;

/// <summary>A growing buffer that the formats write their primitive values to; the twin of <see cref="ByteReader"/>.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private byte[] buffer = new byte[Math.Max(16, capacity)];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => buffer.AsSpan(0, Length);

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, Length);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>Forgets what was written after <paramref name="length"/>.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        Length = length;
    }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    /// <summary>A big-endian 32-bit number.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);
        Length += sizeof(uint);
    }

    /// <summary>A big-endian 64-bit number.</summary>
    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), value);
        Length += sizeof(ulong);
    }

    /// <summary>An unsigned varint.</summary>
    public void WriteUvarint(ulong value)
    {
        var target = Reserve(10);
        var used = 0;
        while (value >= 0x80)
        {
            target[used++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[used++] = (byte)value;
        Length += used;
    }

    /// <summary>A signed varint, zigzag.</summary>
    public void WriteVarint(long value) => WriteUvarint(((ulong)value << 1) ^ (ulong)(value >> 63));

    /// <summary>Bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>A text: unsigned varint length, UTF-8.</summary>
    public void WriteString(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        WriteUvarint((ulong)count);
        Encoding.UTF8.GetBytes(text, Reserve(count));
        Length += count;
    }

    /// <summary>Overwrites a 32-bit number that was written at <paramref name="offset"/>.</summary>
    public void PatchUInt32(int offset, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(0, Length)[offset..], value);

    /// <summary>Overwrites a byte that was written at <paramref name="offset"/>.</summary>
    public void PatchByte(int offset, byte value) => buffer.AsSpan(0, Length)[offset] = value;

    /// <summary>Room for at least <paramref name="count"/> bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int count)
    {
        if (buffer.Length - Length < count)
        {
            Array.Resize(ref buffer, checked((int)Math.Max(buffer.Length * 2L, Length + (long)count)));
        }
        return buffer.AsSpan(Length);
    }

    /// <summary>Takes <paramref name="count"/> reserved bytes as written.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(buffer.Length - Length));
        Length += count;
    }
}
