using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The files of a block, whatever they are.</summary>
internal static class BlockFiles
{
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
        foreach (var name in names)
        {
            await blobs.DeleteAsync(name, ifMatch: null, cancellationToken);
        }
    }
}
