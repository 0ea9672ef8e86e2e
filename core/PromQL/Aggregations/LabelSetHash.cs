using System.Numerics;
using System.Text;
using Tributary.Model;

namespace Tributary.PromQL.Aggregations;

/// <summary>
/// The 64-bit hash of label sets that is the same in every process: xxHash64 over name, 0xFF, value, 0xFF of each label, as
/// Prometheus' <c>labels.Labels.Hash</c> in its build with slices of labels.
/// </summary>
/// <remarks>The algorithm: <see href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md"/>.</remarks>
internal static class LabelSetHash
{
    private const byte Separator = 0xff;
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>The hash of a label set.</summary>
    public static ulong Compute(LabelSet labels)
    {
        var bytes = new List<byte>(256);
        foreach (var label in labels.Labels)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(label.Name));
            bytes.Add(Separator);
            bytes.AddRange(Encoding.UTF8.GetBytes(label.Value));
            bytes.Add(Separator);
        }
        return Compute(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>xxHash64 with seed 0.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var rest = bytes;
            ulong hash;
            if (bytes.Length >= 32)
            {
                var (a, b, c, d) = (Prime1 + Prime2, Prime2, 0UL, 0UL - Prime1);
                while (rest.Length >= 32)
                {
                    a = Round(a, BitConverter.ToUInt64(rest));
                    b = Round(b, BitConverter.ToUInt64(rest[8..]));
                    c = Round(c, BitConverter.ToUInt64(rest[16..]));
                    d = Round(d, BitConverter.ToUInt64(rest[24..]));
                    rest = rest[32..];
                }
                hash =
                    BitOperations.RotateLeft(a, 1)
                    + BitOperations.RotateLeft(b, 7)
                    + BitOperations.RotateLeft(c, 12)
                    + BitOperations.RotateLeft(d, 18);
                foreach (var lane in (ReadOnlySpan<ulong>)[a, b, c, d])
                {
                    hash = ((hash ^ Round(0, lane)) * Prime1) + Prime4;
                }
            }
            else
            {
                hash = Prime5;
            }
            return Finish(hash + (ulong)bytes.Length, rest);
        }
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        unchecked
        {
            for (; rest.Length >= 8; rest = rest[8..])
            {
                hash = (BitOperations.RotateLeft(hash ^ Round(0, BitConverter.ToUInt64(rest)), 27) * Prime1) + Prime4;
            }
            if (rest.Length >= 4)
            {
                hash = (BitOperations.RotateLeft(hash ^ (BitConverter.ToUInt32(rest) * Prime1), 23) * Prime2) + Prime3;
                rest = rest[4..];
            }
            foreach (var one in rest)
            {
                hash = BitOperations.RotateLeft(hash ^ (one * Prime5), 11) * Prime1;
            }
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime3;
            return hash ^ (hash >> 32);
        }
    }

    private static ulong Round(ulong lane, ulong input) =>
        unchecked(BitOperations.RotateLeft(lane + (input * Prime2), 31) * Prime1);
}
