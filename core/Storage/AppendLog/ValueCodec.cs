using System.Numerics;
using System.Runtime.InteropServices;
using Tributary.Binary;

namespace Tributary.Storage.AppendLog;

/// <summary>The values of one column, each against the value before of the same position; docs/formats/log.md#values.</summary>
/// <remarks>
/// One bit per position says whether the value changed; a changed one has a tag of four bits and 1 to 8 bytes: the zigzag
/// difference of two whole numbers, or the low bytes of the bits' exclusive or. Nothing here depends on the process.
/// </remarks>
internal static class ValueCodec
{
    /// <summary>Tags 1…7: a whole difference of as many bytes; tags 8…15: an exclusive or of <c>tag − 7</c> bytes.</summary>
    private const int XorTag = 7;

    private const double WholeLimit = 1L << 53;

    /// <param name="values">What to write.</param>
    /// <param name="before">The values before; in, and then out: the new ones.</param>
    /// <param name="output">Where to write.</param>
    public static void Encode(ReadOnlySpan<double> values, Span<double> before, ByteWriter output)
    {
        var count = values.Length;
        var bitmapBytes = (count + 7) / 8;
        // Bitmap, tags and bytes are three areas; the tags are written at their largest size and moved together.
        var room = output.Reserve(bitmapBytes + (count + 1) / 2 + (count + 1) * 8);
        var bitmap = room[..bitmapBytes];
        bitmap.Clear();
        var tags = room.Slice(bitmapBytes, (count + 1) / 2);
        var data = room[(bitmapBytes + tags.Length)..];
        var changed = 0;
        var used = 0;
        var newBits = MemoryMarshal.Cast<double, ulong>(values);
        var oldBits = MemoryMarshal.Cast<double, ulong>(before);
        for (var i = 0; i < newBits.Length; i++)
        {
            var bits = newBits[i];
            if (bits == oldBits[i])
            {
                continue;
            }
            bitmap[i >> 3] |= (byte)(1 << (i & 7));
            var tag = Difference(values[i], before[i], bits ^ oldBits[i], out var difference);
            tags[changed >> 1] = (byte)((changed & 1) == 0 ? tag : tags[changed >> 1] | (tag << 4));
            MemoryMarshal.Write(data[used..], difference);
            used += tag > XorTag ? tag - XorTag : tag;
            changed++;
            oldBits[i] = bits;
        }
        var tagBytes = (changed + 1) / 2;
        data[..used].CopyTo(room[(bitmapBytes + tagBytes)..]);
        output.Advance(bitmapBytes + tagBytes + used);
    }

    /// <param name="values">In: the values before. Out: the values.</param>
    /// <param name="input">Where to read.</param>
    public static void Decode(Span<double> values, ref ByteReader input)
    {
        var bitmap = input.ReadBytes((values.Length + 7) / 8);
        var changed = 0;
        foreach (var bits in bitmap)
        {
            changed += BitOperations.PopCount(bits);
        }
        if ((values.Length & 7) != 0 && bitmap[^1] >> (values.Length & 7) != 0)
        {
            throw input.Corrupt("a value changes behind the last position");
        }
        var tags = input.ReadBytes((changed + 1) / 2);
        var lengths = 0;
        for (var i = 0; i < changed; i++)
        {
            lengths += Bytes(Tag(tags, i));
        }
        var data = input.ReadBytes(lengths);
        var next = 0;
        var offset = 0;
        for (var i = 0; i < bitmap.Length; i++)
        {
            for (var rest = (uint)bitmap[i]; rest != 0; rest &= rest - 1)
            {
                ref var value = ref values[(i << 3) + BitOperations.TrailingZeroCount(rest)];
                var tag = Tag(tags, next++);
                value = Apply(value, tag, ReadLittleEndian(data, offset, Bytes(tag)));
                offset += Bytes(tag);
            }
        }
    }

    private static int Tag(ReadOnlySpan<byte> tags, int index) => (tags[index >> 1] >> ((index & 1) << 2)) & 15;

    private static int Bytes(int tag) => tag > XorTag ? tag - XorTag : tag;

    private static ulong ReadLittleEndian(ReadOnlySpan<byte> data, int offset, int count)
    {
        if (offset + sizeof(ulong) <= data.Length)
        {
            var raw = MemoryMarshal.Read<ulong>(data[offset..]);
            return count == sizeof(ulong) ? raw : raw & ((1UL << (count * 8)) - 1);
        }
        var value = 0UL;
        for (var i = 0; i < count; i++)
        {
            value |= (ulong)data[offset + i] << (i * 8);
        }
        return value;
    }

    private static int Difference(double value, double before, ulong xor, out ulong difference)
    {
        if (IsWhole(value) && IsWhole(before))
        {
            var delta = (long)value - (long)before;
            difference = ((ulong)delta << 1) ^ (ulong)(delta >> 63);
            var bytes = SignificantBytes(difference);
            if (bytes <= XorTag && difference != 0)
            {
                return bytes;
            }
        }
        difference = xor;
        return XorTag + SignificantBytes(xor);
    }

    private static double Apply(double before, int tag, ulong difference)
    {
        if (tag > XorTag)
        {
            return BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(before) ^ difference);
        }
        return (double)((long)before + ((long)(difference >> 1) ^ -(long)(difference & 1)));
    }

    /// <summary>Whole, small enough to be exact, and not −0, whose sign a difference would lose.</summary>
    private static bool IsWhole(double value)
    {
        if (!(Math.Abs(value) <= WholeLimit))
        {
            return false;
        }
        var whole = (long)value;
        return BitConverter.DoubleToUInt64Bits(whole) == BitConverter.DoubleToUInt64Bits(value);
    }

    private static int SignificantBytes(ulong value) => (71 - BitOperations.LeadingZeroCount(value)) / 8;
}
