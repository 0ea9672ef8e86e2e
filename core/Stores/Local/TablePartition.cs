using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>One partition: its file, and the rows read from it so far.</summary>
/// <remarks>Each operation looks at the file's header; what another process committed since is read and applied.</remarks>
internal sealed class TablePartition
{
    private const FileShare Everything = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Below this a file is not worth compacting.</summary>
    private const long SmallBytes = 1024 * 1024;

    private readonly StoreFolder folder;
    private readonly string table;
    private readonly string partition;
    private readonly string path;
    private readonly long smallBytes;

    /// <summary>The last state read; replaced whole, so that readers need no lock.</summary>
    private volatile State? known;

    public TablePartition(StoreFolder folder, string table, string partition, long smallBytes = SmallBytes)
    {
        this.folder = folder;
        // Names of tables differ by more than their case, as on Azure.
        this.table = table.ToLowerInvariant();
        this.partition = partition;
        this.smallBytes = smallBytes;
        path = Path.Join(folder.Tables, this.table, FileName(partition));
    }

    /// <summary>The name for messages and locks.</summary>
    public string Name => $"{table}/{partition}";

    public string FilePath => path;

    /// <summary>The rows as of now.</summary>
    public (TableSnapshot Rows, ulong Origin) Read()
    {
        using var file = Open(FileAccess.Read);
        if (file is null)
        {
            return (TableSnapshot.Empty, 0);
        }
        var state = Refresh(file, Header(file).Header);
        return (state.Rows, state.Header.Origin);
    }

    /// <summary>Commits a transaction, under the lock.</summary>
    public void Commit(IReadOnlyList<TableWrite> writes, IReadOnlyList<byte[]> encoded, long nowTicks)
    {
        using var file = Open(FileAccess.ReadWrite);
        if (file is null)
        {
            var origin = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            var changes = Changes(writes, encoded, TableSnapshot.Empty, origin, 1, nowTicks);
            WriteNewFile(TableSnapshot.Empty.With(changes), origin, 1);
            return;
        }
        var (record, header) = Header(file);
        var state = Refresh(file, header);
        var changed = Changes(writes, encoded, state.Rows, header.Origin, header.Version + 1, nowTicks);
        var after = state.Rows.With(changed);
        var writer = new ByteWriter();
        TableRecords.WriteChanges(writer, changed);
        if (IsWorthCompacting(header.CommittedBytes + writer.Length, after))
        {
            if (TryCompact(after, header.Origin, header.Version + 1))
            {
                return;
            }
        }
        RandomAccess.Write(file, writer.WrittenSpan, header.CommittedBytes);
        RandomAccess.FlushToDisk(file);
        var next = header with { CommittedBytes = header.CommittedBytes + writer.Length, Version = header.Version + 1 };
        MirroredHeader.Write(file, TableHeader.Magic, record, next.Encode(), folder, path);
        known = new State(next, after);
    }

    /// <summary>Whether the file is several times as long as its rows.</summary>
    private bool IsWorthCompacting(long lengthBytes, TableSnapshot rows)
    {
        if (lengthBytes < smallBytes)
        {
            return false;
        }
        var live = 0L;
        foreach (var row in rows.Rows)
        {
            live += row.Properties.Length + (row.Key.Length * 2) + 32;
        }
        return lengthBytes > smallBytes + (4 * live);
    }

    private bool TryCompact(TableSnapshot rows, ulong origin, ulong version)
    {
        try
        {
            WriteNewFile(rows, origin, version);
            return true;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows())
        {
            // Windows does not replace a file that somebody reads; the file grows on, and a later commit tries again.
            return false;
        }
    }

    /// <summary>Writes all rows beside the file and renames: the commit of this transaction, too.</summary>
    private void WriteNewFile(TableSnapshot rows, ulong origin, ulong version)
    {
        var generation = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var writer = new ByteWriter();
        TableRecords.WriteIdentity(writer, table, partition);
        TableRecords.WriteRows(writer, rows);
        var header = new TableHeader(origin, generation, MirroredHeader.SizeBytes + writer.Length, version);
        // One name: the lock is held, so what lies there is a killed process's.
        var temporary = path + ".new";
        folder.MakeFolderOf(path, "commit to", Name);
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, Everything))
        {
            RandomAccess.Write(file, MirroredHeader.NewFile(TableHeader.Magic, header.Encode()), 0);
            RandomAccess.Write(file, writer.WrittenSpan, MirroredHeader.SizeBytes);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(temporary, path, overwrite: true);
        known = new State(header, rows);
    }

    private Dictionary<string, StoredRow?> Changes(
        IReadOnlyList<TableWrite> writes,
        IReadOnlyList<byte[]> encoded,
        TableSnapshot rows,
        ulong origin,
        ulong version,
        long nowTicks
    )
    {
        var changes = new Dictionary<string, StoredRow?>(StringComparer.Ordinal);
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var current = rows.Find(write.Row);
            var problem = (write.Action, current) switch
            {
                (TableAction.Insert, not null) => "it exists already",
                (TableAction.Delete, null) => "it does not exist",
                (_, null) when write.IfMatch is not null => "it does not exist",
                (_, not null) when write.IfMatch is { } wanted && wanted != ETag(origin, current.Version) =>
                    $"ETag '{wanted}' is wanted, it has '{ETag(origin, current.Version)}'",
                _ => null,
            };
            if (problem is not null)
            {
                throw folder.Error(
                    StoreError.ConditionNotMet,
                    "commit to",
                    Name,
                    $"row '{write.Row}' ({write.Action}): {problem}"
                );
            }
            changes[write.Row] =
                write.Action == TableAction.Delete
                    ? null
                    : new StoredRow(write.Row, version, Math.Max(nowTicks, current?.Ticks ?? 0), encoded[i]);
        }
        return changes;
    }

    /// <summary>A row as the port gives it.</summary>
    public TableRow ToRow(StoredRow row, ulong origin) =>
        new(
            row.Key,
            ETag(origin, row.Version),
            new DateTimeOffset(row.Ticks, TimeSpan.Zero),
            TableValues.Read(row.Properties.Span, folder.Relative(path))
        );

    private static string ETag(ulong origin, ulong version) =>
        string.Create(CultureInfo.InvariantCulture, $"{origin:x16}-{version:x}");

    private SafeFileHandle? Open(FileAccess access)
    {
        try
        {
            return known is null && folder.IsMissing(path)
                ? null
                : File.OpenHandle(path, FileMode.Open, access, Everything);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return File.Exists(folder.Root) ? throw new IOException("The path is a file.", exception) : null;
        }
    }

    private (MirroredHeader.Record Record, TableHeader Header) Header(SafeFileHandle file)
    {
        var record = MirroredHeader.Read(file, TableHeader.Magic, TableHeader.SizeBytes, folder, path);
        return (record, TableHeader.Decode(record.Payload, folder, path));
    }

    /// <summary>Reads what was committed behind the state that is known, or all of a file that is another.</summary>
    private State Refresh(SafeFileHandle file, TableHeader header)
    {
        var state = known;
        var goesOn = state is not null && state.Header.Generation == header.Generation;
        if (goesOn && state!.Header.CommittedBytes >= header.CommittedBytes)
        {
            // The known state may be newer than the header just read, by another thread's look.
            return state;
        }
        var from = goesOn ? state!.Header.CommittedBytes : MirroredHeader.SizeBytes;
        var rows = TableRecords.Read(
            ReadRange(file, from, header.CommittedBytes),
            folder.Relative(path),
            from,
            goesOn ? null : (table, partition),
            goesOn ? state!.Rows : TableSnapshot.Empty
        );
        return known = new State(header, rows);
    }

    private byte[] ReadRange(SafeFileHandle file, long from, long to)
    {
        var length = RandomAccess.GetLength(file);
        if (to < from || to > length || to - from > Array.MaxLength)
        {
            throw folder.Corrupt(path, length, $"the file has {length} bytes, {from} to {to} should be there");
        }
        var bytes = new byte[to - from];
        for (var done = 0; done < bytes.Length; )
        {
            var count = RandomAccess.Read(file, bytes.AsSpan(done), from + done);
            if (count == 0)
            {
                throw folder.Corrupt(path, from + done, "the file was cut while it was read");
            }
            done += count;
        }
        return bytes;
    }

    /// <summary>A readable beginning, then a hash: keys may be long, of any characters, and differ only by case.</summary>
    private static string FileName(string partition)
    {
        var readable = new string([
            .. partition.Take(40).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_'),
        ]);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(partition));
        return $"{readable}~{Convert.ToHexStringLower(hash.AsSpan(..16))}";
    }

    private sealed record State(TableHeader Header, TableSnapshot Rows);
}
