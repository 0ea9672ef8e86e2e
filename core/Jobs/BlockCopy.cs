using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Copies the files of a block from elsewhere into the store as they are, and writes a <c>meta.json</c> of ours.</summary>
/// <param name="from">Where they lie.</param>
/// <param name="to">The store.</param>
/// <param name="storeId">The value of the store's label.</param>
internal sealed class BlockCopy(IBlobStore from, IBlobStore to, string storeId)
{
    /// <summary>Told how many bytes were copied.</summary>
    public Action<long> Progress { get; init; } = _ => { };

    /// <summary>Copies a block.</summary>
    /// <param name="task">What it is in the store.</param>
    /// <param name="source">What it is where it lies, as counted.</param>
    /// <param name="files">Its files without <c>meta.json</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">A store cannot be used, or a file changed while it was read.</exception>
    public async Task<WrittenBlock> RunAsync(
        BlockTask task,
        BlockMeta source,
        IReadOnlyList<BlockFile> files,
        CancellationToken cancellationToken
    )
    {
        var ulid = task.Block.Ulid;
        var prefix = BlockDescription.PrefixOf(ulid);
        var done = 0L;
        var buffer = new byte[StoreLimits.PieceBytes];
        foreach (var file in files)
        {
            var upload = new BlobUpload(to, prefix + file.Path, ulid.Low);
            while (upload.Position < file.SizeBytes)
            {
                var name = $"{source.Ulid}/{file.Path}";
                var read = await from.ReadAsync(name, upload.Position, buffer, null, cancellationToken);
                if (read == 0)
                {
                    throw new StoreException(
                        StoreError.NotFound,
                        $"{name} became shorter while it was read; nothing of it counts, import it again"
                    );
                }
                upload.Write(buffer.AsSpan(0, (int)Math.Min(read, file.SizeBytes - upload.Position)));
                await upload.FlushAsync(cancellationToken);
                Progress(done + upload.Position);
            }
            done += file.SizeBytes;
            await upload.CommitAsync(cancellationToken);
        }
        var meta = MetaOf(task.Block, source, files);
        await to.WriteAsync(
            prefix + BlockPaths.Meta,
            BlockMetaJson.Write(meta),
            WriteCondition.Create,
            cancellationToken
        );
        return WrittenBlock.Of(meta);
    }

    /// <summary>Log files and number of another store mean nothing here.</summary>
    private BlockMeta MetaOf(BlockDescription block, BlockMeta source, IReadOnlyList<BlockFile> files) =>
        source with
        {
            Ulid = block.Ulid,
            Level = block.Level,
            Sources = block.Sources,
            Parents = [new BlockParent(source.Ulid, source.MinTimeMs, source.MaxTimeMs)],
            Labels = [new(LabelSet.StoreLabel, storeId)],
            Source = BlockMetaJson.OwnSource,
            Files =
            [
                .. files
                    .Select(file => new BlockMetaFile(file.Path, file.SizeBytes))
                    .Append(new BlockMetaFile(BlockPaths.Meta, 0))
                    .OrderBy(file => file.Path, StringComparer.Ordinal),
            ],
            LogFiles = [],
            CommitNumber = block.Number,
        };
}
