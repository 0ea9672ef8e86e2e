using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>
/// Written before the first block of a partition is announced, and never again: whatever is older came before this manifest.
/// </summary>
/// <param name="IsRebuilt">Whether all that is older was looked at, so that what has no row does not count.</param>
public sealed record BornRow(bool IsRebuilt)
{
    /// <summary>When it was written, by the store's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Whether a blob of that age, if it has no row, is no part of what is stored.</summary>
    internal bool Judges(BlobInfo blob) => IsRebuilt || blob.LastModified > Since;

    /// <summary>The row's properties.</summary>
    internal Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteByte(IsRebuilt ? (byte)1 : (byte)0);
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static BornRow Decode(TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var flags = reader.ReadByte();
        if (flags > 1)
        {
            throw reader.Corrupt($"flags {flags}");
        }
        RowBytes.RequireEnd(ref reader);
        return new BornRow(flags == 1) { Since = row.Timestamp };
    }
}
