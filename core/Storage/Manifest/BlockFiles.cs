using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The files of a block, whatever they are.</summary>
internal static class BlockFiles
{
    /// <summary>The lengths of all files of all blocks, by name.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<Dictionary<string, long>> LengthsAsync(
        IBlobStore blobs,
        CancellationToken cancellationToken
    )
    {
        var lengths = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var blob in blobs.ListAsync(BlockDescription.Prefix, cancellationToken))
        {
            lengths[blob.Name] = blob.LengthBytes;
        }
        return lengths;
    }

    /// <summary>Whether all files are there, as long as they should be; <c>meta.json</c> does not know its own length.</summary>
    public static bool AreWhole(BlockDescription block, IReadOnlyDictionary<string, long> lengths)
    {
        var prefix = BlockDescription.PrefixOf(block.Ulid);
        return lengths.ContainsKey(prefix + BlockDescription.MetaFile)
            && block.Files.All(file =>
                file.Path == BlockDescription.MetaFile
                || (lengths.TryGetValue(prefix + file.Path, out var length) && length == file.SizeBytes)
            );
    }

    /// <summary>Deletes all files of a block, <c>meta.json</c> first: without it the rest is no block to anybody.</summary>
    /// <exception cref="StoreException">The store cannot be used; some files may be left.</exception>
    public static async Task DeleteAsync(IBlobStore blobs, Ulid ulid, CancellationToken cancellationToken)
    {
        var prefix = BlockDescription.PrefixOf(ulid);
        await blobs.DeleteAsync(prefix + BlockDescription.MetaFile, ifMatch: null, cancellationToken);
        var names = new List<string>();
        await foreach (var blob in blobs.ListAsync(prefix, cancellationToken))
        {
            names.Add(blob.Name);
        }
        // Once more first, should a late upload have landed.
        foreach (var name in names.OrderBy(name => name != prefix + BlockDescription.MetaFile))
        {
            await blobs.DeleteAsync(name, ifMatch: null, cancellationToken);
        }
    }
}
