using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Tables that pass everything on; what derives from them does one thing wrong.</summary>
internal class PassingTables(ITableStore inner) : ITableStore
{
    public StoreOperations Operations => inner.Operations;

    protected ITableStore Inner => inner;

    public virtual Task<TableRow?> GetAsync(
        string table,
        string partition,
        string row,
        CancellationToken cancellationToken
    ) => inner.GetAsync(table, partition, row, cancellationToken);

    public virtual IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        CancellationToken cancellationToken
    ) => inner.QueryAsync(table, partition, from, to, cancellationToken);

    public virtual Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    ) => inner.CommitAsync(table, partition, writes, cancellationToken);
}
