using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Model;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Storage.Selection.SelectionPlace;

namespace Tributary.Tests.Unit.Storage.Selection;

public sealed class ChunkSelectionTests
{
    private readonly SelectionPlace place = new();

    private static CancellationToken Token => SelectionPlace.Token;

    private static readonly LabelSet Labels = LabelSet.Of("__name__", "m");

    [Fact]
    public async Task SeveralQueries_AreAnsweredTogether_EachWithItsRange()
    {
        for (var offset = -4; offset <= 0; offset++)
        {
            await place.FillAsync(new Random(offset + 9), WindowAt(offset));
        }
        await place.Store.CompactLogAsync(WindowAt(-4));
        await place.Store.CompactLogAsync(WindowAt(-3));
        using var reader = place.Reader(await place.HeadAsync());
        var (m1, m2) = (SelectorParser.Parse("m1"), SelectorParser.Parse("m2"));
        var old = new TimeRange(WindowAt(-4).StartMs, WindowAt(-4).StartMs + 3_000_000);
        var recent = new TimeRange(WindowAt(-3).StartMs + 700_000, WindowAt(0).EndMs);
        var found = await reader.SelectChunksAsync(
            [new ChunkQuery(m1.Matchers, old), new ChunkQuery(m2.Matchers, recent)],
            new SelectionLimits(),
            Token
        );
        Assert.Equal(2, found.Length);
        BlockSamples.AssertEqual(place.Expected(m1, old), DecodedChunks.Of(found[0]));
        BlockSamples.AssertEqual(place.Expected(m2, recent), DecodedChunks.Of(found[1]));
        foreach (var series in found.SelectMany(one => one.Series))
        {
            var count = DecodedChunks.Of(new ChunkSelection([series], [])).Sum(one => one.Samples.Count);
            // The samples are not at even distances.
            Assert.InRange(
                series.EstimatedSamples,
                count - (3 * series.Chunks.Length),
                count + (3 * series.Chunks.Length)
            );
        }
    }

    [Theory]
    [InlineData(100, 1_000_000, "100 bytes")]
    [InlineData(1_000_000, 3, "3 series")]
    public async Task MoreThanTheLimits_IsRefused(long maxChunkBytes, long maxSeries, string expected)
    {
        await place.FillAsync(new Random(1), WindowAt(-4));
        await place.Store.CompactLogAsync(WindowAt(-4));
        using var reader = place.Reader();
        var limits = new SelectionLimits { MaxChunkBytes = maxChunkBytes, MaxSeries = maxSeries };
        var refused = await Assert.ThrowsAsync<SelectionLimitException>(() =>
            reader.SelectChunksAsync(Everything.Matchers, Always, limits, Token)
        );
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChunksOfTheHead_StayWhileAppendsGoOn()
    {
        var log = await place.HeadAsync();
        var random = new Random(7);
        var expected = new List<Sample>();
        var selections = new List<(ChunkSelection Selection, int Count)>();
        using var reader = place.Reader(log);
        var writer = place.Store.NewWriter();
        for (var i = 0; i < 1500; i++)
        {
            var sample = new Sample(WindowAt(0).StartMs + (i * 1000), random.Next(5) * random.NextDouble());
            expected.Add(sample);
            var batch = LogBatches.Of(
                "s",
                sample.TimestampMs,
                LogBatches.Columns((Labels, sample.TimestampMs, sample.Value)),
                LogBatches.Columns()
            );
            log.Apply(await writer.AppendAsync([batch], Token));
            if (i % 97 == 0)
            {
                var matchers = SelectorParser.Parse("m").Matchers;
                selections.Add(
                    (await reader.SelectChunksAsync(matchers, Always, new SelectionLimits(), Token), expected.Count)
                );
            }
        }
        foreach (var (selection, count) in selections)
        {
            BlockSamples.AssertEqual([new SelectedSeries(Labels, expected[..count])], DecodedChunks.Of(selection));
        }
    }

    /// <summary>Chunks of some places, laid over each other at random, against the rule sample by sample.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Decode_OverlapsAndDeletes_FollowTheRule(int seed, bool withHistograms)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var (chunks, expected) = Random(random, withHistograms && round % 2 == 0);
            var series = new SelectedChunks(
                Labels,
                new TimeRange(0, 10_000),
                [.. chunks.OrderBy(chunk => chunk.Data.MinMs)]
            );
            var buffer = new SampleBuffer();
            foreach (var range in new[] { series.Range, new TimeRange(random.Next(900), random.Next(900)) })
            {
                series.Decode(buffer, range);
                var inside = expected.Where(sample => range.Contains(sample.Key)).ToList();
                Assert.Equal(inside.Select(sample => sample.Key), buffer.TimesMs.ToArray());
                for (var i = 0; i < inside.Count; i++)
                {
                    var (value, histogram) = inside[i].Value;
                    Assert.Equal(histogram, buffer.HasHistograms ? buffer.Histograms[i] : null);
                    Assert.True(histogram is not null || buffer.Values[i].Equals(value));
                }
            }
        }
    }

    [Fact]
    public void Decode_IntoAUsedBuffer_AllocatesNothing()
    {
        var chunks = new List<ChunkData>();
        SampleChunks.Encode([.. Enumerable.Range(0, 2000).Select(i => new Sample(i * 1000, i % 9))], chunks);
        var origin = new ChunkOrigin(0, "x", Always);
        var series = new SelectedChunks(
            Labels,
            new TimeRange(77_000, 1_500_500),
            [.. chunks.Select(chunk => new SelectedChunk(chunk, origin, [], 0))]
        );
        var buffer = new SampleBuffer();
        series.Decode(buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        series.Decode(buffer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1500 - 77 + 1, buffer.Count);
        Assert.Equal((77_000, 1_500_000), (buffer.TimesMs[0], buffer.TimesMs[^1]));
    }

    [Fact]
    public void Decode_AHistogramBehindADeletedOne_KnowsOfNoReset()
    {
        var chunks = new List<ChunkData>();
        SampleChunks.Encode(
            Enumerable.Range(0, 6).Select(i => new HistogramSample(i, Histograms.WithSum(i, 2, i, 2 * i, i))),
            chunks
        );
        var chunk = new SelectedChunk(chunks[0], new ChunkOrigin(0, "x", Always), [new TimeRange(2, 3)], 0);
        var buffer = new SampleBuffer();
        new SelectedChunks(Labels, Always, [chunk]).Decode(buffer);
        Assert.Equal([0, 1, 4, 5], buffer.TimesMs.ToArray());
        Assert.Equal(
            [
                CounterResetHint.Unknown,
                CounterResetHint.NotCounterReset,
                CounterResetHint.Unknown,
                CounterResetHint.NotCounterReset,
            ],
            buffer.Histograms.ToArray().Select(histogram => histogram!.Hint)
        );
    }

    private static (List<SelectedChunk> Chunks, SortedDictionary<long, (double, Histogram?)> Expected) Random(
        Random random,
        bool withHistograms
    )
    {
        var all = new List<SelectedChunk>();
        var expected = new SortedDictionary<long, (int Rank, double Value, Histogram? Histogram)>();
        for (var rank = 0; rank < 3; rank++)
        {
            var from = random.Next(500);
            var origin = new ChunkOrigin(rank, $"place {rank}", new TimeRange(from, from + 300));
            var deleted = random.Next(2) == 0 ? [] : new List<TimeRange> { new(from + 20, from + 50) };
            for (var list = 0; list < 2; list++)
            {
                var isHistogram = withHistograms && random.Next(2) == 0;
                var times = Enumerable.Range(0, 200).Select(_ => (long)random.Next(800)).Distinct().Order().ToList();
                var chunks = new List<ChunkData>();
                if (isHistogram)
                {
                    var samples = times.Select(at => new HistogramSample(
                        at,
                        Histograms.WithSum(0, 2, 1, 2, random.Next(9))
                    ));
                    var kept = samples.ToList();
                    SampleChunks.Encode(kept, chunks);
                    kept.ForEach(sample => Expect(sample.TimestampMs, rank, 0, sample.Value));
                }
                else
                {
                    var samples = times.Select(at => new Sample(at, random.Next(9))).ToList();
                    SampleChunks.Encode(samples, chunks);
                    samples.ForEach(sample => Expect(sample.TimestampMs, rank, sample.Value, null));
                }
                all.AddRange(chunks.Select(chunk => new SelectedChunk(chunk, origin, deleted, 0)));
            }

            void Expect(long at, int ofRank, double value, Histogram? histogram)
            {
                if (!origin.Range.Contains(at) || deleted.Exists(range => range.Contains(at)))
                {
                    return;
                }
                if (!expected.TryGetValue(at, out var known))
                {
                    expected.Add(at, (ofRank, value, histogram));
                }
                else if (known.Rank == ofRank)
                {
                    var chosen =
                        known.Histogram is null ? histogram
                        : histogram is null ? known.Histogram
                        : SampleRule.Choose(known.Histogram, histogram);
                    expected[at] = (ofRank, chosen is null ? SampleRule.Choose(known.Value, value) : 0, chosen);
                }
            }
        }
        return (all, new(expected.ToDictionary(pair => pair.Key, pair => (pair.Value.Value, pair.Value.Histogram))));
    }
}
