using System.Runtime.CompilerServices;

namespace Tributary.Stores.Local;

/// <summary>Walks the sidecars in the order of the blobs' names.</summary>
internal sealed class BlobListing(StoreFolder folder, BlobFiles files, FolderLocks locks, TimeProvider time)
{
    /// <summary>A killed process's leavings are taken up after this time; a living one's writes take less.</summary>
    private static readonly TimeSpan LeftAfter = TimeSpan.FromHours(1);

    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
    };

    /// <summary>The living blobs whose names begin with the prefix.</summary>
    public async IAsyncEnumerable<BlobInfo> WalkAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // What is still to be visited, the next on top: only one folder's names per level are held.
        var folders = new Stack<IEnumerator<Entry>>();
        var slash = prefix.LastIndexOf('/') + 1;
        folders.Push(await OpenAsync(prefix[..slash], prefix, cancellationToken));
        while (folders.TryPeek(out var current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!current.MoveNext())
            {
                folders.Pop();
            }
            else if (current.Current.Info is { } info)
            {
                yield return info;
            }
            else
            {
                folders.Push(await OpenAsync(current.Current.Name, prefix, cancellationToken));
            }
        }
    }

    private async Task<IEnumerator<Entry>> OpenAsync(string path, string prefix, CancellationToken cancellationToken)
    {
        var left = new List<(string Blob, string File)>();
        var entries = await folder.LookAsync("list", prefix, () => Entries(path, prefix, left));
        foreach (var blob in left.GroupBy(item => item.Blob, item => item.File))
        {
            using (await locks.TakeAsync("repair", blob.Key, cancellationToken))
            {
                await folder.RunAsync("repair", blob.Key, () => files.Repair(blob.Key, blob), cancellationToken);
            }
        }
        return entries.GetEnumerator();
    }

    /// <summary>
    /// The entries of one folder, in the order of bytes of whole names: a folder sorts as its name with the slash behind it.
    /// </summary>
    private List<Entry> Entries(string path, string prefix, List<(string Blob, string File)> left)
    {
        var directory = new DirectoryInfo(Path.Join(folder.Sidecars, path));
        var entries = new List<Entry>();
        if (folder.IsMissing(directory.FullName))
        {
            return entries;
        }
        try
        {
            foreach (var item in directory.EnumerateFileSystemInfos("*", Everything))
            {
                var name = path + item.Name + (item is DirectoryInfo ? "/" : "");
                var visible =
                    name.StartsWith(prefix, StringComparison.Ordinal)
                    || (item is DirectoryInfo && prefix.StartsWith(name, StringComparison.Ordinal));
                if (item.Name.Contains('~', StringComparison.Ordinal))
                {
                    TakeLeft(name[..name.IndexOf('~', StringComparison.Ordinal)], item, left);
                }
                else if (visible && BlobNames.IsSegment(item.Name))
                {
                    AddEntry(entries, name, item, left);
                }
            }
        }
        catch (DirectoryNotFoundException) when (!File.Exists(folder.Root))
        {
            // The last blob went meanwhile.
        }
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    private void AddEntry(List<Entry> entries, string name, FileSystemInfo item, List<(string, string)> left)
    {
        if (item is DirectoryInfo)
        {
            entries.Add(new Entry(name, null));
        }
        else if (files.FindInfo(name) is { } info)
        {
            entries.Add(new Entry(name, info));
        }
        else
        {
            TakeLeft(name, item, left);
        }
    }

    private void TakeLeft(string blob, FileSystemInfo item, List<(string, string)> left)
    {
        item.Refresh();
        if (item.Exists && time.GetUtcNow() - item.LastWriteTimeUtc > LeftAfter)
        {
            left.Add((blob, item.FullName));
        }
    }

    private readonly record struct Entry(string Name, BlobInfo? Info);
}
