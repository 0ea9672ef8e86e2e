using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>
/// The way of a new block into the manifest: seal the log files, announce the block, write it, commit it. Whoever stops
/// on the way leaves garbage at most.
/// </summary>
/// <param name="blobs">Where log, blocks and deletes lie.</param>
/// <param name="writer">The manifest.</param>
/// <param name="time">The clock of pauses between tries.</param>
/// <param name="newUlid">Makes identifiers of the present time; never the same twice.</param>
public sealed class BlockCommitter(IBlobStore blobs, ManifestWriter writer, TimeProvider time, Func<Ulid> newUlid)
{
    /// <summary>How often a pending row is touched while its block is written: well before others give it up.</summary>
    internal static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(10);

    private readonly DeleteCache deletes = new(blobs);

    /// <summary>Makes a block of level 1 of log files.</summary>
    /// <param name="group">The files.</param>
    /// <param name="plannedOn">The manifest, read after the files were listed.</param>
    /// <param name="write">Writes the block.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Committed, or refused: then plan anew.</returns>
    /// <exception cref="StoreException">The store cannot be used; whether the block counts is not known.</exception>
    /// <exception cref="CorruptDataException">The manifest or a delete cannot be read.</exception>
    public async Task<CommitResult> LevelOneAsync(
        LevelOneGroup group,
        ManifestSnapshot plannedOn,
        BlockWrite write,
        CancellationToken cancellationToken
    )
    {
        var files = new List<PlannedLogFile>();
        foreach (var file in group.Files)
        {
            if (await LogSeal.SealAsync(blobs, file, time, cancellationToken) is not { } isSealed)
            {
                return CommitResult.Refused($"{file.Name} is gone");
            }
            files.Add(isSealed);
        }
        var ulid = newUlid();
        var task = new BlockTask
        {
            Block = new BlockDescription
            {
                Ulid = ulid,
                Level = 1,
                MinTimeMs = group.Window.StartMs,
                MaxTimeMs = group.Window.EndMs,
                Number = plannedOn.State.Number + 1,
                Sources = [ulid],
                Consumed = [.. files.Select(file => new ConsumedLogFile(file.Name, file.Blob.LengthBytes))],
            },
            LogFiles = files,
            Deletes =
            [
                .. (await DeletesAsync(plannedOn, group.Window.StartMs, group.Window.EndMs, cancellationToken)).Where(
                    delete => files.Any(file => delete.LogFiles.Contains(file.Name))
                ),
            ],
        };
        return await CommitAsync(task, plannedOn, write, cancellationToken);
    }

    /// <summary>Makes one block of several; of one, to apply its deletes.</summary>
    /// <param name="inputs">Live blocks of <paramref name="plannedOn"/>, the one that wins a conflict first.</param>
    /// <param name="plannedOn">The manifest.</param>
    /// <param name="write">Writes the block.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Committed, or refused: then plan anew.</returns>
    /// <exception cref="StoreException">The store cannot be used; whether the block counts is not known.</exception>
    /// <exception cref="CorruptDataException">The manifest or a delete cannot be read.</exception>
    public async Task<CommitResult> MergeAsync(
        IReadOnlyList<BlockRow> inputs,
        ManifestSnapshot plannedOn,
        BlockWrite write,
        CancellationToken cancellationToken
    )
    {
        var minTimeMs = inputs.Min(row => row.Block.MinTimeMs);
        var maxTimeMs = inputs.Max(row => row.Block.MaxTimeMs);
        var task = new BlockTask
        {
            Block = new BlockDescription
            {
                Ulid = newUlid(),
                Level = inputs.Max(row => row.Block.Level) + 1,
                MinTimeMs = minTimeMs,
                MaxTimeMs = maxTimeMs,
                Number = plannedOn.State.Number + 1,
                Sources = [.. inputs.SelectMany(row => row.Block.Sources).Distinct().Order()],
                Parents = [.. inputs.Select(row => row.Block.Ulid)],
            },
            Inputs = inputs,
            Deletes =
            [
                .. (await DeletesAsync(plannedOn, minTimeMs, maxTimeMs, cancellationToken)).Where(delete =>
                    inputs.Any(row => delete.AppliesTo(row.Block))
                ),
            ],
        };
        return await CommitAsync(task, plannedOn, write, cancellationToken);
    }

    /// <summary>Adds a block from elsewhere; its samples count like those of a block written now.</summary>
    /// <param name="block">What it is; identifier and number are given here.</param>
    /// <param name="plannedOn">The manifest.</param>
    /// <param name="write">Writes the block.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Committed, or refused: then plan anew.</returns>
    /// <exception cref="StoreException">The store cannot be used; whether the block counts is not known.</exception>
    /// <exception cref="CorruptDataException">The manifest cannot be read.</exception>
    public Task<CommitResult> AddAsync(
        BlockDescription block,
        ManifestSnapshot plannedOn,
        BlockWrite write,
        CancellationToken cancellationToken
    ) =>
        CommitAsync(
            new BlockTask
            {
                Block = block with { Ulid = newUlid(), Number = plannedOn.State.Number + 1, Consumed = [] },
            },
            plannedOn,
            write,
            cancellationToken
        );

    private Task<IReadOnlyList<DeleteDescription>> DeletesAsync(
        ManifestSnapshot plannedOn,
        long minTimeMs,
        long maxTimeMs,
        CancellationToken cancellationToken
    ) => deletes.OfAsync(plannedOn, new TimeRange(minTimeMs, maxTimeMs - 1), cancellationToken);

    private async Task<CommitResult> CommitAsync(
        BlockTask task,
        ManifestSnapshot plannedOn,
        BlockWrite write,
        CancellationToken cancellationToken
    )
    {
        var block = task.Block;
        if (plannedOn.State.IsClosed)
        {
            return CommitResult.Refused(CommitCheck.Rebuilding);
        }
        await writer.BeginAsync(plannedOn, block with { Consumed = [] }, cancellationToken);
        WrittenBlock? written;
        try
        {
            written = await Meanwhile.RunAsync(
                token => write(task, token),
                token => writer.TouchAsync(plannedOn, block.Ulid, token),
                TouchEvery,
                time,
                cancellationToken
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CommitResult.Refused($"block {block.Ulid} was given up by somebody else while it was written");
        }
        catch (CorruptDataException)
        {
            // Nothing comes of it: what was written may go at once, not only when it has grown old.
            await writer.AbandonAsync(plannedOn, block.Ulid, "an input is damaged", cancellationToken);
            throw;
        }
        var row = written is null
            ? new BlockRow(block, BlockState.Deleted) { Reason = "no sample was left" }
            : new BlockRow(written.Block, BlockState.Live) { Statistics = written.Statistics };
        var change = new ManifestChange
        {
            Id = block.Ulid,
            PlannedOn = plannedOn,
            Written = [row],
            Changed =
            [
                .. task.Inputs.Select(input => new BlockStateChange(
                    input.Block.Ulid,
                    BlockState.Deleted,
                    $"replaced by {block.Ulid}"
                )),
            ],
            Consumed = block.Consumed,
        };
        var result = await writer.CommitAsync(change, cancellationToken);
        if (!result.IsCommitted)
        {
            await writer.AbandonAsync(plannedOn, block.Ulid, $"refused: {result.Refusal}", cancellationToken);
        }
        return result;
    }
}
