using System.Numerics;
using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>The coding of floats by their exclusive or with the one before, as in XOR chunks; one state per column.</summary>
internal struct XorWindow
{
    private byte leading;
    private byte width;

    /// <summary>Writes the exclusive or of a value with the one before.</summary>
    public void Write(BitWriter output, ulong xor)
    {
        if (xor == 0)
        {
            output.WriteBit(false);
            return;
        }
        var newLeading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var newTrailing = BitOperations.TrailingZeroCount(xor);
        var trailing = 64 - leading - width;
        if (width > 0 && newLeading >= leading && newTrailing >= trailing)
        {
            output.WriteBits(0b10, 2);
            output.WriteBits(xor >> trailing, width);
            return;
        }
        leading = (byte)newLeading;
        width = (byte)(64 - newLeading - newTrailing);
        // 64 bits do not fit into six, and 0 cannot occur: it stands for 64.
        output.WriteBits((0b11UL << 11) | ((ulong)leading << 6) | (width & 63UL), 13);
        output.WriteBits(xor >> newTrailing, width);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <returns>False when no float can be coded so.</returns>
    public bool TryRead(ref BitReader input, out ulong xor)
    {
        xor = 0;
        if (!input.ReadBit())
        {
            return true;
        }
        if (input.ReadBit())
        {
            var head = input.ReadBits(11);
            leading = (byte)(head >> 6);
            width = (byte)(head & 63);
            width = width == 0 ? (byte)64 : width;
        }
        if (width == 0 || leading + width > 64)
        {
            return false;
        }
        xor = input.ReadBits(width) << (64 - leading - width);
        return true;
    }
}
