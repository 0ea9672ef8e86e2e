using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.Files;
using static Tributary.Tests.Unit.Storage.Blocks.BlockSamples;

namespace Tributary.Tests.Unit.Storage.Blocks;

public sealed class BlockRoundTripTests
{
    private static readonly Ulid Ulid = Ulid.Create(1_700_000_000_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    private static readonly string Prefix = $"blocks/{Ulid}/";

    /// <summary>Everything small, so that every bound is met: segments, scratch, passes.</summary>
    private static readonly BlockWriterOptions Small = new()
    {
        MaxSegmentBytes = 4096,
        Index = new IndexWriterOptions { ScratchMemoryBytes = 0, PostingsPerPass = 7 },
    };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 33)]
    [InlineData(4, 200)]
    [InlineData(5, 700)]
    public async Task Block_IsReadAsItWasWritten(int seed, int count)
    {
        var series = RandomSeries.Make(seed, count);
        var store = new MemoryBlobs();
        var meta = await WriteAsync(store, Ulid, series, 1 + (seed * 30), seed % 2 == 0 ? Small : null);
        using var cache = new PageCache(seed % 2 == 0 ? 2 * PageCache.PageBytes : 1 << 24);
        var block = await OpenAsync(store, Prefix, cache);
        AssertEqual(series, await ReadAsync(block));
        Assert.Equal(count, meta.Statistics.Series);
        Assert.Equal(series.Sum(s => (long)s.Samples.Count), meta.Statistics.Samples);
        var report = await BlockVerifier.VerifyAsync(new RangeReader(store, cache), Prefix, default);
        Assert.Empty(report.Problems);
        Assert.Equal(meta.Statistics, report.Found);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Select_ByMatchersAndTime_IsWhatEachSeriesSays(int seed)
    {
        var random = new Random(seed);
        var series = RandomSeries.Make(seed, 300);
        var store = new MemoryBlobs();
        await WriteAsync(store, Ulid, series, 40, Small);
        var block = await OpenAsync(store, Prefix);
        for (var round = 0; round < 50; round++)
        {
            LabelMatcher[] matchers = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Matcher(random))];
            var from = random.Next(7_200_000);
            var range = random.Next(2) == 0 ? Always : new TimeRange(from, from + random.Next(600_000));
            var expected = series
                .Where(s => matchers.All(m => m.Matches(s.Labels)))
                .Select(s => s with { Samples = [.. s.Samples.Where(x => range.Contains(x.TimestampMs))] })
                .Where(s => s.Samples.Count > 0)
                .ToList();
            AssertEqual(expected, await ReadAsync(block, range, matchers));
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task LabelNamesAndValues_AreThoseOfTheSeries(int seed)
    {
        var random = new Random(seed);
        var series = RandomSeries.Make(seed, 200);
        var store = new MemoryBlobs();
        await WriteAsync(store, Ulid, series);
        var block = await OpenAsync(store, Prefix);
        for (var round = 0; round < 25; round++)
        {
            LabelMatcher[] matchers = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Matcher(random))];
            var selected = series.Where(s => matchers.All(m => m.Matches(s.Labels))).ToList();
            var labels = selected.SelectMany(s => s.Labels.Labels.ToArray()).ToList();
            Assert.Equal(InOrder(labels.Select(l => l.Name)), await block.LabelNamesAsync(matchers, default));
            foreach (var name in new[] { "job", "über", "unique", "nobody", "__name__" })
            {
                Assert.Equal(
                    InOrder(labels.Where(l => l.Name == name).Select(l => l.Value)),
                    await block.LabelValuesAsync(name, matchers, default)
                );
            }
        }
    }

    [Fact]
    public async Task Segments_RollOver_AndAreListedWithTheirSizes()
    {
        var store = new MemoryBlobs();
        var meta = await WriteAsync(store, Ulid, RandomSeries.Make(7, 100), 120, Small);
        var segments = meta.Files.Where(f => f.Path.StartsWith("chunks/", StringComparison.Ordinal)).ToList();
        Assert.True(segments.Count > 3);
        Assert.Equal("chunks/000001", segments[0].Path);
        Assert.Equal(meta.Files.Select(f => f.Path).Order(StringComparer.Ordinal), meta.Files.Select(f => f.Path));
        Assert.All(segments, f => Assert.InRange(f.SizeBytes, 9, Small.MaxSegmentBytes));
        Assert.All(
            meta.Files.Where(f => f.Path != "meta.json"),
            f => Assert.Equal(f.SizeBytes, store[Prefix + f.Path].Length)
        );
    }

    [Fact]
    public async Task LargeBlock_IsWrittenInPieces()
    {
        var random = new Random(1);
        // Noise does not compress: about 2 MB a series with 300,000 samples.
        var series = Enumerable
            .Range(0, 5)
            .Select(i => new SelectedSeries(
                LabelSet.Of("__name__", $"noise_{i}"),
                [.. Enumerable.Range(0, 300_000).Select(t => new Sample(t, random.NextDouble()))]
            ))
            .ToList();
        var store = new MemoryBlobs();
        await WriteAsync(store, Ulid, series, 480);
        Assert.True(store[Prefix + "chunks/000001"].Length > 2 * StoreLimits.PieceBytes);
        AssertEqual(series, await ReadAsync(await OpenAsync(store, Prefix)));
    }

    [Fact]
    public async Task Writing_AnExistingBlock_IsRefused()
    {
        var store = new MemoryBlobs();
        var series = RandomSeries.Make(1, 3);
        await WriteAsync(store, Ulid, series);
        await Assert.ThrowsAsync<StoreException>(() => WriteAsync(store, Ulid, series));
    }

    [Fact]
    public async Task Writing_NothingOrOutOfOrder_IsRefused()
    {
        var symbols = SymbolTable.Of(["a", "b", "c", ""]);
        var plan = new BlockMeta
        {
            Ulid = Ulid,
            MinTimeMs = 0,
            MaxTimeMs = 100,
        };
        byte[] chunk = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using var writer = new BlockWriter(new MemoryBlobs(), plan, symbols, new BlockWriterOptions());
        await writer.BeginAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.FinishAsync(default));
        writer.BeginSeries([new LabelRef(2, 2)]);
        Assert.Throws<ArgumentException>(() => writer.AddChunk(0, 100, ChunkEncoding.Xor, chunk));
        Assert.Throws<ArgumentException>(() => writer.AddChunk(-1, 5, ChunkEncoding.Xor, chunk));
        Assert.Throws<ArgumentException>(() => writer.AddChunk(0, 5, ChunkEncoding.Xor, [0, 0]));
        writer.AddChunk(0, 5, ChunkEncoding.Xor, chunk);
        writer.EndSeries();
        foreach (
            var labels in new LabelRef[][]
            {
                [new(2, 2)],
                [new(1, 2)],
                [new(3, 1), new(2, 1)],
                [new(3, 1), new(3, 2)],
                [new(3, 0)],
                [new(3, 4)],
            }
        )
        {
            writer.BeginSeries(labels);
            writer.AddChunk(0, 5, ChunkEncoding.Xor, chunk);
            Assert.Throws<ArgumentException>(writer.EndSeries);
        }
        writer.BeginSeries([new LabelRef(3, 3)]);
        writer.AddChunk(0, 5, ChunkEncoding.Xor, chunk);
        writer.AddChunk(5, 6, ChunkEncoding.Xor, chunk);
        Assert.Throws<ArgumentException>(writer.EndSeries);
    }

    private static List<string> InOrder(IEnumerable<string> texts)
    {
        var sorted = texts.Distinct().ToList();
        sorted.Sort(Utf8Order.Compare);
        return sorted;
    }

    private static LabelMatcher Matcher(Random random)
    {
        string[] names = ["__name__", "job", "instance", "über", "unique", "A", "nobody"];
        var name = names[random.Next(names.Length)];
        var text = name == "__name__" ? $"metric_{random.Next(6)}" : $"{name[0]}-{random.Next(5)}";
        string[] patterns =
        [
            ".*",
            ".+",
            "",
            "metric_(1|2)",
            $"{text}|",
            $"{text}.*",
            "value-1.*",
            "value-(3|4)2?",
            ".*2",
            "[ji]-[12]",
            "x?",
        ];
        return random.Next(4) switch
        {
            0 => new LabelMatcher(name, MatchOperator.Equal, random.Next(6) == 0 ? "" : text),
            1 => new LabelMatcher(name, MatchOperator.NotEqual, random.Next(6) == 0 ? "" : text),
            2 => new LabelMatcher(name, MatchOperator.Regex, patterns[random.Next(patterns.Length)]),
            _ => new LabelMatcher(name, MatchOperator.NotRegex, patterns[random.Next(patterns.Length)]),
        };
    }
}
