namespace Tributary.Storage.Files;

/// <summary>
/// The most recently used pages of blobs that never change: first in memory, then in a temporary file. Safe for several
/// threads; both parts are bounded.
/// </summary>
internal sealed class PageCache : IDisposable
{
    /// <summary>Bytes of a page; a file's last page may be shorter.</summary>
    public const int PageBytes = 16 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<PageKey, LinkedListNode<(PageKey Key, byte[] Bytes)>> pages = [];
    private readonly LinkedList<(PageKey Key, byte[] Bytes)> byUse = [];
    private readonly long memoryBytes;
    private readonly PageFile? file;
    private long usedBytes;

    /// <summary>An empty cache.</summary>
    /// <param name="memoryBytes">Bytes of pages to hold in memory.</param>
    /// <param name="folder">A folder for the temporary file; null for none.</param>
    /// <param name="diskBytes">Bytes of pages to hold on disk.</param>
    public PageCache(long memoryBytes, string? folder = null, long diskBytes = 0)
    {
        this.memoryBytes = memoryBytes;
        file = folder is null || diskBytes < PageBytes ? null : new PageFile(folder, diskBytes);
    }

    /// <summary>Bytes of pages in memory.</summary>
    public long UsedBytes
    {
        get
        {
            lock (gate)
            {
                return usedBytes;
            }
        }
    }

    /// <summary>A page, or null.</summary>
    public byte[]? Find(string name, long page)
    {
        var key = new PageKey(name, page);
        lock (gate)
        {
            if (pages.TryGetValue(key, out var node))
            {
                byUse.Remove(node);
                byUse.AddLast(node);
                return node.Value.Bytes;
            }
            var bytes = file?.Find(key);
            if (bytes is not null)
            {
                Keep(key, bytes);
            }
            return bytes;
        }
    }

    /// <summary>Takes a page over; its bytes do not change any more.</summary>
    public void Add(string name, long page, byte[] bytes)
    {
        var key = new PageKey(name, page);
        lock (gate)
        {
            if (!pages.ContainsKey(key))
            {
                Keep(key, bytes);
            }
        }
    }

    /// <summary>Forgets the pages of files whose names begin with a prefix, so that they are read anew.</summary>
    public void Forget(string prefix)
    {
        lock (gate)
        {
            foreach (var key in pages.Keys.Where(k => k.File.StartsWith(prefix, StringComparison.Ordinal)).ToList())
            {
                pages.Remove(key, out var node);
                byUse.Remove(node!);
                usedBytes -= node!.Value.Bytes.Length;
            }
            file?.Forget(prefix);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private void Keep(PageKey key, byte[] bytes)
    {
        if (bytes.Length > memoryBytes)
        {
            file?.Put(key, bytes);
            return;
        }
        pages.Add(key, byUse.AddLast((key, bytes)));
        usedBytes += bytes.Length;
        while (usedBytes > memoryBytes)
        {
            var (oldest, content) = byUse.First!.Value;
            byUse.RemoveFirst();
            pages.Remove(oldest);
            usedBytes -= content.Length;
            file?.Put(oldest, content);
        }
    }
}
