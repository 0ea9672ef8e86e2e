using System.Globalization;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>All rows, and what each operation does to them at the moment it arrives.</summary>
internal sealed class SimulatedTables(TimeProvider clock)
{
    private readonly Dictionary<(string Table, string Partition), SortedList<string, TableRow>> partitions = [];
    private long changes;

    /// <summary>Called at every commit that takes place, at that moment: table, partition, writes.</summary>
    public Action<string, string, IReadOnlyList<TableWrite>>? Committed { get; set; }

    public TableRow? Get(string table, string partition, string row) =>
        partitions.TryGetValue((table, partition), out var rows) ? rows.GetValueOrDefault(row) : null;

    /// <summary>At most <paramref name="limit"/> rows, behind the row <paramref name="after"/> if there is one.</summary>
    public List<TableRow> Query(string table, string partition, string? from, string? to, string? after, int limit)
    {
        var page = new List<TableRow>();
        if (!partitions.TryGetValue((table, partition), out var rows))
        {
            return page;
        }
        foreach (var (key, row) in rows)
        {
            if (to is not null && string.CompareOrdinal(key, to) >= 0 || page.Count == limit)
            {
                break;
            }
            if (
                (from is null || string.CompareOrdinal(key, from) >= 0)
                && (after is null || string.CompareOrdinal(key, after) > 0)
            )
            {
                page.Add(row);
            }
        }
        return page;
    }

    public Outcome<Done> Commit(string table, string partition, IReadOnlyList<TableWrite> writes)
    {
        if (!partitions.TryGetValue((table, partition), out var rows))
        {
            partitions[(table, partition)] = rows = new SortedList<string, TableRow>(StringComparer.Ordinal);
        }
        foreach (var write in writes)
        {
            if (Conflict(write, rows.GetValueOrDefault(write.Row)) is { } conflict)
            {
                return new StoreException(
                    StoreError.ConditionNotMet,
                    $"simulated store: {table}/{partition}: row '{write.Row}' {conflict}"
                );
            }
        }
        foreach (var write in writes)
        {
            if (write.Action == TableAction.Delete)
            {
                rows.Remove(write.Row);
                continue;
            }
            changes++;
            var etag = string.Create(CultureInfo.InvariantCulture, $"r{changes}");
            rows[write.Row] = new TableRow(write.Row, etag, clock.GetUtcNow(), write.Properties!);
        }
        Committed?.Invoke(table, partition, writes);
        return default(Done);
    }

    private static string? Conflict(TableWrite write, TableRow? old) =>
        (write.Action, old) switch
        {
            (TableAction.Insert, null) => null,
            (TableAction.Insert, _) => "exists",
            (TableAction.Replace, null) when write.IfMatch is null => null,
            (_, null) => "is not there",
            _ when write.IfMatch is { } etag && etag != old.ETag => "has another ETag",
            _ => null,
        };
}
