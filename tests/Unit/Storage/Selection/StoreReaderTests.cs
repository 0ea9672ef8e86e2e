using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Model;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Storage.Selection.SelectionPlace;

namespace Tributary.Tests.Unit.Storage.Selection;

public sealed class StoreReaderTests
{
    private readonly SelectionPlace place = new();

    private static CancellationToken Token => SelectionPlace.Token;

    private Task<Ulid?> CompactAsync(int offset) => place.Store.CompactLogAsync(WindowAt(offset));

    /// <summary>Windows of which some are blocks, some merged, some log, some in the head.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task Select_BlocksLogAndHead_AreOneUnion(int seed, bool withHead)
    {
        var random = new Random(seed);
        for (var offset = -5; offset <= 0; offset++)
        {
            await place.FillAsync(random, WindowAt(offset));
        }
        var first = await CompactAsync(-5);
        var second = await CompactAsync(-4);
        await place.Store.MergeAsync(first!.Value, second!.Value);
        await CompactAsync(-2);
        // Late ones of a window that is a block already.
        await place.FillAsync(random, WindowAt(-2));
        var head = withHead ? await place.HeadAsync(withHistory: seed == 2) : null;
        using var reader = place.Reader(head);
        string[] selectors =
        [
            "{__name__=~\".+\"}",
            "m1",
            "m2{source=\"a\"}",
            "{n!~\"1|2|3\",source=~\"a|b\"}",
            "{n=\"x\"}",
        ];
        foreach (var text in selectors)
        {
            var selector = SelectorParser.Parse(text);
            for (var i = 0; i < 6; i++)
            {
                var from = WindowAt(-5).StartMs + random.NextInt64(6 * Window.LengthMs);
                var range = i == 0 ? Always : new TimeRange(from, from + random.NextInt64(5 * Window.LengthMs));
                var found = await reader.SelectAsync([selector], range, Token);
                Assert.Empty(found.Warnings);
                // The late batches are of the same ticks: they are conflicts that only the values tell.
                AssertSame(place.Expected(selector, range), found.Series, WindowAt(-2));
                BlockSamples.AssertEqual(found.Series, await DecodedChunks.SelectAsync(reader, selector, range));
                var series = await reader.SeriesAsync([selector], range, 0, Token);
                Assert.Superset(found.Series.Select(s => s.Labels).ToHashSet(), series.Items.ToHashSet());
                Assert.Equal(series.Items.Distinct().Order(), series.Items);
            }
        }
    }

    [Fact]
    public async Task Select_WhileBlocksReplaceLogFiles_MissesNothing()
    {
        await place.FillAsync(new Random(5), WindowAt(-4));
        await place.FillAsync(new Random(6), WindowAt(-3));
        var replaced = 0;
        var racing = new RacingReads(place.Store.Manifest.Blobs)
        {
            BeforeRead = async name =>
            {
                if (name.StartsWith("log/", StringComparison.Ordinal) && replaced++ == 0)
                {
                    var files = await place.LogFilesAsync();
                    await CompactAsync(-4);
                    foreach (var file in files.Where(file => file.Window == WindowAt(-4)))
                    {
                        await place.Store.Manifest.Blobs.DeleteAsync(file.ToString(), null, Token);
                    }
                }
            },
        };
        using var reader = place.Reader(blobs: racing);
        var found = await reader.SelectAsync([Everything], Always, Token);
        BlockSamples.AssertEqual(place.Expected(Everything, Always), found.Series);
        Assert.True(replaced > 0);
    }

    [Theory]
    [InlineData("chunks/000001", 40)]
    [InlineData("index", 30)]
    public async Task DamagedBlock_IsPutIntoQuarantine_AndTheOthersAnswer(string file, int offset)
    {
        await place.FillAsync(new Random(1), WindowAt(-4));
        await place.FillAsync(new Random(2), WindowAt(-3));
        var bad = (await CompactAsync(-4))!.Value;
        await CompactAsync(-3);
        var blobs = place.Store.Manifest.Blobs;
        var name = BlockDescription.PrefixOf(bad) + file;
        var bytes = new byte[(await blobs.GetInfoAsync(name, Token))!.LengthBytes];
        await blobs.ReadAsync(name, 0, bytes, null, Token);
        bytes[offset] ^= 1;
        await blobs.WriteAsync(name, bytes, WriteCondition.None, Token);
        using var reader = place.Reader();
        var rest = new TimeRange(WindowAt(-3).StartMs, WindowAt(-3).EndMs);
        for (var i = 0; i < 2; i++)
        {
            var found = await reader.SelectAsync([Everything], Always, Token);
            BlockSamples.AssertEqual(place.Expected(Everything, rest), found.Series);
            Assert.Contains($"block {bad}", Assert.Single(found.Warnings), StringComparison.Ordinal);
        }
        Assert.Empty((await reader.SelectAsync([Everything], rest, Token)).Warnings);
        Assert.Equal(BlockState.Quarantined, (await place.Store.Manifest.Reader.ReloadAsync(Token)).Blocks[bad].State);
    }

    [Fact]
    public async Task ADamagedPageThatWasOnlyReadWrongly_IsReadAgain()
    {
        await place.FillAsync(new Random(1), WindowAt(-4));
        await CompactAsync(-4);
        var flips = 0;
        var flipping = new RacingReads(place.Store.Manifest.Blobs)
        {
            AfterRead = (name, bytes) =>
            {
                if (name.EndsWith("000001", StringComparison.Ordinal) && flips++ == 0)
                {
                    bytes.Span[40] ^= 1;
                }
            },
        };
        using var reader = place.Reader(blobs: flipping);
        var found = await reader.SelectAsync([Everything], Always, Token);
        BlockSamples.AssertEqual(place.Expected(Everything, Always), found.Series);
        Assert.Empty(found.Warnings);
        Assert.Equal(2, flips);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Deletes_ApplyToBlocksLogAndHead(bool withHead, bool compactsLater)
    {
        for (var offset = -3; offset <= 0; offset++)
        {
            await place.FillAsync(new Random(offset + 9), WindowAt(offset));
        }
        await CompactAsync(-3);
        var head = withHead ? await place.HeadAsync() : null;
        var manifest = place.Store.Manifest;
        var deletion = new SeriesDeletion(
            manifest.Blobs,
            manifest.Reader,
            manifest.Writer,
            manifest.Time,
            manifest.NewUlid
        );
        var deleted = new TimeRange(WindowAt(-3).StartMs + 99, WindowAt(0).StartMs + 2_000_000);
        await deletion.DeleteAsync(deleted, ["m1", "m2{source=\"a\"}"], Token);
        if (compactsLater)
        {
            await CompactAsync(-2);
            await CompactAsync(-1);
        }
        var (m1, m2) = (SelectorParser.Parse("m1"), SelectorParser.Parse("m2{source=\"a\"}"));
        foreach (var (series, at) in place.Written.Keys.ToList())
        {
            if (deleted.Contains(at) && (m1.Matches(series) || m2.Matches(series)))
            {
                place.Written.Remove((series, at));
            }
        }
        using var reader = place.Reader(head);
        BlockSamples.AssertEqual(
            place.Expected(Everything, Always),
            (await reader.SelectAsync([Everything], Always, Token)).Series
        );
        BlockSamples.AssertEqual(
            place.Expected(Everything, Always),
            await DecodedChunks.SelectAsync(reader, Everything, Always)
        );
        var middle = new TimeRange(WindowAt(-2).StartMs, WindowAt(-1).EndMs - 1);
        Assert.Empty((await reader.SeriesAsync([m1], middle, 0, Token)).Items);
    }

    [Fact]
    public async Task Histograms_ComeFromBlocksAndLogAlike()
    {
        var series = LabelSet.Of("__name__", "h", "a", "1");
        var expected = new List<HistogramSample>();
        for (var offset = -4; offset <= -3; offset++)
        {
            var writer = place.Store.NewWriter();
            for (var i = 0; i < 30; i++)
            {
                var at = WindowAt(offset).StartMs + (i * 60_000);
                var value = Histograms.WithSum(i, 2, i, 2 * i, i * i);
                expected.Add(new HistogramSample(at, value));
                var columns = new SampleColumns(new SeriesList([series]), new[] { at }, new[] { StaleMarker.NormalNaN })
                {
                    Histograms = new Histogram?[] { value },
                };
                await writer.AppendAsync([LogBatches.Of("h", at, columns, LogBatches.Columns())], Token);
            }
        }
        await CompactAsync(-4);
        using var reader = place.Reader();
        var found = Assert.Single((await reader.SelectAsync([SelectorParser.Parse("h")], Always, Token)).Series);
        Assert.Empty(found.Samples);
        var decoded = Assert.Single(await DecodedChunks.SelectAsync(reader, SelectorParser.Parse("h"), Always));
        Assert.Empty(decoded.Samples);
        Assert.Equal(expected, decoded.Histograms);
        Assert.Equal(expected.Select(e => e.TimestampMs), found.Histograms.Select(h => h.TimestampMs));
        foreach (var (left, right) in expected.Zip(found.Histograms))
        {
            Assert.True(left.Value.Equals(right.Value.With(left.Value.Hint)), $"{left.TimestampMs}");
        }
    }

    [Fact]
    public async Task Select_MoreThanTheBudget_IsRefused()
    {
        await place.FillAsync(new Random(1), WindowAt(-4));
        await CompactAsync(-4);
        await place.FillAsync(new Random(1), WindowAt(0));
        using var reader = place.Reader(maxSamples: place.Written.Count - 1);
        await Assert.ThrowsAsync<SelectionLimitException>(() => reader.SelectAsync([Everything], Always, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LookUps_FindWhatThereIs(bool withHead)
    {
        for (var offset = -4; offset <= 0; offset++)
        {
            await place.FillAsync(new Random(offset + 9), WindowAt(offset));
        }
        await CompactAsync(-4);
        await CompactAsync(-3);
        using var reader = place.Reader(withHead ? await place.HeadAsync() : null);
        var all = place.Expected(Everything, Always).Select(series => series.Labels).ToList();
        VectorSelector[] some = [SelectorParser.Parse("{source=\"a\"}"), SelectorParser.Parse("m1{n=~\"1|5\"}")];
        var matching = all.Where(series => some.Any(selector => selector.Matches(series))).ToList();

        Assert.Equal(all, (await reader.SeriesAsync([Everything], Always, 0, Token)).Items);
        Assert.Equal(matching, (await reader.SeriesAsync(some, Always, 0, Token)).Items);
        var limited = await reader.SeriesAsync(some, Always, 3, Token);
        Assert.Equal(matching.Take(3), limited.Items);
        Assert.Equal(["results truncated due to limit"], limited.Warnings);
        Assert.Empty((await reader.SeriesAsync(some, Always, matching.Count, Token)).Warnings);

        Assert.Equal(["__name__", "n", "source"], (await reader.LabelNamesAsync([], Always, 0, Token)).Items);
        Assert.Equal(["__name__", "n"], (await reader.LabelNamesAsync(some, Always, 2, Token)).Items);
        Assert.Equal(["a", "b"], (await reader.LabelValuesAsync("source", [], Always, 0, Token)).Items);
        Assert.Equal(
            matching.Select(series => series.Get("n")).Distinct().Order(StringComparer.Ordinal),
            (await reader.LabelValuesAsync("n", some, Always, 0, Token)).Items
        );
        Assert.Empty((await reader.LabelValuesAsync("nope", [], Always, 0, Token)).Items);
        Assert.Empty((await reader.LabelNamesAsync([], new TimeRange(0, 1000), 0, Token)).Items);
        Assert.Empty((await reader.SeriesAsync([Everything], new TimeRange(0, 1000), 0, Token)).Items);
    }

    /// <summary>Of samples that two batches of one tick have differently, only that they are there.</summary>
    private static void AssertSame(
        List<SelectedSeries> expected,
        IReadOnlyList<SelectedSeries> found,
        Window conflicting
    )
    {
        BlockSamples.AssertEqual(Without(expected, conflicting), Without(found, conflicting));
        foreach (var (one, other) in expected.Zip(found))
        {
            Assert.Equal(one.Labels, other.Labels);
            Assert.Equal(one.Samples.Select(s => s.TimestampMs), other.Samples.Select(s => s.TimestampMs));
        }
    }

    private static List<SelectedSeries> Without(IReadOnlyList<SelectedSeries> series, Window window) =>
        [
            .. series
                .Select(one => one with { Samples = [.. one.Samples.Where(s => !window.Contains(s.TimestampMs))] })
                .Where(one => one.Samples.Count > 0),
        ];

    private sealed class RacingReads(IBlobStore inner) : PassingBlobs(inner)
    {
        public Func<string, Task> BeforeRead { get; init; } = _ => Task.CompletedTask;

        public Action<string, Memory<byte>> AfterRead { get; init; } = (_, _) => { };

        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            await BeforeRead(name);
            var read = await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            AfterRead(name, destination);
            return read;
        }
    }
}
