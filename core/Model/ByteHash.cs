using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tributary.Model;

/// <summary>A fast keyed hash of bytes, for tables in memory. The key is random per process: never store a result.</summary>
/// <remarks>Multiply-and-fold over 32 bytes at a time; a peer who does not know the key cannot aim at collisions.</remarks>
public static class ByteHash
{
    private static readonly ulong Key0 = RandomKey();
    private static readonly ulong Key1 = RandomKey();
    private static readonly ulong Key2 = RandomKey();
    private static readonly ulong Key3 = RandomKey();

    /// <summary>A 64-bit hash of <paramref name="bytes"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes) => (ulong)Compute128(bytes);

    /// <summary>A 128-bit hash of <paramref name="bytes"/>: wide enough to stand for the bytes themselves.</summary>
    public static UInt128 Compute128(ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var a = Key0 ^ (ulong)bytes.Length;
        var b = Key1;
        var c = Key2;
        var d = Key3;
        nuint at = 0;
        // Four chains that do not wait for one another; every word goes into both halves of the result.
        for (; at + 32 < (nuint)bytes.Length; at += 32)
        {
            var (word0, word1) = (Word(ref start, at), Word(ref start, at + 8));
            var (word2, word3) = (Word(ref start, at + 16), Word(ref start, at + 24));
            a = Fold(a ^ word0, word1 ^ Key2);
            b = Fold(b ^ word1, word0 ^ Key3);
            c = Fold(c ^ word2, word3 ^ Key0);
            d = Fold(d ^ word3, word2 ^ Key1);
        }
        Span<byte> tail = stackalloc byte[32];
        tail.Clear();
        bytes[(int)at..].CopyTo(tail);
        ref var last = ref MemoryMarshal.GetReference(tail);
        a = Fold(a ^ Word(ref last, 0), Word(ref last, 8) ^ Key2);
        b = Fold(b ^ Word(ref last, 8), Word(ref last, 0) ^ Key3);
        c = Fold(c ^ Word(ref last, 16), Word(ref last, 24) ^ Key0);
        d = Fold(d ^ Word(ref last, 24), Word(ref last, 16) ^ Key1);
        var high = Fold(a ^ Key3, c ^ Key1);
        // All chains go into the low half, which stands for the whole in 64 bits.
        return new UInt128(high, Fold(b ^ Key0, d ^ Key2) ^ BitOperations.RotateLeft(high, 32));
    }

    private static ulong Word(ref byte start, nuint offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, offset));

    private static ulong Fold(ulong x, ulong y)
    {
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
