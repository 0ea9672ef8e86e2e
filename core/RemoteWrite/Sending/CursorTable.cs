using System.Globalization;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>The cursors of all destinations in the tables: one row for each window of the log, and one of state.</summary>
/// <remarks>
/// Two senders of one destination may write at once: positions only go forward, the one that comes second reads again and
/// takes what is further, so that nothing that was acknowledged is forgotten.
/// </remarks>
/// <param name="tables">Where the rows are.</param>
/// <param name="time">The clock of pauses between tries.</param>
internal sealed class CursorTable(ITableStore tables, TimeProvider time)
{
    public const string Table = "cursors";
    public const string Partition = "remotewrite";

    private const string StateSuffix = "-state";
    private const int MaxTries = 8;
    private const int WindowDigits = 16;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>All destinations that rows are of, by key.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    /// <exception cref="CorruptDataException">A row is not one of this format.</exception>
    public Task<IReadOnlyList<DestinationCursor>> ReadAllAsync(CancellationToken cancellationToken) =>
        ReadAsync(null, null, cancellationToken);

    /// <summary>One destination.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    /// <exception cref="CorruptDataException">A row is not one of this format.</exception>
    public async Task<DestinationCursor> ReadAsync(string key, CancellationToken cancellationToken)
    {
        // '.' follows '-'.
        var found = await ReadAsync($"{key}-", $"{key}.", cancellationToken);
        return found.Count == 0 ? new DestinationCursor(key) : found[0];
    }

    /// <summary>Begins a destination: what is in the log is behind it.</summary>
    /// <param name="cursor">The destination, which has not begun.</param>
    /// <param name="state">What is remembered of it.</param>
    /// <param name="log">The log as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The destination as it is now, whoever began it.</returns>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<DestinationCursor> BeginAsync(
        DestinationCursor cursor,
        CursorState state,
        IReadOnlyList<PlannedLogFile> log,
        CancellationToken cancellationToken
    )
    {
        var writes = new List<TableWrite>();
        foreach (var window in log.GroupBy(file => file.Name.Window))
        {
            var positions = window
                .Take(CursorRow.MaxFiles)
                .ToDictionary(file => file.Name.Writer, file => new LogPosition(file.Blob.LengthBytes, 0));
            var row = new CursorRow(window.Key, positions);
            writes.Add(new TableWrite(TableAction.Replace, RowOf(cursor.Key, window.Key), row.Encode()));
        }
        // Last, and in one transaction with the rows as a rule: without it they say nothing.
        writes.Add(new TableWrite(TableAction.Insert, cursor.Key + StateSuffix, state.Encode()));
        foreach (var group in FromTheEnd(writes))
        {
            try
            {
                await StoreRetry.RunAsync(() => CommitAsync(group, cancellationToken), time, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Somebody else began it, or this very request did before it was tried again.
                break;
            }
        }
        return await ReadAsync(cursor.Key, cancellationToken);
    }

    /// <summary>Takes note of what was acknowledged.</summary>
    /// <param name="cursor">The destination as it was read or written last.</param>
    /// <param name="further">Where files are now.</param>
    /// <param name="gone">Files that are there no more.</param>
    /// <param name="state">What is to be remembered of the destination.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The destination as it is now; it has no state when it was removed meanwhile.</returns>
    /// <exception cref="StoreException">The store cannot be used; nothing, a part or all of it is written.</exception>
    public async Task<DestinationCursor> AdvanceAsync(
        DestinationCursor cursor,
        IReadOnlyDictionary<LogFileName, LogPosition> further,
        IReadOnlyCollection<LogFileName> gone,
        CursorState state,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var writes = WritesOf(cursor, further, gone, state);
            if (cursor.State is null || writes.Count == 0)
            {
                return cursor;
            }
            try
            {
                foreach (var group in writes.Chunk(StoreLimits.RowsPerTransaction))
                {
                    await CommitAsync(group, cancellationToken);
                }
            }
            catch (StoreException exception)
                when (exception.Error is StoreError.ConditionNotMet or StoreError.Unknown or StoreError.Throttled
                    && attempt < MaxTries
                )
            {
                await Task.Delay(FirstDelay * (1 << attempt), time, cancellationToken);
            }
            // For the ETags, and for what somebody else may have written.
            cursor = await ReadAsync(cursor.Key, cancellationToken);
        }
    }

    /// <summary>Removes a destination.</summary>
    /// <exception cref="StoreException">The store cannot be used, or somebody wrote it meanwhile.</exception>
    public async Task RemoveAsync(DestinationCursor cursor, CancellationToken cancellationToken)
    {
        var writes = new List<TableWrite>();
        if (cursor.State is { } state)
        {
            writes.Add(new TableWrite(TableAction.Delete, cursor.Key + StateSuffix, IfMatch: state.ETag));
        }
        writes.AddRange(
            cursor.Windows.Values.Select(row => new TableWrite(
                TableAction.Delete,
                RowOf(cursor.Key, row.Window),
                IfMatch: row.ETag
            ))
        );
        foreach (var group in writes.Chunk(StoreLimits.RowsPerTransaction))
        {
            await CommitAsync(group, cancellationToken);
        }
    }

    private static List<TableWrite> WritesOf(
        DestinationCursor cursor,
        IReadOnlyDictionary<LogFileName, LogPosition> further,
        IReadOnlyCollection<LogFileName> gone,
        CursorState state
    )
    {
        var writes = new List<TableWrite>();
        var windows = further.Keys.Concat(gone).Select(file => file.Window).Distinct().Order();
        foreach (var window in windows)
        {
            var before = cursor.Windows.GetValueOrDefault(window) ?? new CursorRow(window, EmptyPositions);
            var after = before.With(further, gone);
            if (after.IsSame(before))
            {
                continue;
            }
            writes.Add(WriteOf(cursor.Key, before, after));
        }
        if (cursor.State is { } stored && state with { ETag = stored.ETag } != stored)
        {
            writes.Add(new TableWrite(TableAction.Replace, cursor.Key + StateSuffix, state.Encode(), stored.ETag));
        }
        return writes;
    }

    private static TableWrite WriteOf(string key, CursorRow before, CursorRow after)
    {
        var row = RowOf(key, after.Window);
        return after.Positions.Count == 0 ? new TableWrite(TableAction.Delete, row, IfMatch: before.ETag)
            : before.ETag.Length == 0 ? new TableWrite(TableAction.Insert, row, after.Encode())
            : new TableWrite(TableAction.Replace, row, after.Encode(), before.ETag);
    }

    private static Dictionary<Ulid, LogPosition> EmptyPositions { get; } = [];

    /// <summary>Groups for transactions, of which the last is full: it begins the destination.</summary>
    private static IEnumerable<TableWrite[]> FromTheEnd(List<TableWrite> writes)
    {
        var first = writes.Count % StoreLimits.RowsPerTransaction;
        return first == 0
            ? writes.Chunk(StoreLimits.RowsPerTransaction)
            : writes.Take(first).Chunk(first).Concat(writes.Skip(first).Chunk(StoreLimits.RowsPerTransaction));
    }

    private static string RowOf(string key, Window window) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{key}-{window.StartMs.ToString($"D{WindowDigits}", CultureInfo.InvariantCulture)}"
        );

    private Task CommitAsync(IReadOnlyList<TableWrite> writes, CancellationToken cancellationToken) =>
        tables.CommitAsync(Table, Partition, writes, cancellationToken);

    private async Task<IReadOnlyList<DestinationCursor>> ReadAsync(
        string? from,
        string? to,
        CancellationToken cancellationToken
    )
    {
        var found = new SortedDictionary<string, DestinationCursor>(StringComparer.Ordinal);
        await foreach (var row in tables.QueryAsync(Table, Partition, from, to, cancellationToken))
        {
            var place = $"{Table}/{Partition}/{row.Row}";
            var dash = row.Row.IndexOf('-', StringComparison.Ordinal);
            if (dash < 0)
            {
                throw new CorruptDataException(place, 0, "the row's key is not one of a cursor");
            }
            var key = row.Row[..dash];
            var cursor = found.GetValueOrDefault(key) ?? new DestinationCursor(key);
            cursor = cursor with
            {
                LastWritten = cursor.LastWritten > row.Timestamp ? cursor.LastWritten : row.Timestamp,
            };
            found[key] = row.Row.EndsWith(StateSuffix, StringComparison.Ordinal)
                ? cursor with
                {
                    State = CursorState.Decode(row, place),
                }
                : With(cursor, CursorRow.Decode(WindowOf(row.Row[(dash + 1)..], place), row, place));
        }
        return [.. found.Values];
    }

    private static DestinationCursor With(DestinationCursor cursor, CursorRow row)
    {
        // Made here and seen by nobody yet.
        var windows = (Dictionary<Window, CursorRow>)cursor.Windows;
        windows[row.Window] = row;
        return cursor;
    }

    private static Window WindowOf(string digits, string place) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var startMs)
        && startMs % Window.LengthMs == 0
            ? new Window(startMs)
            : throw new CorruptDataException(place, 0, "the row's key names no window");
}
