using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>A delete's row: that the blob <c>deletes/&lt;ULID&gt;</c> counts, and where it may apply.</summary>
/// <param name="Ulid">The delete.</param>
/// <param name="Range">The deleted time.</param>
/// <param name="Number">It applies to blocks up to this number.</param>
public sealed record DeleteRow(Ulid Ulid, TimeRange Range, long Number)
{
    /// <summary>The row's ETag; empty for one that is not stored yet.</summary>
    public string ETag { get; init; } = "";

    /// <summary>Whether it may apply to samples of a block.</summary>
    public bool AppliesTo(BlockDescription block) => block.Number <= Number && block.Overlaps(Range);

    /// <summary>The row's properties.</summary>
    internal Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteVarint(Range.MinMs);
        writer.WriteVarint(Range.MaxMs);
        writer.WriteUvarint((ulong)Number);
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static DeleteRow Decode(Ulid ulid, TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var range = new TimeRange(reader.ReadVarint(), reader.ReadVarint());
        var number = RowBytes.ReadLong(ref reader, "the number");
        RowBytes.RequireEnd(ref reader);
        return new DeleteRow(ulid, range, number) { ETag = row.ETag };
    }
}
