using System.Runtime.CompilerServices;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>The runs of all exports in the tables: a partition for each export, a row for each run, and one that says from where on there is work.</summary>
/// <param name="tables">The tables.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
internal sealed class ExportRows(ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    private const string Table = "exports";
    private const string StateRow = "state";
    private const string OpenProperty = "open";

    /// <summary>A run; null when nothing is known of it.</summary>
    public async Task<ExportRow?> GetAsync(string export, long timeMs, CancellationToken cancellationToken) =>
        await tables.GetAsync(Table, export, ExportRow.KeyOf(timeMs), cancellationToken) is { } row
            ? ExportRow.Decode(export, row)
            : null;

    /// <summary>The runs of some time, both ends included, by time.</summary>
    public async IAsyncEnumerable<ExportRow> QueryAsync(
        string export,
        long fromMs,
        long toMs,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var end = ExportRow.KeyOf(toMs) + "~";
        await foreach (var row in tables.QueryAsync(Table, export, ExportRow.KeyOf(fromMs), end, cancellationToken))
        {
            yield return ExportRow.Decode(export, row);
        }
    }

    /// <summary>Writes a row on the condition that it is as it was read.</summary>
    /// <returns>The row as it is stored; null when somebody else wrote it.</returns>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<ExportRow?> TryWriteAsync(ExportRow row, CancellationToken cancellationToken)
    {
        row = row with { Change = newUlid().ToString() };
        var write = new TableWrite(
            row.ETag is null ? TableAction.Insert : TableAction.Replace,
            ExportRow.KeyOf(row.TimeMs),
            row.Encode(),
            row.ETag
        );
        await CommitAsync(row.Export, write, cancellationToken);
        // Whoever wrote last stands there; also after a try whose outcome was not known.
        var stored = await GetAsync(row.Export, row.TimeMs, cancellationToken);
        return stored is not null && string.Equals(stored.Change, row.Change, StringComparison.Ordinal) ? stored : null;
    }

    /// <summary>Removes a row as it was read.</summary>
    public Task DeleteAsync(ExportRow row, CancellationToken cancellationToken) =>
        CommitAsync(
            row.Export,
            new TableWrite(TableAction.Delete, ExportRow.KeyOf(row.TimeMs), null, row.ETag),
            cancellationToken
        );

    /// <summary>Whether a claim has not been renewed for longer than that, by the store's clock.</summary>
    public async Task<bool> IsOlderAsync(ExportRow row, TimeSpan age, CancellationToken cancellationToken) =>
        await StoreClock.NowAsync(tables, time, cancellationToken) - row.Written > age;

    /// <summary>From where on there may be work; null for an export that nobody has looked at yet.</summary>
    public async Task<long?> OpenSinceAsync(string export, CancellationToken cancellationToken) =>
        await tables.GetAsync(Table, export, StateRow, cancellationToken) is { } row
        && row.Properties.TryGetValue(OpenProperty, out var value)
        && value is long ms
            ? ms
            : null;

    /// <summary>Remembers from where on there may be work. Two who do it at once both looked at what they say.</summary>
    public async Task SetOpenSinceAsync(string export, long? beforeMs, long timeMs, CancellationToken cancellationToken)
    {
        if (beforeMs == timeMs)
        {
            return;
        }
        var properties = new Dictionary<string, object>(StringComparer.Ordinal) { [OpenProperty] = timeMs };
        await CommitAsync(
            export,
            new TableWrite(beforeMs is null ? TableAction.Insert : TableAction.Replace, StateRow, properties),
            cancellationToken
        );
    }

    /// <summary>Commits; a condition that is not met is no error: the caller looks at what is there.</summary>
    private Task CommitAsync(string export, TableWrite write, CancellationToken cancellationToken) =>
        StoreRetry.RunAsync(
            async () =>
            {
                try
                {
                    await tables.CommitAsync(Table, export, [write], cancellationToken);
                }
                catch (StoreException exception)
                    when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound)
                {
                    // Somebody else was faster, or an earlier try of this was.
                }
            },
            time,
            cancellationToken
        );
}
