using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Copies a block into a folder of this machine, where Prometheus and its tools can read it.</summary>
/// <param name="blobs">Where blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
public sealed class DownloadBlockJob(IBlobStore blobs, ITableStore tables)
{
    /// <summary>What Prometheus removes at its start: a copy that was not finished.</summary>
    private const string Unfinished = ".tmp-for-creation";

    private const string Log = "wal";

    private readonly ManifestReader reader = new(tables);

    /// <summary>Told how many bytes of how many were copied.</summary>
    public Action<long, long> Progress { get; init; } = (_, _) => { };

    /// <summary>Copies a block; it appears in the folder whole or not at all.</summary>
    /// <returns>Its bytes; null when it was there before.</returns>
    /// <exception cref="BlocksException">There is no such block, or the folder cannot be written.</exception>
    /// <exception cref="StoreException">The store cannot be used, or the block was replaced meanwhile.</exception>
    /// <exception cref="CorruptDataException">The manifest or <c>meta.json</c> cannot be read.</exception>
    public async Task<long?> RunAsync(Ulid ulid, string folder, CancellationToken cancellationToken)
    {
        var manifest = await reader.ReloadAsync(cancellationToken);
        var row = manifest.Blocks.GetValueOrDefault(ulid) ?? throw BlocksJob.NoSuchBlock(ulid);
        if (!row.IsKept)
        {
            throw new BlocksException(
                row.State == BlockState.Pending
                    ? $"block {ulid} is being written: download it once it is live."
                    : $"block {ulid} does not count any more ({row.Reason}): 'tributary blocks ls' lists those that do."
            );
        }
        try
        {
            return await CopyAsync(ulid, Path.GetFullPath(folder), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlocksException(
                $"the block cannot be written to '{folder}': {exception.Message} Name a folder that this user may write, with "
                    + $"{row.Block.Bytes} bytes of room.",
                exception
            );
        }
    }

    private async Task<long?> CopyAsync(Ulid ulid, string folder, CancellationToken cancellationToken)
    {
        var prefix = BlockPaths.PrefixOf(ulid);
        var target = Path.Join(folder, ulid.ToString());
        if (File.Exists(Path.Join(target, BlockPaths.Meta)))
        {
            return null;
        }
        await BlockReader.ReadMetaAsync(blobs, prefix, cancellationToken);
        var files = await BlockFileNames.ListAsync(blobs, prefix, cancellationToken);
        var meta = await blobs.GetInfoAsync(prefix + BlockPaths.Meta, cancellationToken);
        files.Add(new BlockFile(BlockPaths.Meta, meta?.LengthBytes ?? 0));
        var total = files.Sum(file => file.SizeBytes);
        var unfinished = target + Unfinished;
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }
        var done = 0L;
        var buffer = new byte[StoreLimits.PieceBytes];
        foreach (var (path, size) in files)
        {
            var file = Path.Join(unfinished, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            for (var at = 0L; at < size; )
            {
                var read = await blobs.ReadAsync(prefix + path, at, buffer, null, cancellationToken);
                if (read == 0)
                {
                    throw new CorruptDataException(
                        prefix + path,
                        at,
                        $"the blob ends here, it should have {size} bytes"
                    );
                }
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                at += read;
                Progress(done + at, total);
            }
            done += size;
            output.Flush(flushToDisk: true);
        }
        Directory.Move(unfinished, target);
        // Without it promtool takes the folder for no database.
        Directory.CreateDirectory(Path.Join(folder, Log));
        return total;
    }
}
