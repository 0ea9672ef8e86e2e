using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tributary.Model;

/// <summary>A fast keyed hash of bytes, for tables in memory. The key is random per process: never store a result.</summary>
/// <remarks>Multiply-and-fold over 16 bytes at a time; a peer who does not know the key cannot aim at collisions.</remarks>
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
        var a = Key0 ^ (ulong)bytes.Length;
        var b = Key1;
        var rest = bytes;
        while (rest.Length > 16)
        {
            var low = MemoryMarshal.Read<ulong>(rest);
            var high = MemoryMarshal.Read<ulong>(rest[8..]);
            a = Fold(a ^ low, high ^ Key2);
            b = Fold(b ^ high, low ^ Key3);
            rest = rest[16..];
        }
        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);
        var lastLow = BinaryPrimitives.ReadUInt64LittleEndian(tail);
        var lastHigh = BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]);
        a = Fold(a ^ lastLow, lastHigh ^ Key2);
        b = Fold(b ^ lastHigh, lastLow ^ Key3);
        return new UInt128(Fold(b ^ Key0, a ^ Key3), Fold(a ^ Key1, b ^ Key2));
    }

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
