using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Tests.Unit.Storage.Files;
using static Tributary.Tests.Unit.Storage.Blocks.BlockSamples;

namespace Tributary.Tests.Unit.Storage.Blocks;

/// <summary>How many requests and bytes it takes.</summary>
public sealed class BlockReadingTests
{
    private static readonly Ulid Ulid = Ulid.Create(1_700_000_000_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    private static readonly string Prefix = $"blocks/{Ulid}/";

    [Fact]
    public async Task OneSeriesOfASmallBlock_TakesThreeRequests()
    {
        var store = new MemoryBlobs();
        var series = RandomSeries.Make(1, 500);
        await WriteAsync(store, Ulid, series);
        var unique = series.Select(s => s.Labels.Get("unique")).First(value => value is not null)!;
        var before = store.Operations.Total;
        var block = await OpenAsync(store, Prefix);
        var read = await ReadAsync(block, null, new LabelMatcher("unique", MatchOperator.Equal, unique));
        Assert.Single(read);
        // meta.json, the index as a whole, the chunks of the series.
        Assert.Equal(3, store.Operations.Total - before);
    }

    [Fact]
    public async Task OneSeriesOfALargeBlock_TakesFewRequestsAndBytes()
    {
        var store = new MemoryBlobs();
        // Of more than a few hours, so that its index is not read whole.
        await WriteAsync(store, Ulid, [.. Large(10_000), Series("__name__=late", (90_000_000, 1))]);
        var size = store.All.Values.Sum(content => (long)content.Length);
        var before = store.Operations.Total;
        var bytes = store.BytesRead;
        var block = await OpenAsync(store, Prefix);
        // meta.json, both ends of the index, the rest of symbols and of the table.
        Assert.InRange(store.Operations.Total - before, 4, 5);
        var read = await ReadAsync(block, null, new LabelMatcher("pod", MatchOperator.Equal, "pod-1234"));
        Assert.Equal("pod-1234", Assert.Single(read).Labels.Get("pod"));
        // Then a list, the series, its chunks; the rest is in the cache.
        Assert.InRange(store.Operations.Total - before, 4, 8);
        Assert.InRange(store.BytesRead - bytes, 1, (size / 8) + (8 * PageCache.PageBytes));
        var warm = store.Operations.Total;
        Assert.Single(await ReadAsync(block, null, new LabelMatcher("pod", MatchOperator.Equal, "pod-1234")));
        Assert.Equal(warm, store.Operations.Total);
    }

    [Fact]
    public async Task LabelNamesAndValues_OfAnOpenBlock_ReadNoSeries()
    {
        var store = new MemoryBlobs();
        await WriteAsync(store, Ulid, Large(3000));
        var block = await OpenAsync(store, Prefix, new PageCache(1 << 26));
        var before = store.Operations.Total;
        Assert.Equal(["__name__", "pod", "zone"], await block.LabelNamesAsync([], default));
        Assert.Equal(3000, (await block.LabelValuesAsync("pod", [], default)).Count);
        var some = new LabelMatcher("pod", MatchOperator.Regex, "pod-12.*");
        Assert.Equal(111, (await block.LabelValuesAsync("pod", [some], default)).Count);
        Assert.Equal(before, store.Operations.Total);
    }

    [Fact]
    public async Task KnownMeta_SavesItsRequest()
    {
        var store = new MemoryBlobs();
        var meta = await WriteAsync(store, Ulid, RandomSeries.Make(1, 50));
        var before = store.Operations.Total;
        await BlockReader.OpenAsync(new RangeReader(store, new PageCache(1 << 20)), Prefix, meta, default);
        Assert.Equal(1, store.Operations.Total - before);
    }

    [Fact]
    public async Task WholeBlock_IsReadInLargeRequests()
    {
        var store = new MemoryBlobs();
        await WriteAsync(store, Ulid, Large(5000));
        var block = await OpenAsync(store, Prefix, new PageCache(1 << 27));
        var before = store.Operations.Total;
        var places = new List<Tributary.Storage.Indexes.ChunkPlace>();
        await foreach (var series in block.SelectAsync([], Always, default))
        {
            places.AddRange(series.Chunks);
        }
        await block.Chunks.LoadAsync(places, default);
        var size = store.All.Values.Sum(content => (long)content.Length);
        Assert.InRange(store.Operations.Total - before, 1, 10 + (size / (64 * 1024)));
    }

    private static List<SelectedSeries> Large(int count)
    {
        var random = new Random(count);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new SelectedSeries(
                    LabelSet.Of("__name__", "requests_total", "pod", $"pod-{i}", "zone", $"zone-{i % 7}"),
                    [.. Enumerable.Range(0, 240).Select(t => new Sample(t * 15_000, random.Next()))]
                )),
        ];
    }
}
