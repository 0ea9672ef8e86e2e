using Microsoft.Win32.SafeHandles;
using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Files;

/// <summary>Pages in one temporary file of a fixed size: the oldest give way. Not safe for several threads.</summary>
/// <remarks>A page that does not come back as it was written (CRC-32C) counts as not there.</remarks>
internal sealed class PageFile : IDisposable
{
    private readonly SafeFileHandle file;
    private readonly Slot[] slots;
    private readonly Dictionary<PageKey, int> places = [];
    private int next;

    /// <summary>Makes the file; it vanishes with the process.</summary>
    /// <param name="folder">Where; it is made if it is not there.</param>
    /// <param name="budgetBytes">How large it may become.</param>
    /// <exception cref="StoreException">Unusable: the folder cannot be written.</exception>
    public PageFile(string folder, long budgetBytes)
    {
        try
        {
            Directory.CreateDirectory(folder);
            file = Open(Path.Join(folder, $"tributary-pages-{Guid.NewGuid():N}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreError.Unusable,
                $"The folder for temporary files cannot be written: {exception.Message} Set TMPDIR to one that can.",
                exception
            );
        }
        slots = new Slot[Math.Max(1, budgetBytes / PageCache.PageBytes)];
    }

    private static SafeFileHandle Open(string path)
    {
        var handle = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Delete,
            FileOptions.DeleteOnClose
        );
        if (!OperatingSystem.IsWindows())
        {
            // The name goes at once, so that nothing stays of a process that is killed.
            File.Delete(path);
        }
        return handle;
    }

    /// <summary>Keeps a page.</summary>
    public void Put(PageKey key, byte[] page)
    {
        if (places.ContainsKey(key))
        {
            return;
        }
        ref var slot = ref slots[next];
        if (slot.Length > 0)
        {
            places.Remove(slot.Key);
            slot.Length = 0;
        }
        try
        {
            RandomAccess.Write(file, page, (long)next * PageCache.PageBytes);
        }
        catch (IOException)
        {
            // A full disk costs the page's next reader a request, and nothing else.
            return;
        }
        slot = new Slot(key, page.Length, Crc32C.Compute(page));
        places.Add(key, next);
        next = (next + 1) % slots.Length;
    }

    /// <summary>A page that was kept, or null.</summary>
    public byte[]? Find(PageKey key)
    {
        if (!places.TryGetValue(key, out var place))
        {
            return null;
        }
        var page = new byte[slots[place].Length];
        var count = RandomAccess.Read(file, page, (long)place * PageCache.PageBytes);
        return count == page.Length && Crc32C.Compute(page) == slots[place].Checksum ? page : null;
    }

    /// <summary>Forgets the pages of files whose names begin with a prefix.</summary>
    public void Forget(string prefix)
    {
        foreach (var key in places.Keys.Where(key => key.File.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            places.Remove(key, out var place);
            slots[place].Length = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private record struct Slot(PageKey Key, int Length, uint Checksum);
}
