using System.Globalization;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>The folder of a local store: where things lie in it, and what its failures mean.</summary>
/// <remarks>
/// Blobs lie under their own names. Everything else lies in folders whose names begin with <c>~</c>, which no blob's name
/// can contain; <c>docs/formats/local-store.md</c> has the layout.
/// </remarks>
internal sealed class StoreFolder(string folder)
{
    private const string SidecarsName = "~meta";

    /// <summary>Linux' and macOS' errno, Windows' HRESULTs for "disk full" and "handle disk full".</summary>
    private static readonly int[] DiskFull = [28, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>What the runtime gives where there is neither file nor folder; other failures are exceptions.</summary>
    private const FileAttributes NoAttributes = (FileAttributes)(-1);

    /// <summary>The folder, as a full path.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>The folder of the sidecars, whose tree is that of the blobs.</summary>
    public string Sidecars => Path.Join(Root, SidecarsName);

    /// <summary>The folder of the lock files.</summary>
    public string Locks => Path.Join(Root, "~locks");

    /// <summary>The folder of the tables.</summary>
    public string Tables => Path.Join(Root, "~tables");

    /// <summary>The file with a blob's bytes.</summary>
    public string DataPath(string blob) => Path.Join(Root, blob);

    /// <summary>The file that says how much of the bytes counts.</summary>
    public string SidecarPath(string blob) => Path.Join(Sidecars, blob);

    /// <summary>Where a whole write puts its bytes until they are committed and moved to <see cref="DataPath"/>.</summary>
    public string StagingPath(string blob, ulong generation) => Path.Join(Sidecars, $"{blob}~{generation:x16}");

    /// <summary>Runs file operations off the caller's thread, and turns their failures into the store's.</summary>
    public Task<T> RunAsync<T>(string operation, string name, Func<T> work, CancellationToken cancellationToken) =>
        Task.Run(() => Perform(operation, name, work), cancellationToken);

    /// <summary>
    /// As <see cref="RunAsync"/>, but on the caller's thread: to look at some small files, when the way to another thread
    /// would take longer.
    /// </summary>
    public Task<T> LookAsync<T>(string operation, string name, Func<T> work)
    {
        try
        {
            return Task.FromResult(Perform(operation, name, work));
        }
        catch (Exception exception) when (exception is StoreException or CorruptDataException)
        {
            return Task.FromException<T>(exception);
        }
    }

    /// <summary>Whether there is no such file or folder, as is usual: opening it would be an exception, which takes long.</summary>
    /// <remarks>False where the root is a file: opening says so.</remarks>
    /// <exception cref="IOException">Nobody can tell.</exception>
    /// <exception cref="UnauthorizedAccessException">Nobody can tell.</exception>
    public bool IsMissing(string path) => new FileInfo(path).Attributes == NoAttributes && !File.Exists(Root);

    /// <summary>The error for a failed file operation: the folder, the operation, what to do.</summary>
    public StoreException Unusable(string operation, string name, Exception cause)
    {
        var advice = cause switch
        {
            _ when File.Exists(Root) => "the path is a file; name a folder, or move the file away",
            _ when FileAbove() is { } file =>
                $"'{file}' is a file; name a folder below a folder, or move the file away",
            UnauthorizedAccessException =>
                "let the user that runs this process read and write the folder, or name another folder",
            _ when DiskFull.Contains(cause.HResult) => "the disk is full; free some space or name another folder",
            _ => "see that the folder's file system is there, writable and has space",
        };
        return new StoreException(
            StoreError.Unusable,
            $"local store '{Root}': cannot {operation} '{name}': {cause.Message} What to do: {advice}.",
            cause
        );
    }

    /// <summary>Makes the folder if it is not there, and sees that files can be made in it.</summary>
    /// <exception cref="StoreException">Unusable: they cannot.</exception>
    public void CheckWritable()
    {
        var probe = Path.Join(Root, string.Create(CultureInfo.InvariantCulture, $"~probe-{Environment.ProcessId}"));
        try
        {
            Directory.CreateDirectory(Root);
            // Shared, because in containers several processes can have one id.
            new FileStream(
                probe,
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            ).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable("make files in", Root, exception);
        }
    }

    /// <summary>A failure that the caller has to tell apart.</summary>
    public StoreException Error(StoreError error, string operation, string name, string problem) =>
        new(error, $"local store '{Root}': cannot {operation} '{name}': {problem}");

    /// <summary>Makes the folder of a file, unless something of the store is in the way.</summary>
    public void MakeFolderOf(string path, string operation, string name)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (Directory.Exists(parent))
        {
            return;
        }
        for (var above = parent; above.Length > Root.Length; above = Path.GetDirectoryName(above)!)
        {
            if (File.Exists(above))
            {
                throw Error(
                    StoreError.Rejected,
                    operation,
                    name,
                    $"'{Path.GetRelativePath(Root, above)}' is a blob; a folder cannot have its name"
                );
            }
        }
        Directory.CreateDirectory(parent);
    }

    /// <summary>Does what needs the folder of a file; another process may remove the folder, being empty, in between.</summary>
    public T InFolderOf<T>(string path, string operation, string name, Func<T> work)
    {
        for (var attempt = 0; ; attempt++)
        {
            MakeFolderOf(path, operation, name);
            try
            {
                return work();
            }
            catch (Exception exception)
                when (exception is DirectoryNotFoundException or FileNotFoundException && attempt < 100)
            {
                // Removed since: make it again.
            }
        }
    }

    /// <summary>Removes the empty folders above a deleted file, up to the container's.</summary>
    public static void RemoveEmptyFoldersOf(string path, string top)
    {
        for (
            var above = Path.GetDirectoryName(path)!;
            above.Length > top.Length && Directory.Exists(above);
            above = Path.GetDirectoryName(above)!
        )
        {
            try
            {
                if (Directory.EnumerateFileSystemEntries(above).Any())
                {
                    return;
                }
                Directory.Delete(above);
            }
            catch (IOException)
            {
                // Another process put something into it, or removed it first: either is as it should be.
                return;
            }
        }
    }

    /// <summary>A path from the root, for the errors about corrupt files.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>
    /// The error for stored bytes that are not what they should be: of a blob by its name, as callers know it, and with the
    /// file for people.
    /// </summary>
    public CorruptDataException Corrupt(string path, long offsetBytes, string problem)
    {
        var file = Relative(path);
        var blob = file.StartsWith(SidecarsName + "/", StringComparison.Ordinal)
            ? file[(SidecarsName.Length + 1)..]
            : file;
        return new(blob, offsetBytes, $"{problem} (in the file '{path}')");
    }

    private T Perform<T>(string operation, string name, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(operation, name, exception);
        }
    }

    private string? FileAbove()
    {
        for (var path = Path.GetDirectoryName(Root); path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}
