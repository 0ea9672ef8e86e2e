using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Makes the manifest anew from the <c>meta.json</c> of all blocks; the old one is read until the new one is whole.</summary>
/// <param name="blobs">Where blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class RebuildManifestJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    private readonly ManifestReader reader = new(tables);

    /// <summary>What a rebuild would make; nothing is changed.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<RebuildPreview> PlanAsync(CancellationToken cancellationToken)
    {
        var old = await ReadOldAsync(cancellationToken);
        var (found, damaged) = await FindAsync(old, cancellationToken);
        var lengths = await BlockFiles.LengthsAsync(blobs, cancellationToken);
        var whole = found.Where(one => BlockFiles.AreWhole(one.Block, lengths)).ToList();
        var choice = RebuildChoice.Of(whole, old);
        return new RebuildPreview(
            [.. choice.Rows.Where(row => row.IsKept).Select(row => row.Block.Ulid)],
            [.. choice.Rows.Where(row => !row.IsKept).Select(row => row.Block.Ulid)],
            [.. found.Except(whole).Select(one => one.Block.Ulid)],
            damaged
        );
    }

    /// <summary>Rebuilds the manifest.</summary>
    /// <exception cref="BlocksException">A block would be forgotten, because its <c>meta.json</c> cannot be read.</exception>
    /// <exception cref="StoreException">The store cannot be used; start again.</exception>
    public async Task<RebuildResult> RunAsync(CancellationToken cancellationToken)
    {
        var old = await ReadOldAsync(cancellationToken);
        // Looked at before anything is changed: a rebuild that stops in the middle leaves a manifest that takes no commits.
        Require((await FindAsync(old, cancellationToken)).Damaged);
        return await new ManifestRebuild(blobs, tables, reader, time, newUlid).RunAsync(
            async token =>
            {
                var (found, damaged) = await FindAsync(old, token);
                Require(damaged);
                return found;
            },
            cancellationToken
        );
    }

    /// <summary>Whether a blob is the <c>meta.json</c> of a block.</summary>
    internal static bool TryParseMeta(string blob, out Ulid ulid)
    {
        ulid = default;
        var start = BlockPaths.Container.Length;
        return blob.StartsWith(BlockPaths.Container, StringComparison.Ordinal)
            && blob.Length == start + Ulid.TextLength + 1 + BlockPaths.Meta.Length
            && blob.EndsWith("/" + BlockPaths.Meta, StringComparison.Ordinal)
            && Ulid.TryParse(blob.Substring(start, Ulid.TextLength), out ulid);
    }

    private static void Require(IReadOnlyList<string> damaged)
    {
        if (damaged.Count > 0)
        {
            throw new BlocksException(
                $"nothing was rebuilt: {damaged[0]}. {damaged.Count} block(s) like this would be forgotten, and their files "
                    + "deleted later. Copy the folder of each elsewhere, delete it here, and rebuild again."
            );
        }
    }

    /// <summary>What the manifest says as far as it can be read; null when there is none.</summary>
    private async Task<ManifestSnapshot?> ReadOldAsync(CancellationToken cancellationToken)
    {
        try
        {
            var old = await reader.ReloadAsync(cancellationToken);
            return old.Born is null ? null : old;
        }
        catch (CorruptDataException)
        {
            // This is what is mended here.
            return null;
        }
    }

    /// <summary>All blocks with a <c>meta.json</c>; where that cannot be read, the old row says the same.</summary>
    private async Task<(IReadOnlyList<RebuiltBlock> Found, IReadOnlyList<string> Damaged)> FindAsync(
        ManifestSnapshot? old,
        CancellationToken cancellationToken
    )
    {
        var ulids = new List<Ulid>();
        await foreach (var blob in blobs.ListAsync(BlockPaths.Container, cancellationToken))
        {
            if (TryParseMeta(blob.Name, out var ulid))
            {
                ulids.Add(ulid);
            }
        }
        var found = new List<RebuiltBlock>();
        var damaged = new List<string>();
        foreach (var ulid in ulids)
        {
            try
            {
                var meta = await BlockReader.ReadMetaAsync(blobs, BlockPaths.PrefixOf(ulid), cancellationToken);
                found.Add(new RebuiltBlock(BlockMetaDescription.Of(meta), ReadOnlyMemory<byte>.Empty));
            }
            catch (CorruptDataException exception)
            {
                if (old?.Blocks.GetValueOrDefault(ulid) is { } row)
                {
                    found.Add(new RebuiltBlock(row.Block, row.Statistics));
                }
                else
                {
                    damaged.Add(exception.Message);
                }
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound)
            {
                // Deleted since it was listed.
            }
        }
        return (found, damaged);
    }
}

/// <summary>What a rebuilt manifest would have.</summary>
/// <param name="Kept">Blocks that count.</param>
/// <param name="LeftOut">Blocks that others stand for; their files would go after the deletion delay.</param>
/// <param name="Incomplete">Blocks with a <c>meta.json</c>, but without all of their files.</param>
/// <param name="Damaged">Why some <c>meta.json</c> cannot be read: then nothing is rebuilt.</param>
public sealed record RebuildPreview(
    IReadOnlyList<Ulid> Kept,
    IReadOnlyList<Ulid> LeftOut,
    IReadOnlyList<Ulid> Incomplete,
    IReadOnlyList<string> Damaged
);
