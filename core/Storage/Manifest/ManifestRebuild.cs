using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Makes the manifest anew from what the blobs say, in a new partition, and switches to it by one row.</summary>
/// <remarks>
/// The old partition is closed first: no commit happens there any more, so nothing is missed that was committed before the
/// blobs are looked at. Whoever stops on the way starts again; until the switch the old partition is read.
/// </remarks>
/// <param name="blobs">Where blocks and deletes lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="reader">The manifest.</param>
/// <param name="time">The clock of pauses between tries.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class ManifestRebuild(
    IBlobStore blobs,
    ITableStore tables,
    ManifestReader reader,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    private const int RowsPerTransaction = 30;
    private const int MaxTries = 5;

    /// <summary>Rebuilds the manifest.</summary>
    /// <param name="findBlocks">Finds all blocks that have a <c>meta.json</c>; called after the old partition is closed.</param>
    /// <param name="cancellationToken">Ends the work; start again then.</param>
    /// <returns>What the new manifest has.</returns>
    /// <exception cref="StoreException">The store cannot be used; start again.</exception>
    public async Task<RebuildResult> RunAsync(
        Func<CancellationToken, Task<IReadOnlyList<RebuiltBlock>>> findBlocks,
        CancellationToken cancellationToken
    )
    {
        var (partition, pointer) = await reader.GetPointerAsync(cancellationToken);
        await CloseAsync(partition, cancellationToken);
        var old = await ReadOldAsync(partition, cancellationToken);
        var found = await findBlocks(cancellationToken);
        var lengths = await BlockFiles.LengthsAsync(blobs, cancellationToken);
        var whole = found.Where(one => BlockFiles.AreWhole(one.Block, lengths)).ToList();
        var choice = RebuildChoice.Of(whole, old);
        var deletes = await FindDeletesAsync(old, cancellationToken);
        var number = Math.Max(
            old?.State.Number ?? 0,
            choice
                .Rows.Select(row => row.Block.Number)
                .Concat(deletes.Select(row => row.Number))
                .DefaultIfEmpty(0)
                .Max()
        );
        var next = newUlid().ToString();
        await WriteAsync(
            next,
            choice,
            deletes,
            new StateRow(number) { Recent = old?.State.Recent ?? [] },
            cancellationToken
        );
        await SwitchAsync(next, pointer, cancellationToken);
        return new RebuildResult(
            next,
            choice.Rows.Count(row => row.IsKept),
            choice.Rows.Count(row => !row.IsKept),
            [.. found.Except(whole).Select(one => one.Block.Ulid)]
        );
    }

    private async Task CloseAsync(string partition, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var row = await tables.GetAsync(ManifestKeys.Table, partition, ManifestKeys.State, cancellationToken);
            var state = row is null ? StateRow.Empty : Decode(row, partition);
            if (state.IsClosed)
            {
                return;
            }
            var closed = (state with { IsClosed = true }).Encode();
            try
            {
                await CommitAsync(
                    partition,
                    [
                        row is null
                            ? new TableWrite(TableAction.Insert, ManifestKeys.State, closed)
                            : new TableWrite(TableAction.Replace, ManifestKeys.State, closed, row.ETag),
                    ],
                    cancellationToken
                );
                return;
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet && attempt < MaxTries)
            {
                // A commit came first, or an earlier try of this call did.
            }
        }
    }

    private static StateRow Decode(TableRow row, string partition)
    {
        try
        {
            return StateRow.Decode(row, RowBytes.PlaceOf(partition, row.Row));
        }
        catch (CorruptDataException)
        {
            // What it said is lost; the blocks' own numbers say the rest.
            return StateRow.Empty;
        }
    }

    /// <summary>What the old partition says; null when it had never a commit, or was lost.</summary>
    private async Task<ManifestSnapshot?> ReadOldAsync(string partition, CancellationToken cancellationToken)
    {
        var rows = new List<TableRow>();
        var query = tables.QueryAsync(ManifestKeys.Table, partition, from: null, to: null, cancellationToken);
        await foreach (var row in query)
        {
            rows.Add(row);
        }
        return rows.Exists(row => row.Row == ManifestKeys.Born) ? new ManifestSnapshot(partition, rows) : null;
    }

    /// <summary>All deletes; of an old partition that is there, only those that it knows.</summary>
    private async Task<List<DeleteRow>> FindDeletesAsync(ManifestSnapshot? old, CancellationToken cancellationToken)
    {
        var cache = new DeleteCache(blobs);
        var deletes = new List<DeleteRow>();
        var names = new List<string>();
        await foreach (var blob in blobs.ListAsync(DeleteDescription.Prefix, cancellationToken))
        {
            names.Add(blob.Name);
        }
        foreach (var name in names)
        {
            if (
                Ulid.TryParse(name[DeleteDescription.Prefix.Length..], out var ulid)
                && (old is null || old.HasDelete(ulid))
            )
            {
                var delete = await cache.ReadAsync(ulid, cancellationToken);
                deletes.Add(new DeleteRow(ulid, delete.Range, delete.Number));
            }
        }
        return deletes;
    }

    private async Task WriteAsync(
        string partition,
        RebuildChoice choice,
        IReadOnlyList<DeleteRow> deletes,
        StateRow state,
        CancellationToken cancellationToken
    )
    {
        var writes = choice
            .Rows.Select(row => new TableWrite(TableAction.Insert, ManifestKeys.Block(row.Block.Ulid), row.Encode()))
            .Concat(
                choice.Windows.Select(row => new TableWrite(
                    TableAction.Insert,
                    ManifestKeys.OfWindow(row.Window),
                    row.Encode()
                ))
            )
            .Concat(
                deletes.Select(row => new TableWrite(TableAction.Insert, ManifestKeys.Delete(row.Ulid), row.Encode()))
            )
            .Append(new TableWrite(TableAction.Insert, ManifestKeys.Born, new BornRow(IsRebuilt: true).Encode()))
            .Append(new TableWrite(TableAction.Insert, ManifestKeys.State, state.Encode()));
        foreach (var group in writes.Chunk(RowsPerTransaction))
        {
            // Nobody else knows this partition: any row may be written again.
            var again = group.Select(write => write with { Action = TableAction.Replace }).ToList();
            await CommitAsync(partition, again, cancellationToken);
        }
    }

    private async Task SwitchAsync(string partition, string? pointer, CancellationToken cancellationToken)
    {
        var properties = ManifestReader.Pointer(partition);
        var write = pointer is null
            ? new TableWrite(TableAction.Insert, ManifestKeys.PointerRow, properties)
            : new TableWrite(TableAction.Replace, ManifestKeys.PointerRow, properties, pointer);
        try
        {
            await CommitAsync(ManifestKeys.PointerPartition, [write], cancellationToken);
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            var (current, _) = await reader.GetPointerAsync(cancellationToken);
            if (current != partition)
            {
                throw new StoreException(
                    StoreError.ConditionNotMet,
                    $"manifest: it was rebuilt by somebody else at the same time, as partition '{current}', which counts",
                    exception
                );
            }
        }
    }

    private Task CommitAsync(string partition, IReadOnlyList<TableWrite> writes, CancellationToken cancellationToken) =>
        StoreRetry.RunAsync(
            () => tables.CommitAsync(ManifestKeys.Table, partition, writes, cancellationToken),
            time,
            cancellationToken
        );
}

/// <summary>A block, as its <c>meta.json</c> says it.</summary>
/// <param name="Block">The block, with the log files that went into it.</param>
/// <param name="Statistics">What a query needs to plan; may be empty.</param>
public sealed record RebuiltBlock(BlockDescription Block, ReadOnlyMemory<byte> Statistics);

/// <summary>What a rebuilt manifest has.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Blocks">Blocks that are kept.</param>
/// <param name="LeftOut">Blocks that others replace; their files go after the deletion delay.</param>
/// <param name="Incomplete">Blocks with a <c>meta.json</c>, but without all of their files; the sweep removes them.</param>
public sealed record RebuildResult(string Partition, int Blocks, int LeftOut, IReadOnlyList<Ulid> Incomplete);
