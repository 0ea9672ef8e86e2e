using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>The records of a table file: length, CRC-32C, and rows that come or go. One commit is one record.</summary>
internal static class TableRecords
{
    private const byte Put = 1;
    private const byte Gone = 2;
    private const int Overhead = 8;

    /// <summary>Rows of a compacted file are cut into records of about this size.</summary>
    private const int CompactedBytes = 1024 * 1024;

    /// <summary>The first record: whose file it is, because its name is only a hash.</summary>
    public static void WriteIdentity(ByteWriter writer, string table, string partition)
    {
        var start = Open(writer);
        writer.WriteString(table);
        writer.WriteString(partition);
        Close(writer, start);
    }

    /// <summary>One commit.</summary>
    public static void WriteChanges(ByteWriter writer, IEnumerable<KeyValuePair<string, StoredRow?>> changes)
    {
        var start = Open(writer);
        foreach (var (key, row) in changes)
        {
            WriteChange(writer, key, row);
        }
        Close(writer, start);
    }

    /// <summary>All rows of a partition.</summary>
    public static void WriteRows(ByteWriter writer, TableSnapshot snapshot)
    {
        var start = Open(writer);
        foreach (var row in snapshot.Rows)
        {
            if (writer.Length - start > CompactedBytes)
            {
                Close(writer, start);
                start = Open(writer);
            }
            WriteChange(writer, row.Key, row);
        }
        Close(writer, start);
    }

    /// <summary>Reads the records of a piece of the file; the first record of a whole file is its identity.</summary>
    /// <param name="bytes">Whole records.</param>
    /// <param name="file">For errors.</param>
    /// <param name="offset">Where the piece begins.</param>
    /// <param name="identity">What the first record must say, or null when the piece does not have it.</param>
    /// <param name="before">The rows before the piece.</param>
    public static TableSnapshot Read(
        ReadOnlyMemory<byte> bytes,
        string file,
        long offset,
        (string Table, string Partition)? identity,
        TableSnapshot before
    )
    {
        var changes = new Dictionary<string, StoredRow?>(StringComparer.Ordinal);
        var position = 0;
        while (position < bytes.Length)
        {
            var payload = Payload(bytes[position..], file, offset + position);
            var start = offset + position + Overhead;
            if (identity is { } expected)
            {
                CheckIdentity(payload.Span, file, start, expected);
                identity = null;
            }
            else
            {
                ReadChanges(payload, file, start, changes);
            }
            position += Overhead + payload.Length;
        }
        return before.With(changes);
    }

    private static ReadOnlyMemory<byte> Payload(ReadOnlyMemory<byte> bytes, string file, long offset)
    {
        var reader = new ByteReader(bytes.Span, file, offset);
        var length = reader.ReadUInt32();
        var checksum = reader.ReadUInt32();
        if (length > (uint)reader.Remaining)
        {
            throw reader.Corrupt($"a record of {length} bytes, but only {reader.Remaining} follow");
        }
        var payload = bytes.Slice(Overhead, (int)length);
        return Crc32C.Compute(payload.Span) == checksum
            ? payload
            : throw new CorruptDataException(file, offset, "the record's checksum is wrong");
    }

    private static void CheckIdentity(
        ReadOnlySpan<byte> payload,
        string file,
        long offset,
        (string Table, string Partition) expected
    )
    {
        var reader = new ByteReader(payload, file, offset);
        var found = (reader.ReadString(), reader.ReadString());
        if (found != expected)
        {
            throw reader.Corrupt($"this is the file of {found}, not of {expected}; was it renamed?");
        }
    }

    private static void ReadChanges(
        ReadOnlyMemory<byte> payload,
        string file,
        long offset,
        Dictionary<string, StoredRow?> changes
    )
    {
        var reader = new ByteReader(payload.Span, file, offset);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadByte();
            var key = reader.ReadString();
            switch (kind)
            {
                case Put:
                    var version = reader.ReadUvarint();
                    var ticks = reader.ReadVarint();
                    var length = reader.ReadCount("bytes of properties");
                    var properties = payload.Slice(payload.Length - reader.Remaining, length);
                    reader.ReadBytes(length);
                    if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
                    {
                        throw reader.Corrupt($"a time of {ticks} ticks");
                    }
                    changes[key] = new StoredRow(key, version, ticks, properties);
                    break;
                case Gone:
                    changes[key] = null;
                    break;
                default:
                    throw reader.Corrupt($"change of kind {kind}");
            }
        }
    }

    private static void WriteChange(ByteWriter writer, string key, StoredRow? row)
    {
        writer.WriteByte(row is null ? Gone : Put);
        writer.WriteString(key);
        if (row is not null)
        {
            writer.WriteUvarint(row.Version);
            writer.WriteVarint(row.Ticks);
            writer.WriteUvarint((ulong)row.Properties.Length);
            writer.WriteBytes(row.Properties.Span);
        }
    }

    private static int Open(ByteWriter writer)
    {
        var start = writer.Length;
        writer.WriteUInt64(0);
        return start;
    }

    private static void Close(ByteWriter writer, int start)
    {
        var payload = writer.WrittenSpan[(start + Overhead)..];
        var checksum = Crc32C.Compute(payload);
        writer.PatchUInt32(start, (uint)payload.Length);
        writer.PatchUInt32(start + 4, checksum);
    }
}
