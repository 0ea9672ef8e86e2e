using Tributary.Binary;

namespace Tributary.Storage.Files;

/// <summary>Pages of one file that are in memory, whatever the cache does meanwhile. Not safe for several threads.</summary>
internal sealed class LoadedRanges(BlobFile file)
{
    private readonly List<(long Page, byte[] Bytes)> pages = [];
    private byte[] joined = [];
    private int last;

    /// <summary>The file.</summary>
    public BlobFile File { get; } = file;

    /// <summary>Adds a page; <see cref="Sort"/> when pages came out of order.</summary>
    public void Add(long page, byte[] bytes) => pages.Add((page, bytes));

    /// <summary>Brings the pages into their order, each once.</summary>
    public void Sort()
    {
        pages.Sort((a, b) => a.Page.CompareTo(b.Page));
        var kept = 0;
        for (var i = 1; i < pages.Count; i++)
        {
            if (pages[i].Page != pages[kept].Page)
            {
                pages[++kept] = pages[i];
            }
        }
        pages.RemoveRange(Math.Min(kept + 1, pages.Count), Math.Max(0, pages.Count - kept - 1));
    }

    /// <summary>Whether all bytes of a range are here.</summary>
    public bool Has(long offsetBytes, long lengthBytes)
    {
        var first = offsetBytes / PageCache.PageBytes;
        var final = (offsetBytes + Math.Max(1, lengthBytes) - 1) / PageCache.PageBytes;
        var at = Find(first);
        return at >= 0 && at + (final - first) < pages.Count && pages[at + (int)(final - first)].Page == final;
    }

    /// <summary>Bytes of a range that is here, valid until the next call.</summary>
    public ReadOnlySpan<byte> Span(long offsetBytes, int lengthBytes)
    {
        if (lengthBytes == 0)
        {
            return [];
        }
        var at = Place(offsetBytes, lengthBytes);
        var (page, bytes) = pages[at];
        var from = (int)(offsetBytes - (page * PageCache.PageBytes));
        if (from + lengthBytes <= bytes.Length)
        {
            return bytes.AsSpan(from, lengthBytes);
        }
        if (joined.Length < lengthBytes)
        {
            joined = new byte[Math.Max(lengthBytes, joined.Length * 2)];
        }
        Join(at, from, joined.AsSpan(0, lengthBytes));
        return joined.AsSpan(0, lengthBytes);
    }

    /// <summary>Bytes of a range that is here, valid for ever.</summary>
    public ReadOnlyMemory<byte> Memory(long offsetBytes, int lengthBytes)
    {
        if (lengthBytes == 0)
        {
            return default;
        }
        var at = Place(offsetBytes, lengthBytes);
        var (page, bytes) = pages[at];
        var from = (int)(offsetBytes - (page * PageCache.PageBytes));
        if (from + lengthBytes <= bytes.Length)
        {
            return bytes.AsMemory(from, lengthBytes);
        }
        var copy = new byte[lengthBytes];
        Join(at, from, copy);
        return copy;
    }

    private int Place(long offsetBytes, int lengthBytes)
    {
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes + lengthBytes > File.LengthBytes)
        {
            throw new CorruptDataException(
                File.Name,
                offsetBytes,
                $"{lengthBytes} bytes are wanted here, the blob has {File.LengthBytes}"
            );
        }
        return Has(offsetBytes, lengthBytes)
            ? Find(offsetBytes / PageCache.PageBytes)
            : throw new InvalidOperationException($"{File.Name}: {lengthBytes} bytes at {offsetBytes} were not loaded");
    }

    private void Join(int at, int from, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var part = pages[at].Bytes.AsSpan(from);
            part = part[..Math.Min(part.Length, target.Length)];
            part.CopyTo(target);
            target = target[part.Length..];
            at++;
            from = 0;
        }
    }

    /// <summary>The position of a page in the list; usually that of the last time, or the next one.</summary>
    private int Find(long page)
    {
        for (var i = last; i < Math.Min(last + 2, pages.Count); i++)
        {
            if (pages[i].Page == page)
            {
                return last = i;
            }
        }
        var (low, high) = (0, pages.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (pages[middle].Page == page)
            {
                return last = middle;
            }
            (low, high) = pages[middle].Page < page ? (middle + 1, high) : (low, middle - 1);
        }
        return -1;
    }
}
