using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Tributary.Model;

/// <summary>A fast keyed hash of bytes, for tables in memory. The key is random per process: never store a result.</summary>
/// <remarks>Multiply-and-fold over 32 bytes at a time; a peer who does not know the key cannot aim at collisions.</remarks>
public static class ByteHash
{
    private const int BlockBytes = 32;

    private static readonly ulong Key0 = RandomKey();
    private static readonly ulong Key1 = RandomKey();
    private static readonly ulong Key2 = RandomKey();
    private static readonly ulong Key3 = RandomKey();

    /// <summary>A 64-bit hash of <paramref name="bytes"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes) => (ulong)Compute128(bytes);

    /// <summary>A 128-bit hash of <paramref name="bytes"/>: wide enough to stand for the bytes themselves.</summary>
    public static UInt128 Compute128(ReadOnlySpan<byte> bytes) =>
        bytes.Length < BlockBytes
            ? ComputeShort(bytes)
            : Compute(ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, (ulong)bytes.Length);

    private static UInt128 ComputeShort(ReadOnlySpan<byte> bytes)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        bytes.CopyTo(block);
        return Compute(ref MemoryMarshal.GetReference(block), BlockBytes, (ulong)bytes.Length);
    }

    /// <param name="start">The first byte.</param>
    /// <param name="length">How many there are, at least a block.</param>
    /// <param name="hashed">How many of them are hashed: what follows them is zero.</param>
    private static UInt128 Compute(ref byte start, nuint length, ulong hashed)
    {
        var (key0, key1, key2, key3) = (Key0, Key1, Key2, Key3);
        var (a, b, c, d) = (key0 ^ hashed, key1, key2, key3);
        var last = length - BlockBytes;
        nuint at = 0;
        while (true)
        {
            // Four chains that do not wait for one another; every word goes into both halves of the result.
            var (word0, word1) = (Word(ref start, at), Word(ref start, at + 8));
            var (word2, word3) = (Word(ref start, at + 16), Word(ref start, at + 24));
            a = Fold(a ^ word0, word1 ^ key2);
            b = Fold(b ^ word1, word0 ^ key3);
            c = Fold(c ^ word2, word3 ^ key0);
            d = Fold(d ^ word3, word2 ^ key1);
            if (at == last)
            {
                break;
            }
            // The last block may repeat bytes of the one before: the length, which says how many, is in the first chain.
            at = Math.Min(at + BlockBytes, last);
        }
        var high = Fold(a ^ key3, c ^ key1);
        // All chains go into the low half, which stands for the whole in 64 bits.
        return new UInt128(high, Fold(b ^ key0, d ^ key2) ^ BitOperations.RotateLeft(high, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, nuint offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, offset));

    /// <summary>Both halves of the product in one.</summary>
    /// <remarks>Two multiplications that stay in registers are faster than one whose lower half goes through memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong x, ulong y)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.MultiplyNoFlags(x, y) ^ unchecked(x * y);
        }
        if (ArmBase.Arm64.IsSupported)
        {
            return ArmBase.Arm64.MultiplyHigh(x, y) ^ unchecked(x * y);
        }
        var high = Math.BigMul(x, y, out var low);
        return high ^ low;
    }

    private static ulong RandomKey()
    {
        Span<byte> key = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(key);
        return BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
    }
}
