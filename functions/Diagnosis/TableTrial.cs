using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Every operation on rows that a server needs, tried on two rows of the run's own.</summary>
/// <param name="store">The store.</param>
/// <param name="findings">Gets what was found.</param>
internal sealed class TableTrial(ScratchStore store, FindingList findings)
{
    private const string Role = "Storage Table Data Contributor";
    private const string SourcesTable = "sources";
    private const string First = "first";
    private const string Second = "second";

    /// <summary>What a server writes to: the first ones from its first minute on.</summary>
    private static readonly string[] Needed = [SourcesTable, "manifest", "rules", "cursors", "exports", "costs"];

    private static readonly Dictionary<string, object> Content = new(StringComparer.Ordinal) { ["n"] = 1L };

    private readonly Trial trial = new("rows", Role, store, findings);
    private bool hasTable;
    private bool hasRows;
    private string table = store.Table;

    /// <summary>Tries them.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (!await PlaceAsync(stop))
        {
            return;
        }
        hasRows = true;
        if (
            await trial.TryAsync(
                "inserted",
                () => CommitAsync(stop, new TableWrite(TableAction.Insert, First, Content))
            )
        )
        {
            var row = new TableRow(First, "", default, Content);
            await trial.TryAsync("read", async () => row = await ReadAsync(stop));
            await trial.TryAsync("queried", () => QueryAsync(stop));
            await trial.TryAsync("replaced", () => CommitAsync(stop, Replacement(row)));
            await trial.TryAsync(
                "written in transactions",
                () =>
                    CommitAsync(
                        stop,
                        new TableWrite(TableAction.Replace, First, Content),
                        new TableWrite(TableAction.Insert, Second, Content)
                    )
            );
            await trial.TryAsync("deleted", () => DeleteAsync(stop));
        }
        trial.End();
    }

    /// <summary>Removes what is still there.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        if (hasTable)
        {
            await store.DropTableAsync(store.Table, cancellationToken);
        }
        else if (hasRows)
        {
            await DeleteAsync(cancellationToken);
        }
    }

    /// <summary>A table of our own, or that of the sources where none can be made: then a partition that no server reads.</summary>
    private async Task<bool> PlaceAsync(CancellationToken stop)
    {
        try
        {
            hasTable = true;
            await store.MakeTableAsync(store.Table, stop);
            return true;
        }
        catch (StoreException exception) when (exception.Error is StoreError.Denied)
        {
            hasTable = false;
            return await WithoutTableAsync(exception, stop);
        }
        catch (StoreException exception)
        {
            trial.Fail("no table can be made", exception);
            return false;
        }
    }

    private async Task<bool> WithoutTableAsync(StoreException denied, CancellationToken stop)
    {
        var missing = new List<string>();
        try
        {
            foreach (var name in Needed)
            {
                if (!await store.HasTableAsync(name, stop))
                {
                    missing.Add(name);
                }
            }
        }
        catch (StoreException exception)
        {
            trial.Fail("tables can neither be made nor listed", exception);
            return false;
        }
        if (missing.Count > 0)
        {
            trial.Fail($"no table can be made, and {string.Join(", ", missing)} are not there", denied);
        }
        table = SourcesTable;
        return !missing.Contains(SourcesTable, StringComparer.Ordinal);
    }

    private Task CommitAsync(CancellationToken stop, params IReadOnlyList<TableWrite> writes) =>
        store.Tables.CommitAsync(table, store.Table, writes, stop);

    private async Task<TableRow> ReadAsync(CancellationToken stop) =>
        await store.Tables.GetAsync(table, store.Table, First, stop)
        ?? throw new StoreException(StoreError.Unknown, "a row that was inserted just now is not there");

    private async Task QueryAsync(CancellationToken stop)
    {
        await foreach (var row in store.Tables.QueryAsync(table, store.Table, null, null, stop))
        {
            if (row.Row == First)
            {
                return;
            }
        }
        throw new StoreException(StoreError.Unknown, "a query lacks a row that was inserted just now");
    }

    private static TableWrite Replacement(TableRow row) =>
        new(TableAction.Replace, First, Content, row.ETag.Length > 0 ? row.ETag : null);

    /// <summary>Deletes the rows that are there.</summary>
    private async Task DeleteAsync(CancellationToken stop)
    {
        var rows = new List<string>();
        await foreach (var row in store.Tables.QueryAsync(table, store.Table, null, null, stop))
        {
            rows.Add(row.Row);
        }
        foreach (var row in rows)
        {
            await CommitAsync(stop, new TableWrite(TableAction.Delete, row));
        }
        hasRows = false;
    }
}
