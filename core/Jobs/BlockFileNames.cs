using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>The files of a block that are copied from one place to another.</summary>
internal static class BlockFileNames
{
    /// <summary>The files of one block in a store, without <c>meta.json</c>; others that lie beside them are left out.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<List<BlockFile>> ListAsync(
        IBlobStore blobs,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var files = new List<BlockFile>();
        await foreach (var blob in blobs.ListAsync(prefix, cancellationToken))
        {
            var path = blob.Name[prefix.Length..];
            if (IsData(path))
            {
                files.Add(new BlockFile(path, blob.LengthBytes));
            }
        }
        return files;
    }

    /// <summary>Whether a block has such a file besides <c>meta.json</c>.</summary>
    public static bool IsData(string path) =>
        path is BlockPaths.Index or BlockPaths.Tombstones
        || (
            path.StartsWith(BlockPaths.Chunks, StringComparison.Ordinal)
            && path.Length is > 7 and < 32
            && path.AsSpan(BlockPaths.Chunks.Length).IndexOfAnyExceptInRange('0', '9') < 0
        );
}
