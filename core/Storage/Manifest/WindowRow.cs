using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The log files of one window whose content is in blocks.</summary>
/// <param name="Window">The window.</param>
/// <param name="LengthBytes">How long each file was when it was consumed, by writer.</param>
public sealed record WindowRow(Window Window, IReadOnlyDictionary<Ulid, long> LengthBytes)
{
    /// <summary>The row's ETag; empty for one that is not stored yet.</summary>
    public string ETag { get; init; } = "";

    /// <summary>When it was last written, by the store's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The consumed files.</summary>
    public IEnumerable<ConsumedLogFile> Files =>
        LengthBytes.Select(file => new ConsumedLogFile(new LogFileName(Window, file.Key), file.Value));

    /// <summary>The row with more files.</summary>
    public WindowRow With(IEnumerable<ConsumedLogFile> files)
    {
        var all = new Dictionary<Ulid, long>(LengthBytes);
        foreach (var file in files)
        {
            all[file.Name.Writer] = file.LengthBytes;
        }
        return this with { LengthBytes = all };
    }

    /// <summary>The row's properties.</summary>
    /// <exception cref="ArgumentException">It has more than <see cref="ManifestLimits.ConsumedFiles"/> files.</exception>
    internal Dictionary<string, object> Encode()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LengthBytes.Count, ManifestLimits.ConsumedFiles, "files");
        var writer = RowBytes.Begin();
        writer.WriteUvarint((ulong)LengthBytes.Count);
        foreach (var (name, length) in LengthBytes.OrderBy(file => file.Key))
        {
            RowBytes.WriteUlid(writer, name);
            writer.WriteUvarint((ulong)length);
        }
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static WindowRow Decode(Window window, TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var lengths = new Dictionary<Ulid, long>();
        for (var left = RowBytes.ReadCount(ref reader, ManifestLimits.ConsumedFiles, "files"); left > 0; left--)
        {
            var writer = RowBytes.ReadUlid(ref reader);
            lengths[writer] = RowBytes.ReadLong(ref reader, "a file's length");
        }
        RowBytes.RequireEnd(ref reader);
        return new WindowRow(window, lengths) { ETag = row.ETag, Since = row.Timestamp };
    }
}
