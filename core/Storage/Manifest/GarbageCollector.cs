using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Removes what the manifest says is no longer needed: a row is taken before its files are touched.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="reader">The manifest.</param>
/// <param name="writer">The manifest.</param>
/// <param name="time">The clock of pauses between tries; ages are by the store's.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class GarbageCollector(
    IBlobStore blobs,
    ITableStore tables,
    ManifestReader reader,
    ManifestWriter writer,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    /// <summary>One pass; running it again changes nothing.</summary>
    /// <exception cref="StoreException">The store cannot be used; the rest stays until the next run.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<GarbageResult> RunAsync(GarbageOptions options, CancellationToken cancellationToken)
    {
        // The time first, then the list, then the manifest: whatever is frozen in between, nothing looks older than it is.
        var now = await StoreClock.NowAsync(tables, time, cancellationToken);
        var log = await LogListing.AllAsync(blobs, cancellationToken);
        var manifest = await reader.ReloadAsync(cancellationToken);
        if (manifest.State.IsClosed)
        {
            return new GarbageResult();
        }
        var isHeld = await options.Holds(now, cancellationToken);
        var pass = new GarbagePass(blobs, tables, manifest, log, now, options) { IsHeld = isHeld };
        await pass.AbandonAsync(cancellationToken);
        await pass.DeleteBlocksAsync(cancellationToken);
        await pass.DeleteLogFilesAsync(cancellationToken);
        return pass.Result with { Deletes = await ForgetDeletesAsync(manifest, options, cancellationToken) };
    }

    /// <summary>Deletes that can apply to nothing: no block up to their number is left, and none of their log files.</summary>
    private async Task<int> ForgetDeletesAsync(
        ManifestSnapshot manifest,
        GarbageOptions options,
        CancellationToken cancellationToken
    )
    {
        List<DeleteRow> idle =
        [
            .. manifest
                .Deletes.Values.Where(row => !manifest.Blocks.Values.Any(block => row.AppliesTo(block.Block)))
                .Take(ManifestLimits.ReplacedBlocks),
        ];
        if (idle.Count == 0 || manifest.Problems.Count > 0)
        {
            return 0;
        }
        // Listed after the manifest was read: what a delete names was there before its row, so what is missing now is gone.
        var log = await LogListing.AllAsync(blobs, cancellationToken);
        var names = log.Select(file => file.Name).ToHashSet();
        var cache = new DeleteCache(blobs);
        var forgotten = new List<Ulid>();
        foreach (var row in idle)
        {
            var delete = await cache.ReadAsync(row.Ulid, cancellationToken);
            if (!delete.LogFiles.Any(names.Contains))
            {
                forgotten.Add(row.Ulid);
            }
        }
        if (forgotten.Count == 0 || options.IsDryRun)
        {
            return forgotten.Count;
        }
        var change = new ManifestChange
        {
            Id = newUlid(),
            PlannedOn = manifest,
            ForgottenDeletes = forgotten,
        };
        return (await writer.CommitAsync(change, cancellationToken)).IsCommitted ? forgotten.Count : 0;
    }
}
