using Tributary.Binary;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>One pass of the garbage collection over one manifest; what fails is noted, and does not stop the rest.</summary>
internal sealed class GarbagePass(
    IBlobStore blobs,
    ITableStore tables,
    ManifestSnapshot manifest,
    IReadOnlyList<PlannedLogFile> log,
    DateTimeOffset now,
    GarbageOptions options
)
{
    private readonly List<string> problems = [];
    private readonly HashSet<LogFileName> deleted = [];
    private GarbageResult result = new();

    /// <summary>Whether somebody still has to read a consumed log file.</summary>
    public required Func<PlannedLogFile, bool> IsHeld { get; init; }

    public GarbageResult Result => result with { Problems = problems, LogFiles = deleted.Count };

    /// <summary>Takes pending rows that nobody touched for long: whoever wrote the block can no longer commit it.</summary>
    public async Task AbandonAsync(CancellationToken cancellationToken)
    {
        foreach (var row in RowsOf(BlockState.Pending, options.AbandonedAfter))
        {
            var taken = row with { State = BlockState.Deleted, Reason = "given up: nobody worked on it any more" };
            var write = new TableWrite(
                TableAction.Replace,
                ManifestKeys.Block(row.Block.Ulid),
                taken.Encode(),
                row.ETag
            );
            if (await TryAsync(() => CommitAsync(write, cancellationToken)))
            {
                result = result with { AbandonedBlocks = result.AbandonedBlocks + 1 };
            }
        }
    }

    /// <summary>Removes the files of blocks that were deleted long enough ago, then their rows.</summary>
    public async Task DeleteBlocksAsync(CancellationToken cancellationToken)
    {
        foreach (var row in RowsOf(BlockState.Deleted, options.DeletionDelay))
        {
            var isGone = await TryAsync(async () =>
            {
                await BlockFiles.DeleteAsync(blobs, row.Block.Ulid, cancellationToken);
                await CommitAsync(
                    new TableWrite(TableAction.Delete, ManifestKeys.Block(row.Block.Ulid), IfMatch: row.ETag),
                    cancellationToken
                );
            });
            result = result with { Blocks = result.Blocks + (isGone ? 1 : 0) };
        }
    }

    /// <summary>Removes consumed log files, and the names of those that are gone.</summary>
    public async Task DeleteLogFilesAsync(CancellationToken cancellationToken)
    {
        var listed = log.ToDictionary(file => file.Name);
        foreach (var row in manifest.Windows.Values.Where(row => row.Since + options.DeletionDelay <= now))
        {
            foreach (var (name, length) in row.Files)
            {
                // A file that is longer than what was consumed is not consumed; sealing rules that out.
                if (
                    listed.TryGetValue(name, out var file)
                    && file.Blob.LengthBytes <= length
                    && !IsHeld(file)
                    && await TryAsync(() => blobs.DeleteAsync(file.Blob.Name, file.Blob.ETag, cancellationToken))
                )
                {
                    deleted.Add(name);
                }
            }
            await ForgetFilesAsync(row, listed, cancellationToken);
        }
    }

    /// <summary>No commit: what is forgotten is gone, so it makes no difference to any reader.</summary>
    private async Task ForgetFilesAsync(
        WindowRow row,
        Dictionary<LogFileName, PlannedLogFile> listed,
        CancellationToken cancellationToken
    )
    {
        var left = row
            .Files.Where(file => listed.ContainsKey(file.Name) && !deleted.Contains(file.Name))
            .ToDictionary(file => file.Name.Writer, file => file.LengthBytes);
        if (left.Count == row.LengthBytes.Count)
        {
            return;
        }
        var key = ManifestKeys.OfWindow(row.Window);
        var write =
            left.Count == 0
                ? new TableWrite(TableAction.Delete, key, IfMatch: row.ETag)
                : new TableWrite(TableAction.Replace, key, (row with { LengthBytes = left }).Encode(), row.ETag);
        await TryAsync(() => CommitAsync(write, cancellationToken));
    }

    private IEnumerable<BlockRow> RowsOf(BlockState state, TimeSpan age) =>
        manifest
            .Blocks.Values.Where(row => row.State == state && row.Since + age <= now)
            .OrderBy(row => row.Block.Ulid);

    private Task CommitAsync(TableWrite write, CancellationToken cancellationToken) =>
        tables.CommitAsync(ManifestKeys.Table, manifest.Partition, [write], cancellationToken);

    /// <summary>Whether it is done; not when something changed meanwhile, or the store did not say.</summary>
    private async Task<bool> TryAsync(Func<Task> action)
    {
        if (options.IsDryRun)
        {
            return true;
        }
        try
        {
            await action();
            return true;
        }
        catch (StoreException exception) when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound)
        {
            return false;
        }
        catch (Exception exception)
            when (exception
                    is StoreException { Error: not (StoreError.Denied or StoreError.Unusable) }
                        or CorruptDataException
            )
        {
            problems.Add(exception.Message);
            return false;
        }
    }
}
