using System.Buffers.Binary;

namespace Tributary.Binary;

/// <summary>A growing buffer that bits are written to, most significant first; the twin of <see cref="BitReader"/>.</summary>
public sealed class BitWriter(int capacityBytes = 256)
{
    /// <summary>A write touches at most so many bytes behind the last one written.</summary>
    private const int Margin = 2 * sizeof(ulong);

    private byte[] buffer = new byte[Math.Max(capacityBytes, 1) + Margin];
    private int bits;

    /// <summary>Bytes written, the last one perhaps in part.</summary>
    public int ByteCount => (bits + 7) >> 3;

    /// <summary>Bytes of memory behind it.</summary>
    public int CapacityBytes => buffer.Length;

    /// <summary>What was written, filled up with zero bits; valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => buffer.AsSpan(0, ByteCount);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear()
    {
        buffer.AsSpan(0, Math.Min(ByteCount + Margin, buffer.Length)).Clear();
        bits = 0;
    }

    /// <summary>One bit.</summary>
    public void WriteBit(bool value) => WriteBits(value ? 1UL : 0, 1);

    /// <summary>The low 0 to 64 bits of a number.</summary>
    public void WriteBits(ulong value, int width)
    {
        if (width == 0)
        {
            return;
        }
        if (width > 56)
        {
            WriteBits(value >> 32, width - 32);
            (value, width) = (value & uint.MaxValue, 32);
        }
        var index = bits >> 3;
        if (index + Margin > buffer.Length)
        {
            Array.Resize(ref buffer, checked(2 * buffer.Length));
        }
        var target = buffer.AsSpan(index, sizeof(ulong));
        var word = value << (64 - width) >> (bits & 7);
        BinaryPrimitives.WriteUInt64BigEndian(target, BinaryPrimitives.ReadUInt64BigEndian(target) | word);
        bits += width;
    }

    /// <summary>Overwrites a byte that was written at <paramref name="offset"/>.</summary>
    public void PatchByte(int offset, byte value) => buffer.AsSpan(0, ByteCount)[offset] = value;
}
