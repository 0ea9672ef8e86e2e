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
/// <param name="touch">Says that the block is still worked on; false when it was taken away.</param>
/// <param name="time">The clock of pauses between touches.</param>
internal sealed class BlockCopy(
    IBlobStore from,
    IBlobStore to,
    string storeId,
    Func<Ulid, CancellationToken, Task<bool>> touch,
    TimeProvider time
)
{
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(5);

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
        var touched = time.GetTimestamp();
        var buffer = new byte[StoreLimits.PieceBytes];
        foreach (var file in files)
        {
            var upload = new BlobUpload(to, prefix + file.Path, (ulong)ulid.Value);
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
                if (time.GetElapsedTime(touched) > TouchEvery)
                {
                    touched = time.GetTimestamp();
                    await RequireAsync(ulid, cancellationToken);
                }
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
        return new WrittenBlock(BlockMetaDescription.Of(meta), ReadOnlyMemory<byte>.Empty);
    }

    private async Task RequireAsync(Ulid ulid, CancellationToken cancellationToken)
    {
        if (!await touch(ulid, cancellationToken))
        {
            throw new StoreException(
                StoreError.ConditionNotMet,
                $"block {ulid} was given up by somebody else while it was copied; import again"
            );
        }
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
