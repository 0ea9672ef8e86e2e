using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The row that every commit replaces, conditional on its ETag: of two committers one commits.</summary>
/// <param name="Number">How many commits there were.</param>
public sealed record StateRow(long Number)
{
    private const byte Closed = 1;

    /// <summary>Before the first commit.</summary>
    public static readonly StateRow Empty = new(0);

    /// <summary>The last commits, the newest last, so that a committer finds its own after an unknown outcome.</summary>
    public IReadOnlyList<Ulid> Recent { get; init; } = [];

    /// <summary>Whether the partition is left for a rebuilt one: nothing commits here any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The row after a commit.</summary>
    internal StateRow After(Ulid commit) =>
        new(Number + 1)
        {
            Recent = [.. Recent.Skip(Math.Max(0, Recent.Count + 1 - ManifestLimits.RecentCommits)), commit],
        };

    /// <summary>The row's properties.</summary>
    internal Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteByte(IsClosed ? Closed : (byte)0);
        writer.WriteUvarint((ulong)Number);
        RowBytes.WriteUlids(writer, Recent, ManifestLimits.RecentCommits, "commits");
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static StateRow Decode(TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var flags = reader.ReadByte();
        if (flags > Closed)
        {
            throw reader.Corrupt($"flags {flags}");
        }
        var number = RowBytes.ReadLong(ref reader, "the commit number");
        var recent = RowBytes.ReadUlids(ref reader, ManifestLimits.RecentCommits, "commits");
        RowBytes.RequireEnd(ref reader);
        return new StateRow(number) { Recent = recent, IsClosed = flags == Closed };
    }
}
