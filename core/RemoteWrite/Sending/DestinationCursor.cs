using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;

namespace Tributary.RemoteWrite.Sending;

/// <summary>What a destination has taken of the log, as the tables say it.</summary>
/// <param name="Key">What the destination is called there.</param>
internal sealed record DestinationCursor(string Key)
{
    /// <summary>What is remembered beside; null when the destination has not begun.</summary>
    public CursorState? State { get; init; }

    /// <summary>The positions, by window.</summary>
    public IReadOnlyDictionary<Window, CursorRow> Windows { get; init; } = new Dictionary<Window, CursorRow>();

    /// <summary>When a row of it was last written, by the store's clock.</summary>
    public DateTimeOffset LastWritten { get; init; }

    /// <summary>The files that it has positions of.</summary>
    public IEnumerable<LogFileName> Files =>
        Windows.Values.SelectMany(row => row.Positions.Keys.Select(writer => new LogFileName(row.Window, writer)));

    /// <summary>How far it has taken a file.</summary>
    public LogPosition PositionOf(LogFileName file) =>
        Windows.TryGetValue(file.Window, out var row) ? row.Positions.GetValueOrDefault(file.Writer) : default;

    /// <summary>Whether it has still to take something of a file.</summary>
    public bool Wants(PlannedLogFile file) => State is not null && PositionOf(file.Name).Bytes < file.Blob.LengthBytes;

    /// <summary>Whether nobody has written it since another reading.</summary>
    public bool IsSame(DestinationCursor other) =>
        State is not null
        && other.State is not null
        && string.Equals(State.ETag, other.State.ETag, StringComparison.Ordinal)
        && Windows.Count == other.Windows.Count
        && Windows.Values.All(row =>
            other.Windows.TryGetValue(row.Window, out var same)
            && string.Equals(same.ETag, row.ETag, StringComparison.Ordinal)
        );
}
