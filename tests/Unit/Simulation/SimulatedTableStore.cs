using System.Runtime.CompilerServices;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The port to tables over the shared state; the link decides when and whether requests arrive.</summary>
internal sealed class SimulatedTableStore(SimulatedStorage storage, StoreLink link) : ITableStore
{
    private readonly SimulatedTables tables = storage.Tables;

    public StoreOperations Operations { get; } = new();

    public Task<TableRow?> GetAsync(string table, string partition, string row, CancellationToken cancellationToken)
    {
        if ((TableRules.Name(table) ?? TableRules.Key(partition) ?? TableRules.Key(row)) is { } problem)
        {
            return Task.FromException<TableRow?>(SimulatedBlobs.Rejected(problem));
        }
        Operations.Count(OperationClass.TableRead);
        return link.Send<TableRow?>(
            new StoreCall("get", OperationClass.TableRead, $"{table}/{partition}/{row}"),
            () => tables.Get(table, partition, row),
            cancellationToken
        );
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if ((TableRules.Name(table) ?? TableRules.Key(partition)) is { } problem)
        {
            throw SimulatedBlobs.Rejected(problem);
        }
        string? after = null;
        List<TableRow> page;
        do
        {
            var behind = after;
            Operations.Count(OperationClass.TableRead);
            page = await link.Send<List<TableRow>>(
                new StoreCall("query", OperationClass.TableRead, $"{table}/{partition}"),
                () => tables.Query(table, partition, from, to, behind, storage.PageSize),
                cancellationToken
            );
            foreach (var row in page)
            {
                yield return row;
                after = row.Row;
            }
        } while (page.Count == storage.PageSize);
    }

    public Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        if ((TableRules.Name(table) ?? TableRules.Key(partition) ?? TableRules.Transaction(writes)) is { } problem)
        {
            return Task.FromException(SimulatedBlobs.Rejected(problem));
        }
        // Copied now: the request may land long after the caller has changed its dictionaries.
        var copy = new TableWrite[writes.Count];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = writes[i] with { Properties = Copy(writes[i].Properties) };
        }
        Operations.Count(OperationClass.TableWrite);
        return link.Send(
            new StoreCall("commit", OperationClass.TableWrite, $"{table}/{partition}", copy.Length),
            () => tables.Commit(table, partition, copy),
            cancellationToken
        );
    }

    private static Dictionary<string, object>? Copy(IReadOnlyDictionary<string, object>? properties) =>
        properties?.ToDictionary(
            property => property.Key,
            property => property.Value is byte[] bytes ? bytes.AsSpan().ToArray() : property.Value,
            StringComparer.Ordinal
        );
}
