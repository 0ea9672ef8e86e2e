using Tributary.Binary;
using Tributary.Storage.Files;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Storage.Files;

public sealed class RangeReaderTests
{
    private const int Page = PageCache.PageBytes;

    [Fact]
    public async Task NeighbouringRanges_AreOneRequest_DistantOnesTheirOwn()
    {
        var (store, file) = Make(100 * Page);
        var reader = new RangeReader(store, new PageCache(1 << 24));
        ByteRange[] ranges = [new(10, 5), new(Page + 3, 2 * Page), new(6 * Page, 1), new(50 * Page, 10)];
        var loaded = await reader.LoadAsync(file, ranges, default);
        Assert.Equal([("b", 0, 7 * Page), ("b", 50 * Page, Page)], store.Reads);
        foreach (var range in ranges)
        {
            var expected = store["b"].AsSpan((int)range.OffsetBytes, (int)range.LengthBytes);
            Assert.True(expected.SequenceEqual(loaded.Span(range.OffsetBytes, (int)range.LengthBytes)));
        }
        Assert.False(loaded.Has(20 * Page, 1));
    }

    [Fact]
    public async Task SecondRead_IsFromTheCache_AlsoWhereRequestsMeetCachedPages()
    {
        var (store, file) = Make((10 * Page) + 17);
        var reader = new RangeReader(store, new PageCache(1 << 24));
        await reader.ReadAsync(file, 2 * Page, 10, default);
        await reader.ReadAsync(file, (2 * Page) + 5, 10, default);
        Assert.Single(store.Reads);
        var all = await reader.ReadAsync(file, 0, (10 * Page) + 17, default);
        Assert.Equal(store["b"], all.ToArray());
        Assert.Equal(2, store.Reads.Count);
        Assert.Equal((0, (10 * Page) + 17), (store.Reads[1].Offset, store.Reads[1].Length));
    }

    [Fact]
    public async Task RandomRanges_GiveTheirBytes_WhateverTheCacheHolds()
    {
        var (store, file) = Make((40 * Page) + 1000);
        using var folder = new TestFolder();
        using var cache = new PageCache(3 * Page, folder.Path, 9 * Page);
        var random = new Random(1);
        foreach (var reader in new[] { new RangeReader(store, cache), new RangeReader(store, cache, 5 * Page) })
        {
            for (var round = 0; round < 300; round++)
            {
                var offset = random.Next(store["b"].Length);
                var length = random.Next(Math.Min(4 * Page, store["b"].Length - offset + 1));
                var read = await reader.ReadAsync(file, offset, length, default);
                Assert.True(store["b"].AsSpan(offset, length).SequenceEqual(read.Span));
                Assert.InRange(cache.UsedBytes, 0, 3 * Page);
            }
        }
    }

    [Fact]
    public async Task PagesOnDisk_SaveRequests()
    {
        var (store, file) = Make(8 * Page);
        using var folder = new TestFolder();
        using var cache = new PageCache(Page, folder.Path, 8 * Page);
        var reader = new RangeReader(store, cache);
        for (var round = 0; round < 2; round++)
        {
            for (var page = 0; page < 8; page++)
            {
                await reader.ReadAsync(file, page * Page, Page, default);
            }
        }
        Assert.Equal(8, store.Reads.Count);
    }

    [Fact]
    public async Task ReadAhead_MakesRequestsLarge()
    {
        var (store, file) = Make(64 * Page);
        var reader = new RangeReader(store, new PageCache(1 << 24), 32 * Page);
        for (var page = 0; page < 64; page++)
        {
            await reader.ReadAsync(file, page * Page, 100, default);
        }
        Assert.Equal(2, store.Reads.Count);
    }

    [Fact]
    public async Task RangeOutsideTheFile_OrAShorterBlob_IsCorrupt()
    {
        var (store, file) = Make(1000);
        var reader = new RangeReader(store, new PageCache(1 << 24));
        foreach (var (offset, length) in new[] { (-1L, 1), (0, 1001), (1000, 1), (long.MaxValue - 5, 4) })
        {
            var error = await Assert.ThrowsAsync<CorruptDataException>(async () =>
                await reader.ReadAsync(file, offset, length, default)
            );
            Assert.Equal("b", error.Blob);
        }
        var longer = file with { LengthBytes = 2000 };
        var cut = await Assert.ThrowsAsync<CorruptDataException>(async () =>
            await reader.ReadAsync(longer, 500, 600, default)
        );
        Assert.Equal(1000, cut.OffsetBytes);
    }

    private static (MemoryBlobs Store, BlobFile File) Make(int length)
    {
        var store = new MemoryBlobs { ["b"] = new byte[length] };
        new Random(length).NextBytes(store["b"]);
        return (store, new BlobFile("b", length));
    }
}
