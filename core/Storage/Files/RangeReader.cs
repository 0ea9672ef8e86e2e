using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Files;

/// <summary>Reads ranges of blobs that never change: by whole pages, out of a cache, the rest by few, coalesced requests.</summary>
/// <param name="store">The store.</param>
/// <param name="cache">Pages that were read before; shared with other readers.</param>
/// <param name="readAheadBytes">How much a request reads at least; for who reads front to back.</param>
internal sealed class RangeReader(IBlobStore store, PageCache cache, int readAheadBytes = 0)
{
    /// <summary>Pages that are read although nobody asked, because two requests cost more.</summary>
    private const int GapPages = 4;

    /// <summary>Bytes of the largest request.</summary>
    private const int RequestBytes = 8 * 1024 * 1024;

    /// <summary>Requests on their way at once.</summary>
    private const int Parallel = 8;

    private readonly IBlobStore store = store;
    private readonly PageCache cache = cache;
    private readonly int readAheadPages = readAheadBytes / PageCache.PageBytes;

    /// <summary>The store that is read.</summary>
    public IBlobStore Store => store;

    /// <summary>Forgets what was read of the blobs whose names begin with a prefix, so that they are read anew.</summary>
    public void Forget(string prefix) => cache.Forget(prefix);

    /// <summary>Bytes of one range, in one piece.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        BlobFile file,
        long offsetBytes,
        int lengthBytes,
        CancellationToken cancellationToken
    )
    {
        ByteRange[] ranges = [new(offsetBytes, lengthBytes)];
        var loaded = await LoadAsync(file, ranges, cancellationToken);
        return loaded.Memory(offsetBytes, lengthBytes);
    }

    /// <summary>Brings all pages of some ranges into memory; the caller bounds their sum.</summary>
    /// <param name="file">The blob.</param>
    /// <param name="ranges">Ranges inside it, ordered by their beginnings; they may overlap.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CorruptDataException">The blob is shorter than it should be.</exception>
    /// <exception cref="StoreException">The blob is not there, or cannot be read.</exception>
    public async ValueTask<LoadedRanges> LoadAsync(
        BlobFile file,
        IReadOnlyList<ByteRange> ranges,
        CancellationToken cancellationToken
    )
    {
        var loaded = new LoadedRanges(file);
        var missing = FindPages(file, ranges, loaded);
        if (missing.Count == 0)
        {
            return loaded;
        }
        var requests = Coalesce(missing, PageCount(file));
        for (var first = 0; first < requests.Count; first += Parallel)
        {
            var reads = new List<Task<List<(long, byte[])>>>();
            foreach (var (page, count) in requests.Skip(first).Take(Parallel))
            {
                reads.Add(ReadPagesAsync(file, page, count, cancellationToken));
            }
            foreach (var pages in await Task.WhenAll(reads))
            {
                foreach (var (page, bytes) in pages)
                {
                    loaded.Add(page, bytes);
                }
            }
        }
        loaded.Sort();
        return loaded;
    }

    private static long PageCount(BlobFile file) => (file.LengthBytes + PageCache.PageBytes - 1) / PageCache.PageBytes;

    private List<long> FindPages(BlobFile file, IReadOnlyList<ByteRange> ranges, LoadedRanges loaded)
    {
        var missing = new List<long>();
        var next = 0L;
        foreach (var range in ranges)
        {
            if (range.OffsetBytes < 0 || range.LengthBytes < 0 || range.EndBytes > file.LengthBytes)
            {
                throw new CorruptDataException(
                    file.Name,
                    range.OffsetBytes,
                    $"{range.LengthBytes} bytes are wanted here, the blob has {file.LengthBytes}"
                );
            }
            if (range.LengthBytes == 0)
            {
                continue;
            }
            var last = (range.EndBytes - 1) / PageCache.PageBytes;
            for (var page = Math.Max(next, range.OffsetBytes / PageCache.PageBytes); page <= last; page++)
            {
                if (cache.Find(file.Name, page) is { } bytes)
                {
                    loaded.Add(page, bytes);
                }
                else
                {
                    missing.Add(page);
                }
                next = page + 1;
            }
        }
        return missing;
    }

    private List<(long Page, int Count)> Coalesce(List<long> missing, long pageCount)
    {
        const int most = RequestBytes / PageCache.PageBytes;
        var requests = new List<(long Page, int Count)>();
        foreach (var page in missing)
        {
            if (requests.Count > 0)
            {
                var (first, count) = requests[^1];
                if (page < first + count)
                {
                    continue;
                }
                if (page - (first + count) <= GapPages && page - first < most)
                {
                    requests[^1] = (first, (int)(page - first) + 1);
                    continue;
                }
            }
            requests.Add((page, (int)Math.Min(Math.Max(1, readAheadPages), pageCount - page)));
        }
        return requests;
    }

    private async Task<List<(long Page, byte[] Bytes)>> ReadPagesAsync(
        BlobFile file,
        long firstPage,
        int pageCount,
        CancellationToken cancellationToken
    )
    {
        var offset = firstPage * PageCache.PageBytes;
        var length = (int)Math.Min((long)pageCount * PageCache.PageBytes, file.LengthBytes - offset);
        var buffer = new byte[length];
        var count = await store.ReadAsync(file.Name, offset, buffer, null, cancellationToken);
        if (count < length)
        {
            throw new CorruptDataException(
                file.Name,
                offset + count,
                $"the blob ends here, but should have {file.LengthBytes} bytes"
            );
        }
        var pages = new List<(long, byte[])>(pageCount);
        for (var i = 0; i < pageCount; i++)
        {
            var from = i * PageCache.PageBytes;
            var bytes = buffer.AsSpan(from, Math.Min(PageCache.PageBytes, length - from)).ToArray();
            cache.Add(file.Name, firstPage + i, bytes);
            pages.Add((firstPage + i, bytes));
        }
        return pages;
    }
}
