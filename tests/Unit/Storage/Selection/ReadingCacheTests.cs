using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Storage.Selection.SelectionPlace;

namespace Tributary.Tests.Unit.Storage.Selection;

public sealed class ReadingCacheTests
{
    private readonly SelectionPlace place = new();

    private static CancellationToken Token => SelectionPlace.Token;

    [Fact]
    public async Task LogFilesOutsideTheHead_AreReadOnce_AndThenOnlyWhatWasAppended()
    {
        var writer = place.Store.NewWriter();
        var window = WindowAt(-3);
        var series = LabelSet.Of("__name__", "m", "n", "1");
        await place.AppendAsync(writer, "s", window.StartMs, (series, window.StartMs, 1));
        var reads = new LogReads(place.Store.Manifest.Blobs);
        using var reader = place.Reader(blobs: reads);
        await AssertAllAsync();
        var first = reads.Take();
        Assert.True(first > 0);
        await AssertAllAsync();
        await reader.SeriesAsync([Everything], Always, 0, Token);
        Assert.Equal(0, reads.Take());

        var at = window.StartMs + 60_000;
        await place.AppendAsync(writer, "s", at, (series, at, 2), (LabelSet.Of("__name__", "m", "n", "2"), at, 3));
        await AssertAllAsync();
        var length = (await LogListing.AllAsync(place.Store.Manifest.Blobs, Token)).Sum(file => file.Blob.LengthBytes);
        Assert.Equal(length - first, reads.Take());

        async Task AssertAllAsync() =>
            BlockSamples.AssertEqual(
                place.Expected(Everything, Always),
                await DecodedChunks.SelectAsync(reader, Everything, Always)
            );
    }

    [Fact]
    public async Task LogFiles_BeyondTheCache_GiveWay()
    {
        for (var offset = -6; offset <= -3; offset++)
        {
            await place.FillAsync(new Random(offset + 9), WindowAt(offset));
        }
        var files = await LogListing.AllAsync(place.Store.Manifest.Blobs, Token);
        var maxBytes = files.Sum(file => file.Blob.LengthBytes) / 2;
        var cache = new LogFileCache(place.Store.Manifest.Blobs, maxBytes);
        foreach (var file in files)
        {
            var scanned = await cache.ReadAsync(file, Token);
            Assert.NotEmpty(scanned.Parts);
            Assert.InRange(cache.UsedBytes, 1, maxBytes);
        }
    }

    [Fact]
    public async Task DecodedSeries_BeyondTheCache_GiveWay_AndAreReadAgain()
    {
        for (var offset = -6; offset <= -3; offset++)
        {
            await place.FillAsync(new Random(offset + 9), WindowAt(offset));
            await place.Store.CompactLogAsync(WindowAt(offset));
        }
        foreach (var bytes in new[] { 0, 5_000, 1_000_000 })
        {
            using var reader = new StoreReader(
                place.Store.Manifest.Blobs,
                place.Store.Manifest.Tables,
                null,
                new StoreReaderOptions { SeriesCacheBytes = bytes },
                place.Store.Manifest.Time,
                place.Store.Manifest.NewUlid
            );
            foreach (var text in new[] { "m1", "{__name__=~\".+\"}", "{n!=\"3\"}", "m2" })
            {
                var selector = SelectorParser.Parse(text);
                var inside = new TimeRange(WindowAt(-5).StartMs + 1, WindowAt(-4).StartMs + 4_000_000);
                foreach (var range in new[] { inside, Always })
                {
                    BlockSamples.AssertEqual(
                        place.Expected(selector, range),
                        await DecodedChunks.SelectAsync(reader, selector, range)
                    );
                }
            }
        }
    }

    [Fact]
    public void SeriesCache_LetsTheBlockGo_ThatWasUsedLongestAgo()
    {
        var cache = new SeriesCache(1000);
        var blocks = Enumerable.Range(0, 3).Select(_ => cache.NewBlock()).ToArray();
        var series = new BlockSeries(LabelSet.Of("a", "b"), [], []);
        var found = new BlockSeries?[1];
        blocks[0].Add([(1, series), (2, series), (3, series)]);
        blocks[1].Add([(1, series), (2, series), (3, series)]);
        Assert.True(blocks[0].Find([2], found));
        Assert.Same(series, found[0]);
        Assert.InRange(cache.UsedBytes, 1, 1000);
        blocks[2].Add([(1, series), (2, series), (3, series)]);
        Assert.InRange(cache.UsedBytes, 1, 1000);
        Assert.False(blocks[1].Find([1], found));
        Assert.True(blocks[0].Find([1], found));
        Assert.True(blocks[2].Find([3], found));
        blocks[0].Forget();
        blocks[2].Forget();
        Assert.Equal(0, cache.UsedBytes);
    }

    [Fact]
    public async Task LabelValues_OfNewBlocksAndOfTheHead_JoinThoseThatAreKnown()
    {
        await place.FillAsync(new Random(1), WindowAt(-4));
        await place.Store.CompactLogAsync(WindowAt(-4));
        var head = await place.HeadAsync();
        using var reader = place.Reader(head);
        Assert.Equal(["a", "b"], await SourcesAsync());
        Assert.Equal(["a", "b"], await SourcesAsync());

        var late = WindowAt(-3).StartMs;
        await place.AppendAsync(
            place.Store.NewWriter(),
            "c",
            late,
            (LabelSet.Of("__name__", "m1", "source", "aa"), late, 1)
        );
        Assert.Equal(["a", "aa", "b"], await SourcesAsync());
        await place.Store.CompactLogAsync(WindowAt(-3));
        Assert.Equal(["a", "aa", "b"], await SourcesAsync());

        var now = WindowAt(0).StartMs + 1000;
        await place.AppendAsync(
            place.Store.NewWriter(),
            "d",
            now,
            (LabelSet.Of("__name__", "m1", "source", "_"), now, 1)
        );
        await head.RefreshAsync(null, Token);
        Assert.Equal(["_", "a", "aa", "b"], await SourcesAsync());
        Assert.Equal(
            ["a", "b"],
            (await reader.LabelValuesAsync("source", [], new TimeRange(0, WindowAt(-4).EndMs - 1), 0, Token)).Items
        );

        async Task<IReadOnlyList<string>> SourcesAsync() =>
            (await reader.LabelValuesAsync("source", [], Always, 0, Token)).Items;
    }

    private sealed class LogReads(IBlobStore inner) : PassingBlobs(inner)
    {
        private long bytes;

        public long Take() => Interlocked.Exchange(ref bytes, 0);

        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            var read = await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            Interlocked.Add(ref bytes, name.StartsWith("log/", StringComparison.Ordinal) ? read : 0);
            return read;
        }
    }
}
