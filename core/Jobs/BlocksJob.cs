using Tributary.Api;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Looks at the blocks, also while others work on them.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
public sealed class BlocksJob(IBlobStore blobs, ITableStore tables)
{
    private readonly ManifestReader reader = new(tables);

    /// <summary>All blocks, and the windows of the log that are not compacted yet.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<BlocksStatus> ListAsync(CancellationToken cancellationToken)
    {
        // The log first: a file that is compacted in between is listed twice, not left out.
        var log = await LogListing.AllAsync(blobs, cancellationToken);
        var manifest = await reader.ReloadAsync(cancellationToken);
        return new BlocksStatus
        {
            Commit = manifest.State.Number,
            Blocks = [.. manifest.Blocks.Values.OrderBy(row => row.Block.MinTimeMs).ThenBy(row => row.Block.Ulid)],
            Windows =
            [
                .. log.Where(file => !manifest.IsConsumed(file.Name, file.Blob.LengthBytes))
                    .GroupBy(file => file.Name.Window)
                    .OrderBy(window => window.Key)
                    .Select(window => new OpenWindow(
                        window.Key,
                        window.Count(),
                        window.Sum(file => file.Blob.LengthBytes)
                    )),
            ],
            Problems = [.. manifest.Problems.Values],
        };
    }

    /// <summary>Everything that is known of one block.</summary>
    /// <exception cref="BlocksException">There is no such block.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<BlockInspection> InspectAsync(Ulid ulid, CancellationToken cancellationToken)
    {
        var manifest = await reader.ReloadAsync(cancellationToken);
        var prefix = BlockPaths.PrefixOf(ulid);
        var files = new List<BlockFile>();
        await foreach (var blob in blobs.ListAsync(prefix, cancellationToken))
        {
            files.Add(new BlockFile(blob.Name[prefix.Length..], blob.LengthBytes));
        }
        var row = manifest.Blocks.GetValueOrDefault(ulid);
        if (row is null && files.Count == 0)
        {
            throw NoSuchBlock(ulid);
        }
        try
        {
            var meta = files.Exists(file => file.Path == BlockPaths.Meta)
                ? await BlockReader.ReadMetaAsync(blobs, prefix, cancellationToken)
                : null;
            return new BlockInspection(ulid, row, meta, files, null);
        }
        catch (CorruptDataException exception)
        {
            return new BlockInspection(ulid, row, null, files, exception.Message);
        }
    }

    /// <summary>Lets a block in quarantine count again.</summary>
    /// <param name="ulid">The block.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <param name="id">The commit; never the same twice.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BlocksException">It is not in quarantine, or there is no such block.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task ReleaseAsync(Ulid ulid, TimeProvider time, Ulid id, CancellationToken cancellationToken)
    {
        var manifest = await reader.ReloadAsync(cancellationToken);
        var row = manifest.Blocks.GetValueOrDefault(ulid) ?? throw NoSuchBlock(ulid);
        if (!await new ManifestWriter(tables, reader, time).ReleaseAsync(id, ulid, cancellationToken))
        {
            throw new BlocksException(
                $"block {ulid} is not in quarantine, it is {BlocksStatus.NameOf(row.State)}: there is nothing to release."
            );
        }
    }

    internal static BlocksException NoSuchBlock(Ulid ulid) =>
        new(
            $"there is no block {ulid} in this storage: 'tributary blocks ls' lists all, --storage says where to look."
        );
}

/// <summary>Everything that is known of one block.</summary>
/// <param name="Ulid">The block.</param>
/// <param name="Row">Its row in the manifest; null when there is none, so that it does not count.</param>
/// <param name="Meta">Its <c>meta.json</c>; null when there is none, or it cannot be read.</param>
/// <param name="Files">The files that are there.</param>
/// <param name="Problem">Why <c>meta.json</c> cannot be read.</param>
public sealed record BlockInspection(
    Ulid Ulid,
    BlockRow? Row,
    BlockMeta? Meta,
    IReadOnlyList<BlockFile> Files,
    string? Problem
);
