using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Writes blocks anew of which something is deleted, so that it is gone from their files, too.</summary>
/// <remarks>
/// Block by block, each a commit: what ends it in the middle costs the block under way. The files of the blocks before go
/// after the deletion delay, as those of every replaced block. What is not in a block yet never comes into one.
/// </remarks>
/// <param name="blobs">Where blocks and deletes lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="newUlid">Makes identifiers of the present time; never the same twice.</param>
public sealed class CleanTombstonesJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    private const int MaxRefusals = 10;
    private const long CacheBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Cleans all blocks.</summary>
    /// <param name="options">What it may use.</param>
    /// <param name="cancellationToken">Ends the work; what was committed stays.</param>
    /// <returns>The blocks that were replaced.</returns>
    /// <exception cref="StoreException">The store cannot be used, or a compaction is under way; ask again.</exception>
    /// <exception cref="CorruptDataException">The manifest, a delete or a block is damaged; the other blocks are cleaned.</exception>
    public async Task<int> RunAsync(CompactionOptions options, CancellationToken cancellationToken)
    {
        var lease = await TakeLeaseAsync(cancellationToken);
        try
        {
            var storeId = await StoreIdentity.GetAsync(blobs, newUlid, cancellationToken);
            return await CleanAsync(options with { StoreId = storeId }, lease, cancellationToken);
        }
        finally
        {
            await lease.ReleaseAsync(CancellationToken.None);
        }
    }

    /// <summary>Two compactions at once are safe, and take twice the memory.</summary>
    private async Task<JobLease> TakeLeaseAsync(CancellationToken cancellationToken)
    {
        for (var started = time.GetTimestamp(); ; )
        {
            if (await JobLease.TryTakeAsync(blobs, CompactJob.LeaseName, cancellationToken) is { } lease)
            {
                return lease;
            }
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new StoreException(StoreError.LeaseConflict, "a compaction is under way: try again in a minute");
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<int> CleanAsync(CompactionOptions options, JobLease lease, CancellationToken cancellationToken)
    {
        var reader = new ManifestReader(tables);
        var writer = new ManifestWriter(tables, reader, time);
        var committer = new BlockCommitter(blobs, writer, time, newUlid);
        var compaction = new BlockCompaction(blobs, options);
        var cache = new DeleteCache(blobs);
        var (done, cleaned, refused) = (new HashSet<Ulid>(), 0, 0);
        CorruptDataException? damaged = null;
        while (true)
        {
            var manifest = await reader.RefreshAsync(cancellationToken);
            if (manifest.Live.FirstOrDefault(row => !done.Contains(row.Block.Ulid)) is not { } row)
            {
                break;
            }
            try
            {
                if (!await HasDeletedAsync(row, manifest, cache, cancellationToken))
                {
                    done.Add(row.Block.Ulid);
                    continue;
                }
                var result = await committer.MergeAsync([row], manifest, compaction.WriteAsync, cancellationToken);
                cleaned += result.IsCommitted ? 1 : 0;
                refused += result.IsCommitted ? 0 : 1;
            }
            catch (CorruptDataException exception)
                when (exception.Blob.StartsWith(BlockPaths.PrefixOf(row.Block.Ulid), StringComparison.Ordinal))
            {
                // The compaction puts it into quarantine; the others can be cleaned all the same.
                damaged = exception;
                done.Add(row.Block.Ulid);
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && refused < MaxRefusals)
            {
                // Replaced meanwhile.
                refused++;
            }
            if (refused >= MaxRefusals)
            {
                throw new StoreException(
                    StoreError.Unknown,
                    "other commits came first, again and again; what was cleaned stays so, try again for the rest"
                );
            }
            await lease.RenewAsync(cancellationToken);
        }
        return damaged is null ? cleaned : throw damaged;
    }

    /// <summary>Whether something of a block is deleted, by its tombstones or by a delete that selects some of its series.</summary>
    private async Task<bool> HasDeletedAsync(
        BlockRow row,
        ManifestSnapshot manifest,
        DeleteCache cache,
        CancellationToken cancellationToken
    )
    {
        var range = new TimeRange(row.Block.MinTimeMs, row.Block.MaxTimeMs - 1);
        var stones = row.Block.Files.FirstOrDefault(file => file.Path == BlockPaths.Tombstones);
        if (stones.SizeBytes > Tombstones.MinBytes)
        {
            return true;
        }
        List<DeleteDescription> deletes =
        [
            .. (await cache.OfAsync(manifest, range, cancellationToken)).Where(delete => delete.AppliesTo(row.Block)),
        ];
        if (deletes.Count == 0)
        {
            return false;
        }
        using var pages = new PageCache(CacheBytes);
        var ranges = new RangeReader(blobs, pages);
        var block = await BlockReader.OpenAsync(ranges, BlockPaths.PrefixOf(row.Block.Ulid), cancellationToken);
        foreach (var delete in deletes)
        {
            foreach (var selector in delete.Selectors.Select(SelectorParser.ParseAny))
            {
                await foreach (var _ in block.SelectAsync(selector.Matchers, delete.Range, cancellationToken))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
