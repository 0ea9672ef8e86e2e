using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Manifest;

/// <summary>A delete, as its blob <c>deletes/&lt;ULID&gt;</c> says it; block files are never touched.</summary>
public sealed record DeleteDescription
{
    /// <summary>What the names of all deletes begin with.</summary>
    public const string Prefix = "deletes/";

    /// <summary>The longest blob: 16 MiB.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const byte Version = 1;

    /// <summary>The delete.</summary>
    public required Ulid Ulid { get; init; }

    /// <summary>The deleted time.</summary>
    public required TimeRange Range { get; init; }

    /// <summary>It applies to blocks up to this number.</summary>
    public required long Number { get; init; }

    /// <summary>Series selectors as texts of PromQL; a series that one of them selects is deleted in the range.</summary>
    public required IReadOnlyList<string> Selectors { get; init; }

    /// <summary>The log files that it applies to: all of its range's windows, sealed.</summary>
    public IReadOnlySet<LogFileName> LogFiles { get; init; } = new HashSet<LogFileName>();

    private static ReadOnlySpan<byte> Magic => "TDEL"u8;

    /// <summary>The blob of a delete.</summary>
    public static string NameOf(Ulid ulid) => $"{Prefix}{ulid}";

    /// <summary>Whether it may apply to samples of a block.</summary>
    public bool AppliesTo(BlockDescription block) => block.Number <= Number && block.Overlaps(Range);

    /// <summary>The blob's content.</summary>
    internal byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.WriteBytes(Magic);
        writer.WriteByte(Version);
        writer.WriteVarint(Range.MinMs);
        writer.WriteVarint(Range.MaxMs);
        writer.WriteUvarint((ulong)Number);
        writer.WriteUvarint((ulong)Selectors.Count);
        foreach (var selector in Selectors)
        {
            writer.WriteString(selector);
        }
        writer.WriteUvarint((ulong)LogFiles.Count);
        foreach (var file in LogFiles.OrderBy(file => file.Window).ThenBy(file => file.Writer))
        {
            writer.WriteUvarint((ulong)(file.Window.StartMs / Window.LengthMs));
            RowBytes.WriteUlid(writer, file.Writer);
        }
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan));
        return writer.Length <= MaxBytes
            ? writer.WrittenSpan.ToArray()
            : throw new ArgumentException($"a delete of {writer.Length} bytes; at most {MaxBytes} are allowed");
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The blob is not one of this format.</exception>
    internal static DeleteDescription Decode(Ulid ulid, ReadOnlySpan<byte> bytes)
    {
        var blob = NameOf(ulid);
        var reader = new ByteReader(bytes, blob);
        if (!reader.ReadBytes(Magic.Length).SequenceEqual(Magic))
        {
            throw new CorruptDataException(blob, 0, "this is not a delete");
        }
        if (reader.ReadByte() is var version && version != Version)
        {
            throw new CorruptDataException(blob, Magic.Length, $"version {version}; this program knows {Version}");
        }
        if (bytes.Length < Magic.Length + 1 + sizeof(uint))
        {
            throw reader.Corrupt("it ends before its checksum");
        }
        var content = bytes[..^sizeof(uint)];
        if (new ByteReader(bytes[content.Length..], blob, content.Length).ReadUInt32() != Crc32C.Compute(content))
        {
            throw new CorruptDataException(blob, content.Length, "the checksum does not match");
        }
        reader = new ByteReader(content[(Magic.Length + 1)..], blob, Magic.Length + 1);
        var range = new TimeRange(reader.ReadVarint(), reader.ReadVarint());
        var number = RowBytes.ReadLong(ref reader, "the number");
        var selectors = new string[reader.ReadCount("selectors")];
        for (var i = 0; i < selectors.Length; i++)
        {
            selectors[i] = reader.ReadString();
        }
        var files = ReadFiles(ref reader);
        RowBytes.RequireEnd(ref reader);
        return new DeleteDescription
        {
            Ulid = ulid,
            Range = range,
            Number = number,
            Selectors = selectors,
            LogFiles = files,
        };
    }

    private static HashSet<LogFileName> ReadFiles(ref ByteReader reader)
    {
        var files = new HashSet<LogFileName>();
        for (var left = reader.ReadCount("log files"); left > 0; left--)
        {
            var window = RowBytes.ReadLong(ref reader, "a window");
            if (window > long.MaxValue / Window.LengthMs - 1)
            {
                throw reader.Corrupt($"window {window}");
            }
            files.Add(new LogFileName(new Window(window * Window.LengthMs), RowBytes.ReadUlid(ref reader)));
        }
        return files;
    }
}
