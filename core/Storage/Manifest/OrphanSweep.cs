using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The slow sweep: removes files that no row names, such as uploads that landed after their block was given up.</summary>
/// <remarks>
/// A whole block that is older than the manifest itself is never touched: then the manifest is what was lost, and
/// rebuilding it brings the block back.
/// </remarks>
/// <param name="blobs">Where blocks and deletes lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="reader">The manifest.</param>
/// <param name="writer">The manifest.</param>
/// <param name="time">The clock of pauses between tries; ages are by the store's.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class OrphanSweep(
    IBlobStore blobs,
    ITableStore tables,
    ManifestReader reader,
    ManifestWriter writer,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    private static readonly TimeSpan LeastAge = TimeSpan.FromHours(24);

    /// <summary>One pass over all files.</summary>
    /// <exception cref="StoreException">The store cannot be used; the rest stays until the next run.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<SweepResult> RunAsync(GarbageOptions options, CancellationToken cancellationToken)
    {
        var now = await StoreClock.NowAsync(tables, time, cancellationToken);
        var old = now - (options.OrphanAge > LeastAge ? options.OrphanAge : LeastAge);
        // The files first, then the rows: a row is inserted before the first byte of its block.
        var folders = await ListAsync(cancellationToken);
        var deletes = await ListDeletesAsync(old, cancellationToken);
        var manifest = await reader.ReloadAsync(cancellationToken);
        if (manifest.State.IsClosed)
        {
            return new SweepResult(0, 0, []);
        }
        var unknown = new List<Ulid>();
        var gone = 0;
        foreach (var (ulid, files) in folders.Where(folder => !manifest.HasRow(folder.Key)))
        {
            var meta = files.Find(file => IsMeta(file, ulid));
            if (meta is not null && manifest.Born?.Judges(meta) is not true)
            {
                unknown.Add(ulid);
            }
            else if (
                files.TrueForAll(file => file.LastModified <= old)
                // Asked right before each block: a rebuilt manifest may have given it a row.
                && await reader.IsCurrentAsync(manifest.Partition, cancellationToken)
            )
            {
                if (!options.IsDryRun)
                {
                    await BlockFiles.DeleteAsync(blobs, ulid, cancellationToken);
                }
                gone++;
            }
        }
        return new SweepResult(gone, await SweepDeletesAsync(deletes, manifest, options, cancellationToken), unknown);
    }

    private static bool IsMeta(BlobInfo file, Ulid ulid) =>
        file.Name == BlockDescription.PrefixOf(ulid) + BlockDescription.MetaFile;

    /// <summary>
    /// Deletes have no pending rows: an empty commit comes first, and refuses every delete that was planned before it.
    /// </summary>
    private async Task<int> SweepDeletesAsync(
        Dictionary<Ulid, BlobInfo> deletes,
        ManifestSnapshot manifest,
        GarbageOptions options,
        CancellationToken cancellationToken
    )
    {
        List<(Ulid Ulid, BlobInfo Blob)> orphans =
        [
            .. deletes
                .Where(delete => !manifest.HasDelete(delete.Key) && manifest.Born?.Judges(delete.Value) is true)
                .Select(delete => (delete.Key, delete.Value)),
        ];
        if (orphans.Count == 0 || options.IsDryRun)
        {
            return orphans.Count;
        }
        var fence = new ManifestChange { Id = newUlid(), PlannedOn = manifest };
        if (!(await writer.CommitAsync(fence, cancellationToken)).IsCommitted)
        {
            return 0;
        }
        var now = await reader.ReloadAsync(cancellationToken);
        var gone = 0;
        foreach (var (ulid, blob) in orphans)
        {
            if (!now.State.IsClosed && now.Partition == manifest.Partition && !now.HasDelete(ulid))
            {
                gone += await blobs.DeleteAsync(blob.Name, blob.ETag, cancellationToken) ? 1 : 0;
            }
        }
        return gone;
    }

    private async Task<SortedDictionary<Ulid, List<BlobInfo>>> ListAsync(CancellationToken cancellationToken)
    {
        var folders = new SortedDictionary<Ulid, List<BlobInfo>>();
        await foreach (var blob in blobs.ListAsync(BlockDescription.Prefix, cancellationToken))
        {
            var end = blob.Name.IndexOf('/', BlockDescription.Prefix.Length);
            if (end > 0 && Ulid.TryParse(blob.Name[BlockDescription.Prefix.Length..end], out var ulid))
            {
                (folders.TryGetValue(ulid, out var files) ? files : folders[ulid] = []).Add(blob);
            }
        }
        return folders;
    }

    private async Task<Dictionary<Ulid, BlobInfo>> ListDeletesAsync(
        DateTimeOffset old,
        CancellationToken cancellationToken
    )
    {
        var deletes = new Dictionary<Ulid, BlobInfo>();
        await foreach (var blob in blobs.ListAsync(DeleteDescription.Prefix, cancellationToken))
        {
            if (blob.LastModified <= old && Ulid.TryParse(blob.Name[DeleteDescription.Prefix.Length..], out var ulid))
            {
                deletes[ulid] = blob;
            }
        }
        return deletes;
    }
}

/// <summary>What one sweep did.</summary>
/// <param name="Blocks">Folders without a row that are gone.</param>
/// <param name="Deletes">Blobs of deletes without a row that are gone.</param>
/// <param name="UnknownBlocks">Whole blocks without a row that are older than the manifest: rebuild it, or delete them.</param>
public sealed record SweepResult(int Blocks, int Deletes, IReadOnlyList<Ulid> UnknownBlocks);
