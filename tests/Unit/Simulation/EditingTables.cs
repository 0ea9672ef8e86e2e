using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Tables that commit something else than they are told.</summary>
/// <param name="inner">The tables.</param>
/// <param name="only">The one that is meant; null for all.</param>
internal abstract class EditingTables(ITableStore inner, string? only = null) : PassingTables(inner)
{
    public override Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        List<TableWrite> edited = [.. only is null || table == only ? Edit(writes) : writes];
        return edited.Count == 0 ? Task.CompletedTask : base.CommitAsync(table, partition, edited, cancellationToken);
    }

    protected abstract IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes);
}
