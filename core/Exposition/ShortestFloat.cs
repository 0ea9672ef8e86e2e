using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tributary.Exposition;

/// <summary>The shortest decimal number that reads back as the same float; of several the nearest one.</summary>
/// <remarks>
/// "Schubfach" after Raffaello Giulietti, "The Schubfach way to render doubles": the bounds of what rounds to the float are
/// scaled by a power of ten, of which 128 bits are known, so that between them lies at most one multiple of ten and at least
/// one whole number.
/// </remarks>
internal static class ShortestFloat
{
    private const int FractionBits = 52;
    private const int ExponentBias = 1075;
    private const int MinPower = -292;
    private const int MaxPower = 324;

    /// <summary>10^k · 2^(127 − ⌊log₂ 10^k⌋), rounded up, for each k.</summary>
    private static readonly UInt128[] Powers = MakePowers();

    /// <summary>The digits as a whole number, and the power of ten that it is to be multiplied by.</summary>
    /// <param name="value">Finite and above 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (ulong Digits, int Exponent) Of(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var fraction = bits & ((1UL << FractionBits) - 1);
        var biased = (int)(bits >> FractionBits);
        var significand = biased == 0 ? fraction : fraction | (1UL << FractionBits);
        var exponent = Math.Max(biased, 1) - ExponentBias;
        // The neighbour below a power of two is half as far away.
        var isUneven = fraction == 0 && biased > 1;
        // ⌊log₁₀ 2^e⌋, or of ¾ · 2^e.
        var power = ((exponent * 1262611) - (isUneven ? 524031 : 0)) >> 22;
        // ⌊log₂ 10^−k⌋
        var shift = exponent + ((-power * 1741647) >> 19) + 1;
        var scale = Powers[-power - MinPower];
        var four = significand << 2;
        var low = Scaled(scale, (four - (isUneven ? 1UL : 2UL)) << shift);
        var exact = Scaled(scale, four << shift);
        var high = Scaled(scale, (four + 2) << shift);
        // Bounds themselves round to an even significand.
        var open = significand & 1;
        (low, high) = (low + open, high - open);
        var whole = exact >> 2;
        if (whole >= 10)
        {
            var tens = whole / 10;
            var isLower = low <= 40 * tens;
            var isUpper = (40 * tens) + 40 <= high;
            if (isLower != isUpper)
            {
                return (tens + (isUpper ? 1UL : 0UL), power + 1);
            }
        }
        var isBelow = low <= 4 * whole;
        var isAbove = (4 * whole) + 4 <= high;
        if (isBelow != isAbove)
        {
            return (whole + (isAbove ? 1UL : 0UL), power);
        }
        var middle = (4 * whole) + 2;
        var isUp = exact > middle || (exact == middle && (whole & 1) != 0);
        return (whole + (isUp ? 1UL : 0UL), power);
    }

    /// <summary>The product's highest 64 bits; the last one is set, too, when something is lost below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Scaled(UInt128 scale, ulong value)
    {
        var below = Math.BigMul((ulong)scale, value, out _);
        var top = Math.BigMul((ulong)(scale >> 64), value, out var middle);
        middle += below;
        top += middle < below ? 1UL : 0UL;
        return top | (middle > 1 ? 1UL : 0UL);
    }

    private static UInt128[] MakePowers()
    {
        var powers = new UInt128[MaxPower - MinPower + 1];
        var ten = BigInteger.One;
        for (var k = 0; k <= MaxPower; k++, ten *= 10)
        {
            var bits = (int)ten.GetBitLength();
            powers[k - MinPower] = (UInt128)(bits <= 128 ? ten << (128 - bits) : CeilingShift(ten, bits - 128));
            if (k > 0 && -k >= MinPower)
            {
                powers[-k - MinPower] = (UInt128)(((BigInteger.One << (127 + bits)) / ten) + 1);
            }
        }
        return powers;
    }

    private static BigInteger CeilingShift(BigInteger value, int bits) =>
        (value + (BigInteger.One << bits) - 1) >> bits;
}
