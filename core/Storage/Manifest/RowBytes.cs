using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The frame of every record in a row: version, content, CRC-32C. docs/formats/manifest.md is the page.</summary>
internal static class RowBytes
{
    /// <summary>The property that holds a row's record.</summary>
    public const string Property = "r";

    /// <summary>Version of all records.</summary>
    public const byte Version = 1;

    private const int ChecksumBytes = sizeof(uint);

    /// <summary>A writer behind the version.</summary>
    public static ByteWriter Begin()
    {
        var writer = new ByteWriter();
        writer.WriteByte(Version);
        return writer;
    }

    /// <summary>The whole record.</summary>
    /// <exception cref="ArgumentException">It is longer than a row takes: some limit was not kept.</exception>
    public static byte[] End(ByteWriter writer)
    {
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan));
        return writer.Length <= ManifestLimits.RecordBytes
            ? writer.WrittenSpan.ToArray()
            : throw new ArgumentException(
                $"a row of the manifest would have {writer.Length} bytes, at most {ManifestLimits.RecordBytes} are allowed"
            );
    }

    /// <summary>The name of a row in errors.</summary>
    public static string PlaceOf(string partition, string row) => $"{ManifestKeys.Table}/{partition}/{row}";

    /// <summary>A reader behind the version, whose bytes end before the checksum.</summary>
    /// <exception cref="CorruptDataException">No record, another version, or a wrong checksum.</exception>
    public static ByteReader Open(TableRow row, string place)
    {
        if (!row.Properties.TryGetValue(Property, out var value) || value is not byte[] bytes)
        {
            throw new CorruptDataException(place, 0, $"there is no binary property '{Property}'");
        }
        if (bytes.Length is < 1 + ChecksumBytes or > ManifestLimits.RecordBytes)
        {
            throw new CorruptDataException(place, 0, $"the record has {bytes.Length} bytes");
        }
        var content = bytes.AsSpan(0, bytes.Length - ChecksumBytes);
        var stored = new ByteReader(bytes.AsSpan(content.Length), place, content.Length).ReadUInt32();
        if (stored != Crc32C.Compute(content))
        {
            throw new CorruptDataException(place, content.Length, "the checksum does not match");
        }
        var reader = new ByteReader(content, place);
        return reader.ReadByte() is var version && version == Version
            ? reader
            : throw new CorruptDataException(
                place,
                0,
                $"version {version}; this program knows version {Version}: a newer one wrote it"
            );
    }

    /// <summary>Refuses bytes behind the last field.</summary>
    public static void RequireEnd(ref ByteReader reader)
    {
        if (reader.Remaining > 0)
        {
            throw reader.Corrupt($"{reader.Remaining} bytes follow the last field");
        }
    }

    public static void WriteUlid(ByteWriter writer, Ulid ulid)
    {
        writer.WriteUInt64(ulid.High);
        writer.WriteUInt64(ulid.Low);
    }

    public static Ulid ReadUlid(ref ByteReader reader)
    {
        var high = reader.ReadUInt64();
        return new Ulid(high, reader.ReadUInt64());
    }

    public static void WriteUlids(ByteWriter writer, IReadOnlyList<Ulid> ulids, int atMost, string what)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ulids.Count, atMost, what);
        writer.WriteUvarint((ulong)ulids.Count);
        foreach (var ulid in ulids)
        {
            WriteUlid(writer, ulid);
        }
    }

    public static Ulid[] ReadUlids(ref ByteReader reader, int atMost, string what)
    {
        var ulids = new Ulid[ReadCount(ref reader, atMost, what)];
        for (var i = 0; i < ulids.Length; i++)
        {
            ulids[i] = ReadUlid(ref reader);
        }
        return ulids;
    }

    public static int ReadCount(ref ByteReader reader, int atMost, string what)
    {
        var count = reader.ReadCount(what);
        return count <= atMost ? count : throw reader.Corrupt($"{count} {what}; at most {atMost} are allowed");
    }

    /// <summary>A number from 0 to 2⁶³ − 1.</summary>
    public static long ReadLong(ref ByteReader reader, string what)
    {
        var value = reader.ReadUvarint();
        return value <= long.MaxValue ? (long)value : throw reader.Corrupt($"{what} is {value}");
    }
}
