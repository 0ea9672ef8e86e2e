using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Storage.Ledger;

/// <summary>Tables of which the test says how each commit ends.</summary>
internal sealed class ScriptedTables(ITableStore inner) : PassingTables(inner)
{
    /// <summary>Is handed what the store would do.</summary>
    public Func<Func<Task>, Task> OnCommit { get; set; } = effect => effect();

    /// <summary>Is called before each query.</summary>
    public Action OnQuery { get; set; } = () => { };

    /// <summary>The commits that were tried.</summary>
    public List<IReadOnlyList<TableWrite>> Commits { get; } = [];

    /// <summary>How often rows were read.</summary>
    public int Queries { get; private set; }

    public override IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        CancellationToken cancellationToken
    )
    {
        Queries++;
        OnQuery();
        return base.QueryAsync(table, partition, from, to, cancellationToken);
    }

    public override Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        Commits.Add(writes);
        return OnCommit(() => base.CommitAsync(table, partition, writes, cancellationToken));
    }
}
