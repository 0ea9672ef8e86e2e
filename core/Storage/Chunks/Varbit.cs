using System.Numerics;
using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Numbers of histogram chunks: as many ones as its class, a zero, and the bits of the class.</summary>
/// <remarks><c>varbit_int</c> and <c>varbit_uint</c> of upstream's chunk format.</remarks>
internal static class Varbit
{
    private const int LastClass = 8;

    private static ReadOnlySpan<byte> Widths => [0, 3, 6, 9, 12, 18, 25, 56, 64];

    /// <summary>Writes a signed number; a class of n bits reaches from −(2^(n−1) − 1) to 2^(n−1).</summary>
    public static void Write(BitWriter output, long value)
    {
        // Half of the range on either side: how many bits the larger of −value and value − 1 needs, and the sign's.
        var magnitude = value > 0 ? (ulong)value - 1 : (ulong)-value;
        var needed = value == 0 ? 0 : Math.Min(64, 65 - BitOperations.LeadingZeroCount(magnitude));
        Write(output, (ulong)value, needed);
    }

    /// <summary>Writes an unsigned number.</summary>
    public static void WriteUnsigned(BitWriter output, ulong value) =>
        Write(output, value, 64 - BitOperations.LeadingZeroCount(value));

    /// <summary>Reads a signed number.</summary>
    public static long Read(ref BitReader input)
    {
        var width = ReadWidth(ref input);
        var value = input.ReadBits(width);
        return width is > 0 and < 64 && value > 1UL << (width - 1) ? (long)value - (1L << width) : (long)value;
    }

    /// <summary>Reads an unsigned number.</summary>
    public static ulong ReadUnsigned(ref BitReader input) => input.ReadBits(ReadWidth(ref input));

    private static void Write(BitWriter output, ulong value, int needed)
    {
        var number = 0;
        while (Widths[number] < needed)
        {
            number++;
        }
        // The largest class has no zero behind its ones.
        var prefix = number == LastClass ? 0xffUL : (1UL << (number + 1)) - 2;
        output.WriteBits(prefix, Math.Min(number + 1, LastClass));
        var width = Widths[number];
        output.WriteBits(width == 64 ? value : value & ((1UL << width) - 1), width);
    }

    private static int ReadWidth(ref BitReader input)
    {
        var number = 0;
        while (number < LastClass && input.ReadBit())
        {
            number++;
        }
        return Widths[number];
    }
}
