using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Notes what commits are about to say, for the check of what follows from it.</summary>
internal sealed class WatchedTables(ITableStore inner, BlockHistory history) : PassingTables(inner)
{
    public override Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        foreach (var write in writes)
        {
            if (write.Properties is not { } properties)
            {
                continue;
            }
            var row = new TableRow(write.Row, "", default, properties);
            if (ManifestKeys.TryParseWindow(write.Row, out var window))
            {
                history.Consume(WindowRow.Decode(window, row, write.Row));
            }
            else if (
                ManifestKeys.TryParseUlid(write.Row, ManifestKeys.BlockPrefix, out var ulid)
                && BlockRow.Decode(ulid, row, write.Row).State == BlockState.Deleted
            )
            {
                history.Delete(ulid);
            }
        }
        return base.CommitAsync(table, partition, writes, cancellationToken);
    }
}
