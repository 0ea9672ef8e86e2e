using System.Runtime.CompilerServices;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Stores that treat the manifest as a careless implementation would.</summary>
internal static class WrongManifest
{
    private static bool IsBlock(string row) => row.StartsWith(ManifestKeys.BlockPrefix, StringComparison.Ordinal);

    private static BlockRow Decode(TableRow row) =>
        BlockRow.Decode(
            ManifestKeys.TryParseUlid(row.Row, ManifestKeys.BlockPrefix, out var ulid)
                ? ulid
                : throw new InvalidDataException(row.Row),
            row,
            row.Row
        );

    /// <summary>Keeps its pending rows to itself, and inserts the block's row with the commit.</summary>
    public sealed class NotAnnouncing(ITableStore inner) : PassingTables(inner)
    {
        private const string Own = "own";
        private readonly Dictionary<string, TableRow> pending = new(StringComparer.Ordinal);

        public override async Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        ) => await base.GetAsync(table, partition, row, cancellationToken) ?? pending.GetValueOrDefault(row);

        public override Task CommitAsync(
            string table,
            string partition,
            IReadOnlyList<TableWrite> writes,
            CancellationToken cancellationToken
        )
        {
            if (writes is [{ Action: TableAction.Insert } only] && IsBlock(only.Row))
            {
                pending[only.Row] = new TableRow(only.Row, Own, default, only.Properties!);
                return Task.CompletedTask;
            }
            return base.CommitAsync(
                table,
                partition,
                [.. writes.Select(w => w.IfMatch == Own ? w with { Action = TableAction.Insert, IfMatch = null } : w)],
                cancellationToken
            );
        }
    }

    /// <summary>Takes no answer for a good one.</summary>
    public sealed class Believing(ITableStore inner) : PassingTables(inner)
    {
        public override async Task CommitAsync(
            string table,
            string partition,
            IReadOnlyList<TableWrite> writes,
            CancellationToken cancellationToken
        )
        {
            try
            {
                await base.CommitAsync(table, partition, writes, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.Unknown)
            {
                // The mistake.
            }
        }
    }

    /// <summary>Commits blocks without the rows of their windows.</summary>
    public sealed class NotConsuming(ITableStore inner) : EditingTables(inner)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) =>
            writes.Where(write => !ManifestKeys.TryParseWindow(write.Row, out _));
    }

    /// <summary>Commits merges without touching the rows of their inputs.</summary>
    public sealed class NotReplacing(ITableStore inner) : EditingTables(inner)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) =>
            writes.Where(write => writes.Count == 1 || !IsBlock(write.Row) || !IsReplaced(write));

        private static bool IsReplaced(TableWrite write) =>
            write.Properties is { } properties
            && Decode(new TableRow(write.Row, "", default, properties)).State == BlockState.Deleted;
    }

    /// <summary>Takes the instance's time for the store's.</summary>
    public sealed class OwnClock(ITableStore inner, TimeProvider own) : PassingTables(inner)
    {
        public override async Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        )
        {
            var found = await base.GetAsync(table, partition, row, cancellationToken);
            return partition == ManifestKeys.ClockPartition ? found! with { Timestamp = own.GetUtcNow() } : found;
        }
    }

    /// <summary>Treats every pending row as one that was deleted.</summary>
    public sealed class PendingAsDeleted(ITableStore inner) : PassingTables(inner)
    {
        public override async IAsyncEnumerable<TableRow> QueryAsync(
            string table,
            string partition,
            string? from,
            string? to,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var row in base.QueryAsync(table, partition, from, to, cancellationToken))
            {
                var isPending = IsBlock(row.Row) && Decode(row).State == BlockState.Pending;
                yield return isPending
                    ? row with
                    {
                        Properties = (Decode(row) with { State = BlockState.Deleted }).Encode(),
                    }
                    : row;
            }
        }
    }

    /// <summary>Does not look whether <c>state</c> changed between the pages of a query.</summary>
    public sealed class TornPages(ITableStore inner) : PassingTables(inner)
    {
        private TableRow? state;

        public override async Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        )
        {
            var found = await base.GetAsync(table, partition, row, cancellationToken);
            state = row == ManifestKeys.State ? found : state;
            return found;
        }

        public override async IAsyncEnumerable<TableRow> QueryAsync(
            string table,
            string partition,
            string? from,
            string? to,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var row in base.QueryAsync(table, partition, from, to, cancellationToken))
            {
                yield return row.Row == ManifestKeys.State && state is not null ? state : row;
            }
        }
    }

    /// <summary>Answers with the rows as they were when they were kept.</summary>
    public sealed class ManifestFirst(ITableStore inner) : PassingTables(inner)
    {
        private Dictionary<string, List<TableRow>>? kept;

        public async Task KeepAsync(CancellationToken cancellationToken)
        {
            var rows = new Dictionary<string, List<TableRow>>(StringComparer.Ordinal);
            foreach (var partition in new[] { ManifestKeys.FirstPartition, ManifestKeys.PointerPartition })
            {
                rows[partition] = [];
                await foreach (
                    var row in Inner.QueryAsync(ManifestKeys.Table, partition, null, null, cancellationToken)
                )
                {
                    rows[partition].Add(row);
                }
            }
            kept = rows;
        }

        public override async Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        ) =>
            kept?.GetValueOrDefault(partition) is { } rows && !IsBlock(row)
                ? rows.Find(one => one.Row == row)
                : await base.GetAsync(table, partition, row, cancellationToken);

        public override async IAsyncEnumerable<TableRow> QueryAsync(
            string table,
            string partition,
            string? from,
            string? to,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            if (kept?.GetValueOrDefault(partition) is { } rows)
            {
                kept = null;
                foreach (var row in rows)
                {
                    yield return row;
                }
                yield break;
            }
            await foreach (var row in base.QueryAsync(table, partition, from, to, cancellationToken))
            {
                yield return row;
            }
        }
    }

    /// <summary>Has the manifest read first, and lists the log some time later.</summary>
    public sealed class ListAfterwards(IBlobStore inner, ManifestFirst tables, SimulatedInstance instance)
        : PassingBlobs(inner)
    {
        public override async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            if (prefix.StartsWith(LogFileName.Prefix, StringComparison.Ordinal))
            {
                await tables.KeepAsync(cancellationToken);
                var pause = instance.World.Random.NextSpread(TimeSpan.FromHours(3));
                await Task.Delay(pause, instance.Time, cancellationToken);
            }
            await foreach (var info in base.ListAsync(prefix, cancellationToken))
            {
                yield return info;
            }
        }
    }

    /// <summary>Reads nothing from a blob that is not there.</summary>
    public sealed class GoneIsEmpty(IBlobStore inner) : PassingBlobs(inner)
    {
        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            try
            {
                return await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound)
            {
                return 0;
            }
        }
    }

    /// <summary>Leaves the file that makes a block whole for later, and forgets it.</summary>
    public sealed class MetaLast(IBlobStore inner) : PassingBlobs(inner)
    {
        public override Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken) =>
            name.EndsWith("/" + BlockDescription.MetaFile, StringComparison.Ordinal)
                ? Task.FromResult(true)
                : base.DeleteAsync(name, ifMatch, cancellationToken);
    }
}
