using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Changes the manifest: pending rows before a block's first byte, then one transaction for the whole commit.</summary>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="reader">Reads it again when something else was committed.</param>
/// <param name="time">The clock of pauses between tries.</param>
public sealed class ManifestWriter(ITableStore tables, ManifestReader reader, TimeProvider time)
{
    private const int MaxTries = 8;

    /// <summary>Announces a block, before its first byte is written: garbage collection now knows its files.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task BeginAsync(
        ManifestSnapshot plannedOn,
        BlockDescription block,
        CancellationToken cancellationToken
    )
    {
        await EnsureBornAsync(plannedOn, cancellationToken);
        var row = new BlockRow(block, BlockState.Pending);
        var write = new TableWrite(TableAction.Insert, ManifestKeys.Block(block.Ulid), row.Encode());
        try
        {
            await CommitAsync(plannedOn.Partition, [write], cancellationToken);
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // The name is ours alone: an earlier try was in after all.
            if (await GetAsync(plannedOn.Partition, block.Ulid, cancellationToken) is not { State: BlockState.Pending })
            {
                throw;
            }
        }
    }

    /// <summary>Says that a pending block is still worked on, so that it does not grow old.</summary>
    /// <returns>False: it was taken away, and can no longer be committed.</returns>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public Task<bool> TouchAsync(ManifestSnapshot plannedOn, Ulid block, CancellationToken cancellationToken) =>
        ReplacePendingAsync(plannedOn, block, row => row, cancellationToken);

    /// <summary>Gives a pending block up; its files become garbage.</summary>
    /// <returns>False: it is not pending.</returns>
    /// <exception cref="StoreException">The store cannot be used; the garbage collection gives it up later.</exception>
    public Task<bool> AbandonAsync(
        ManifestSnapshot plannedOn,
        Ulid block,
        string reason,
        CancellationToken cancellationToken
    ) =>
        ReplacePendingAsync(
            plannedOn,
            block,
            row => row with { State = BlockState.Deleted, Reason = reason },
            cancellationToken
        );

    /// <summary>Commits a change, all of it or nothing.</summary>
    /// <returns>Committed, or refused: then it can never happen, and has to be planned anew.</returns>
    /// <exception cref="StoreException">The store cannot be used; whether the change happens is not known.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<CommitResult> CommitAsync(ManifestChange change, CancellationToken cancellationToken)
    {
        Check(change);
        var now = change.PlannedOn;
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            if (CommitCheck.Problem(change, now) is { } problem)
            {
                return CommitResult.Refused(problem);
            }
            if (await BuildAsync(change, now, cancellationToken) is not { } writes)
            {
                return CommitResult.Refused("a block that was written is no longer pending");
            }
            StoreException? unknown = null;
            try
            {
                await CommitAsync(now.Partition, writes, cancellationToken);
                return new CommitResult(now.State.Number + 1);
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Another commit came first, or an earlier try of this one.
            }
            catch (StoreException exception) when (exception.Error == StoreError.Unknown)
            {
                unknown = exception;
            }
            now = await reader.ReloadAsync(cancellationToken);
            if (now.State.Recent.Contains(change.Id))
            {
                return new CommitResult(now.State.Number - (now.State.Recent.Count - 1 - IndexOf(now, change.Id)));
            }
            if (unknown is not null)
            {
                throw unknown;
            }
        }
        return CommitResult.Refused($"another commit came first, {MaxTries} times in a row");
    }

    /// <summary>Leaves a block out of all answers, after a checksum or format error that a fresh read repeated.</summary>
    /// <returns>False: its row is not live (any more), so nothing has to be done.</returns>
    public Task<bool> QuarantineAsync(Ulid id, Ulid block, string reason, CancellationToken cancellationToken) =>
        MoveAsync(id, block, BlockState.Live, BlockState.Quarantined, reason, cancellationToken);

    /// <summary>Lets a block in quarantine count again.</summary>
    /// <returns>False: it is not in quarantine.</returns>
    public Task<bool> ReleaseAsync(Ulid id, Ulid block, CancellationToken cancellationToken) =>
        MoveAsync(id, block, BlockState.Quarantined, BlockState.Live, "", cancellationToken);

    /// <summary>Says how old the partition is, before anything is written for it.</summary>
    internal async Task EnsureBornAsync(ManifestSnapshot plannedOn, CancellationToken cancellationToken)
    {
        if (plannedOn.Born is not null)
        {
            return;
        }
        var write = new TableWrite(TableAction.Insert, ManifestKeys.Born, new BornRow(IsRebuilt: false).Encode());
        try
        {
            await CommitAsync(plannedOn.Partition, [write], cancellationToken);
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Somebody else did, or an earlier try.
        }
    }

    private static int IndexOf(ManifestSnapshot now, Ulid commit) => now.State.Recent.ToList().IndexOf(commit);

    private static void Check(ManifestChange change)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            change.Changed.Count,
            ManifestLimits.ReplacedBlocks,
            "replaced blocks"
        );
        if (change.Written.Any(row => row.Block.Number != change.PlannedOn.State.Number + 1))
        {
            throw new ArgumentException("a block's number is one above the commit number that it was planned on");
        }
    }

    private async Task<bool> MoveAsync(
        Ulid id,
        Ulid block,
        BlockState from,
        BlockState to,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var plannedOn = await reader.RefreshAsync(cancellationToken);
        if (!plannedOn.Blocks.TryGetValue(block, out var row) || row.State != from)
        {
            return false;
        }
        var change = new ManifestChange
        {
            Id = id,
            PlannedOn = plannedOn,
            Changed = [new BlockStateChange(block, to, reason)],
        };
        return (await CommitAsync(change, cancellationToken)).IsCommitted;
    }

    /// <summary>The transaction; null when a written block's row is no longer pending.</summary>
    private async Task<List<TableWrite>?> BuildAsync(
        ManifestChange change,
        ManifestSnapshot now,
        CancellationToken cancellationToken
    )
    {
        var writes = new List<TableWrite>();
        foreach (var row in change.Written)
        {
            var pending = await GetAsync(now.Partition, row.Block.Ulid, cancellationToken);
            if (pending is not { State: BlockState.Pending })
            {
                return null;
            }
            writes.Add(Replace(ManifestKeys.Block(row.Block.Ulid), row.Encode(), pending.ETag));
        }
        foreach (var (ulid, state, reason) in change.Changed)
        {
            var row = now.Blocks[ulid];
            var next = row with { State = state, Reason = reason };
            writes.Add(Replace(ManifestKeys.Block(ulid), next.Encode(), row.ETag));
        }
        foreach (var files in change.Consumed.GroupBy(file => file.Name.Window))
        {
            var row =
                now.Windows.GetValueOrDefault(files.Key) ?? new WindowRow(files.Key, new Dictionary<Ulid, long>());
            writes.Add(Replace(ManifestKeys.OfWindow(files.Key), row.With(files).Encode(), row.ETag));
        }
        if (change.Delete is { } delete)
        {
            writes.Add(new TableWrite(TableAction.Insert, ManifestKeys.Delete(delete.Ulid), delete.Encode()));
        }
        foreach (var forgotten in change.ForgottenDeletes)
        {
            var row = ManifestKeys.Delete(forgotten);
            writes.Add(new TableWrite(TableAction.Delete, row, IfMatch: now.Deletes[forgotten].ETag));
        }
        writes.Add(Replace(ManifestKeys.State, now.State.After(change.Id).Encode(), now.StateETag ?? ""));
        return writes;
    }

    private static TableWrite Replace(string row, Dictionary<string, object> properties, string etag) =>
        etag.Length == 0
            ? new TableWrite(TableAction.Insert, row, properties)
            : new TableWrite(TableAction.Replace, row, properties, etag);

    private async Task<bool> ReplacePendingAsync(
        ManifestSnapshot plannedOn,
        Ulid block,
        Func<BlockRow, BlockRow> change,
        CancellationToken cancellationToken
    )
    {
        var row = await GetAsync(plannedOn.Partition, block, cancellationToken);
        if (row is not { State: BlockState.Pending })
        {
            return false;
        }
        var next = change(row);
        try
        {
            var write = Replace(ManifestKeys.Block(block), next.Encode(), row.ETag);
            await CommitAsync(plannedOn.Partition, [write], cancellationToken);
            return true;
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Somebody else changed it, or an earlier try of this call did.
            return await GetAsync(plannedOn.Partition, block, cancellationToken) is { } after
                && after.State == next.State;
        }
    }

    private async Task<BlockRow?> GetAsync(string partition, Ulid block, CancellationToken cancellationToken)
    {
        var key = ManifestKeys.Block(block);
        var row = await tables.GetAsync(ManifestKeys.Table, partition, key, cancellationToken);
        return row is null ? null : BlockRow.Decode(block, row, RowBytes.PlaceOf(partition, key));
    }

    private Task CommitAsync(string partition, IReadOnlyList<TableWrite> writes, CancellationToken cancellationToken) =>
        StoreRetry.RunAsync(
            () => tables.CommitAsync(ManifestKeys.Table, partition, writes, cancellationToken),
            time,
            cancellationToken
        );
}
