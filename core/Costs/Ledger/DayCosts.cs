using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>What all processes have used in one UTC day, by their rows.</summary>
/// <param name="Day">The day.</param>
/// <param name="Rows">The row that counts of each process.</param>
/// <param name="Problems">Rows that cannot be read, with the reason.</param>
internal sealed record DayCosts(DateOnly Day, IReadOnlyList<CostRow> Rows, IReadOnlyList<string> Problems)
{
    /// <summary>Reads a day: one query.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<DayCosts> ReadAsync(ITableStore tables, DateOnly day, CancellationToken cancellationToken)
    {
        var partition = CostRow.PartitionOf(day);
        var rows = new Dictionary<Ulid, CostRow>();
        var problems = new List<string>();
        await foreach (var stored in tables.QueryAsync(CostRow.Table, partition, null, null, cancellationToken))
        {
            try
            {
                var row = CostRow.Decode(stored, partition);
                // A row that was left because it was not known what became of it says less than the one behind it.
                if (!rows.TryGetValue(row.Process, out var other) || other.Generation < row.Generation)
                {
                    rows[row.Process] = row;
                }
            }
            catch (CorruptDataException exception)
            {
                problems.Add($"{exception.Message}; what it says of costs is left out");
            }
        }
        return new DayCosts(day, [.. rows.Values], problems);
    }

    /// <summary>Removes a day's rows.</summary>
    /// <exception cref="StoreException">The store cannot be used; the next call goes on.</exception>
    public static async Task RemoveAsync(ITableStore tables, DateOnly day, CancellationToken cancellationToken)
    {
        var partition = CostRow.PartitionOf(day);
        var writes = new List<TableWrite>();
        await foreach (var stored in tables.QueryAsync(CostRow.Table, partition, null, null, cancellationToken))
        {
            writes.Add(new TableWrite(TableAction.Delete, stored.Row, null, stored.ETag));
        }
        foreach (var group in writes.Chunk(StoreLimits.RowsPerTransaction))
        {
            try
            {
                await tables.CommitAsync(CostRow.Table, partition, group, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound)
            {
                // Another process removes them, too.
                return;
            }
        }
    }
}
