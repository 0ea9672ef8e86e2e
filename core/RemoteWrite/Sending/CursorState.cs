using Tributary.Binary;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>What is remembered of a destination beside its positions. With this row it begins, and without it it ends.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="SinceMs">When it began: what was in the log before is not sent.</param>
internal sealed record CursorState(string Name, long SinceMs)
{
    private const int MaxNameBytes = 1024;

    /// <summary>When metadata was sent last; 0 for never.</summary>
    public long MetadataSentMs { get; init; }

    /// <summary>The destination asked not to be asked before; 0 without.</summary>
    public long NotBeforeMs { get; init; }

    /// <summary>The row's ETag; empty for one that is not stored yet.</summary>
    public string ETag { get; init; } = "";

    /// <summary>The row's properties.</summary>
    public Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteString(Name.Length > MaxNameBytes ? Name[..MaxNameBytes] : Name);
        writer.WriteUvarint((ulong)Math.Max(0, SinceMs));
        writer.WriteUvarint((ulong)Math.Max(0, MetadataSentMs));
        writer.WriteUvarint((ulong)Math.Max(0, NotBeforeMs));
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    public static CursorState Decode(TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var name = reader.ReadString();
        var since = RowBytes.ReadLong(ref reader, "the beginning");
        var metadata = RowBytes.ReadLong(ref reader, "the time of metadata");
        var notBefore = RowBytes.ReadLong(ref reader, "the end of a pause");
        RowBytes.RequireEnd(ref reader);
        return new CursorState(name, since)
        {
            MetadataSentMs = metadata,
            NotBeforeMs = notBefore,
            ETag = row.ETag,
        };
    }
}
