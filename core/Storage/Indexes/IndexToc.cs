using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>Where the sections of an index begin; 0 for a section that is not there.</summary>
internal sealed record IndexToc(
    long Symbols,
    long Series,
    long LabelIndices,
    long LabelIndicesTable,
    long Postings,
    long PostingsTable,
    long End
)
{
    /// <summary>Reads the last bytes of an index.</summary>
    public static IndexToc Read(ReadOnlySpan<byte> bytes, BlobFile file)
    {
        var end = file.LengthBytes - IndexFormat.TocBytes;
        var reader = new ByteReader(bytes, file.Name, end);
        var checksum = new ByteReader(bytes[^sizeof(uint)..], file.Name).ReadUInt32();
        if (Crc32C.Compute(bytes[..^sizeof(uint)]) != checksum)
        {
            throw reader.Corrupt("the checksum of the table of contents is wrong");
        }
        Span<long> offsets = stackalloc long[6];
        foreach (ref var offset in offsets)
        {
            var value = reader.ReadUInt64();
            if (value > (ulong)end || (value != 0 && value < IndexFormat.HeaderBytes))
            {
                throw reader.Corrupt($"a section begins at {value}, outside the index");
            }
            offset = (long)value;
        }
        return new IndexToc(offsets[0], offsets[1], offsets[2], offsets[3], offsets[4], offsets[5], end);
    }

    /// <summary>Where the section that begins at an offset ends at the latest.</summary>
    public long EndOf(long offset)
    {
        var end = End;
        foreach (
            var next in (ReadOnlySpan<long>)[Symbols, Series, LabelIndices, LabelIndicesTable, Postings, PostingsTable]
        )
        {
            if (next > offset && next < end)
            {
                end = next;
            }
        }
        return end;
    }
}
