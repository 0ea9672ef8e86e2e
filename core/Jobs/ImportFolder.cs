using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Stores.Local;

namespace Tributary.Jobs;

/// <summary>A folder to import: a Prometheus data directory (or a snapshot of one), or the folder of one block.</summary>
public sealed class ImportFolder
{
    private const string Log = "wal";

    private ImportFolder(FolderBlobs files, IReadOnlyList<Ulid> blocks, bool hasLog)
    {
        Files = files;
        Blocks = blocks;
        HasLog = hasLog;
    }

    /// <summary>The folder that the blocks' folders lie in.</summary>
    internal FolderBlobs Files { get; }

    /// <summary>The folders named as blocks, by age.</summary>
    public IReadOnlyList<Ulid> Blocks { get; }

    /// <summary>Whether it has samples that are in no block yet.</summary>
    public bool HasLog { get; }

    /// <summary>Looks into a folder.</summary>
    /// <exception cref="BlocksException">It is not there, cannot be read, or has no block.</exception>
    public static ImportFolder Open(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(path))
        {
            throw new BlocksException(
                $"'{folder}' is a file: name a Prometheus data directory, or the folder of one block."
            );
        }
        if (!Directory.Exists(path))
        {
            throw new BlocksException(
                $"there is no folder '{folder}': name the data directory of a Prometheus (its --storage.tsdb.path), or the "
                    + "folder of one block."
            );
        }
        try
        {
            return File.Exists(Path.Join(path, BlockPaths.Meta)) ? OpenBlock(folder, path) : OpenData(folder, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlocksException(
                $"'{folder}' cannot be read: {exception.Message} Run this as a user that may read it.",
                exception
            );
        }
    }

    private static ImportFolder OpenBlock(string folder, string path) =>
        Ulid.TryParse(Path.GetFileName(path), out var ulid)
            ? new ImportFolder(new FolderBlobs(Path.GetDirectoryName(path)!), [ulid], false)
            : throw new BlocksException(
                $"'{folder}' has a {BlockPaths.Meta}, but is not named as a block: give the folder the name that stands "
                    + $"under \"ulid\" in its {BlockPaths.Meta}."
            );

    private static ImportFolder OpenData(string folder, string path)
    {
        var blocks = new List<Ulid>();
        foreach (var directory in Directory.EnumerateDirectories(path))
        {
            if (
                Ulid.TryParse(Path.GetFileName(directory), out var ulid)
                && File.Exists(Path.Join(directory, BlockPaths.Meta))
            )
            {
                blocks.Add(ulid);
            }
        }
        var hasLog = Directory.Exists(Path.Join(path, Log)) && Directory.EnumerateFiles(Path.Join(path, Log)).Any();
        if (blocks.Count == 0)
        {
            throw new BlocksException(
                hasLog
                    ? $"'{folder}' has no block yet, only a log ({Log}/): Prometheus writes its first block after about "
                        + "three hours. To have one now, start it with --web.enable-admin-api, POST to "
                        + "/api/v1/admin/tsdb/snapshot, and import the folder below snapshots/."
                    : $"'{folder}' has no block: a block is a folder named as a ULID, such as "
                        + $"01HF2K4C7Z0000000000000000, with a {BlockPaths.Meta} in it. Name the folder that has such "
                        + "folders: the --storage.tsdb.path of a Prometheus."
            );
        }
        blocks.Sort();
        return new ImportFolder(new FolderBlobs(path), blocks, hasLog);
    }
}
