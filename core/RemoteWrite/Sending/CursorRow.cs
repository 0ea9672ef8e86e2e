using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>How far a destination has taken the log files of one window; docs/formats/cursors.md is the page.</summary>
/// <param name="Window">The window.</param>
/// <param name="Positions">The positions by writer; a file that is not there has not been begun.</param>
internal sealed record CursorRow(Window Window, IReadOnlyDictionary<Ulid, LogPosition> Positions)
{
    /// <summary>The files that a row has room for; of more in one window, the later ones wait.</summary>
    public const int MaxFiles = 2000;

    /// <summary>The row's ETag; empty for one that is not stored yet.</summary>
    public string ETag { get; init; } = "";

    /// <summary>The row with some files further, and without others.</summary>
    /// <param name="further">Where files are now; a position never goes back.</param>
    /// <param name="gone">Files that are there no more.</param>
    public CursorRow With(IEnumerable<KeyValuePair<LogFileName, LogPosition>> further, IEnumerable<LogFileName> gone)
    {
        var positions = new Dictionary<Ulid, LogPosition>(Positions);
        foreach (var (name, position) in further.Where(file => file.Key.Window == Window))
        {
            positions[name.Writer] = LogPosition.Further(position, positions.GetValueOrDefault(name.Writer));
        }
        foreach (var name in gone.Where(file => file.Window == Window))
        {
            positions.Remove(name.Writer);
        }
        return this with { Positions = positions };
    }

    /// <summary>Whether both say the same of every file.</summary>
    public bool IsSame(CursorRow other) =>
        Positions.Count == other.Positions.Count
        && Positions.All(file => other.Positions.TryGetValue(file.Key, out var place) && place == file.Value);

    /// <summary>The row's properties.</summary>
    /// <exception cref="ArgumentException">It has more than <see cref="MaxFiles"/> files.</exception>
    public Dictionary<string, object> Encode()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Positions.Count, MaxFiles);
        var writer = RowBytes.Begin();
        writer.WriteUvarint((ulong)Positions.Count);
        foreach (var (file, position) in Positions.OrderBy(file => file.Key))
        {
            RowBytes.WriteUlid(writer, file);
            writer.WriteUvarint((ulong)position.Bytes);
            writer.WriteUvarint((ulong)position.Samples);
        }
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    public static CursorRow Decode(Window window, TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var positions = new Dictionary<Ulid, LogPosition>();
        for (var left = RowBytes.ReadCount(ref reader, MaxFiles, "files"); left > 0; left--)
        {
            var file = RowBytes.ReadUlid(ref reader);
            var bytes = RowBytes.ReadLong(ref reader, "a position");
            var samples = RowBytes.ReadLong(ref reader, "a number of samples");
            positions[file] = new LogPosition(bytes, (int)Math.Min(samples, int.MaxValue));
        }
        RowBytes.RequireEnd(ref reader);
        return new CursorRow(window, positions) { ETag = row.ETag };
    }
}
