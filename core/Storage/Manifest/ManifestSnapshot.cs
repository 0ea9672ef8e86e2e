using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The whole manifest as it was after one commit.</summary>
public sealed class ManifestSnapshot
{
    private readonly Dictionary<Ulid, BlockRow> blocks = [];
    private readonly Dictionary<Window, WindowRow> windows = [];
    private readonly Dictionary<Ulid, DeleteRow> deletes = [];
    private readonly Dictionary<string, string> problems = new(StringComparer.Ordinal);

    /// <summary>Reads the rows of a partition.</summary>
    /// <exception cref="CorruptDataException">The <c>state</c> row is corrupt; other rows become problems.</exception>
    internal ManifestSnapshot(string partition, IEnumerable<TableRow> rows)
    {
        Partition = partition;
        foreach (var row in rows)
        {
            try
            {
                Add(row);
            }
            catch (CorruptDataException exception) when (row.Row != ManifestKeys.State)
            {
                problems[row.Row] = exception.Message;
            }
        }
    }

    /// <summary>The partition of the manifest's table.</summary>
    public string Partition { get; }

    /// <summary>The commit number, and the last commits.</summary>
    public StateRow State { get; private set; } = StateRow.Empty;

    /// <summary>The ETag of the <c>state</c> row; null before the first commit.</summary>
    public string? StateETag { get; private set; }

    /// <summary>How old the partition is; null when that is not known.</summary>
    public BornRow? Born { get; private set; }

    /// <summary>All block rows, in whatever state. Pending ones may be missing, or be no longer pending.</summary>
    public IReadOnlyDictionary<Ulid, BlockRow> Blocks => blocks;

    /// <summary>The consumed log files, by window.</summary>
    public IReadOnlyDictionary<Window, WindowRow> Windows => windows;

    /// <summary>The deletes that count.</summary>
    public IReadOnlyDictionary<Ulid, DeleteRow> Deletes => deletes;

    /// <summary>Rows that cannot be read, by key: they are left alone, and what they say is not known.</summary>
    public IReadOnlyDictionary<string, string> Problems => problems;

    /// <summary>The blocks whose samples count, the one that wins a conflict first.</summary>
    public IEnumerable<BlockRow> Live =>
        blocks
            .Values.Where(row => row.State == BlockState.Live)
            .OrderBy(row => row.Block.Number)
            .ThenBy(row => row.Block.Ulid);

    /// <summary>Whether a log file's content is in blocks, as long as the file is.</summary>
    public bool IsConsumed(LogFileName name, long lengthBytes) =>
        windows.TryGetValue(name.Window, out var row)
        && row.LengthBytes.TryGetValue(name.Writer, out var consumed)
        && lengthBytes <= consumed;

    /// <summary>Whether there is a row of this block, readable or not.</summary>
    internal bool HasRow(Ulid ulid) => blocks.ContainsKey(ulid) || problems.ContainsKey(ManifestKeys.Block(ulid));

    /// <summary>Whether there is a row of this delete, readable or not.</summary>
    internal bool HasDelete(Ulid ulid) => deletes.ContainsKey(ulid) || problems.ContainsKey(ManifestKeys.Delete(ulid));

    /// <summary>Whether what is consumed of a window is known.</summary>
    internal bool IsReadable(Window window) => !problems.ContainsKey(ManifestKeys.OfWindow(window));

    private void Add(TableRow row)
    {
        var place = RowBytes.PlaceOf(Partition, row.Row);
        if (row.Row == ManifestKeys.State)
        {
            State = StateRow.Decode(row, place);
            StateETag = row.ETag;
        }
        else if (row.Row == ManifestKeys.Born)
        {
            Born = BornRow.Decode(row, place);
        }
        else if (ManifestKeys.TryParseUlid(row.Row, ManifestKeys.BlockPrefix, out var block))
        {
            blocks.Add(block, BlockRow.Decode(block, row, place));
        }
        else if (ManifestKeys.TryParseUlid(row.Row, ManifestKeys.DeletePrefix, out var delete))
        {
            deletes.Add(delete, DeleteRow.Decode(delete, row, place));
        }
        else if (ManifestKeys.TryParseWindow(row.Row, out var window))
        {
            windows.Add(window, WindowRow.Decode(window, row, place));
        }
        else
        {
            throw new CorruptDataException(place, 0, "no row of the manifest has this key");
        }
    }
}
