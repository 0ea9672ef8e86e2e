using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>The smallest hashes of a set of series: enough to tell whether two sets are mostly the same.</summary>
/// <remarks>Hashes are the same in every process.</remarks>
public sealed class SeriesSketch
{
    private const int MaxHashes = 512;

    /// <summary>Of no series.</summary>
    public static readonly SeriesSketch Empty = new([]);

    private readonly ulong[] hashes;

    private SeriesSketch(ulong[] sorted) => hashes = sorted;

    /// <summary>The sketch of a set.</summary>
    public static SeriesSketch Of(IEnumerable<LabelSet> series) =>
        new([.. series.Select(HashOf).Distinct().Order().Take(MaxHashes)]);

    /// <summary>Whether the smaller set is at least by half in the other; of a server that just began it is the smaller one.</summary>
    public bool IsLike(SeriesSketch other)
    {
        // Above the last hash of a sketch that is full nothing is known of its set.
        var limit = Math.Min(LimitOf(hashes), LimitOf(other.hashes));
        var mine = hashes.Where(hash => hash <= limit).ToArray();
        var theirs = other.hashes.Where(hash => hash <= limit).ToArray();
        var common = mine.Intersect(theirs).Count();
        return common > 0 && 2 * common >= Math.Min(mine.Length, theirs.Length);
    }

    /// <summary>Writes the hashes.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteUvarint((ulong)hashes.Length);
        foreach (var hash in hashes)
        {
            writer.WriteUInt64(hash);
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static SeriesSketch Decode(ref ByteReader reader)
    {
        var hashes = new ulong[RowBytes.ReadCount(ref reader, MaxHashes, "hashes")];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = reader.ReadUInt64();
        }
        return new SeriesSketch(hashes);
    }

    private static ulong LimitOf(ulong[] sorted) => sorted.Length == MaxHashes ? sorted[^1] : ulong.MaxValue;

    private static ulong HashOf(LabelSet series) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(series.ToString())));
}
