using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>The record at the beginning of a table file: how much of the file counts.</summary>
/// <param name="Origin">A random number from the partition's first commit; part of every ETag.</param>
/// <param name="Generation">A random number of this file; a compaction makes a new one.</param>
/// <param name="CommittedBytes">How long the file is as far as it counts.</param>
/// <param name="Version">The number of the last commit; it goes on through compactions.</param>
internal readonly record struct TableHeader(ulong Origin, ulong Generation, long CommittedBytes, ulong Version)
{
    /// <summary>"TRBT".</summary>
    public const uint Magic = 0x54524254;

    /// <summary>Bytes of the record in the file's <see cref="MirroredHeader"/>.</summary>
    public const int SizeBytes = 36;

    private const uint FormatVersion = 1;

    public byte[] Encode()
    {
        var writer = new ByteWriter(SizeBytes);
        writer.WriteUInt32(FormatVersion);
        writer.WriteUInt64(Origin);
        writer.WriteUInt64(Generation);
        writer.WriteUInt64((ulong)CommittedBytes);
        writer.WriteUInt64(Version);
        return writer.WrittenSpan.ToArray();
    }

    public static TableHeader Decode(ReadOnlySpan<byte> bytes, StoreFolder folder, string path)
    {
        var reader = new ByteReader(bytes, folder.Relative(path));
        var version = reader.ReadUInt32();
        if (version != FormatVersion)
        {
            throw folder.Corrupt(path, 0, $"table file version {version}; this program knows {FormatVersion}");
        }
        return new TableHeader(
            reader.ReadUInt64(),
            reader.ReadUInt64(),
            (long)reader.ReadUInt64(),
            reader.ReadUInt64()
        );
    }
}
