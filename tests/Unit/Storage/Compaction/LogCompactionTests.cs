using Tributary.Model;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;

namespace Tributary.Tests.Unit.Storage.Compaction;

public sealed class LogCompactionTests
{
    private static readonly Window Noon = Window.Of(LogBatches.NoonMs);

    /// <summary>Several writers, series that come and go, late and repeated samples; with memory for all, and for hardly any.</summary>
    [Theory]
    [InlineData(1, 256 * 1024 * 1024)]
    [InlineData(2, 40_000)]
    [InlineData(3, 2_000)]
    public async Task Compact_ARandomLog_HasTheSamplesThatReadersOfTheLogSee(int seed, long memoryBytes)
    {
        var place = new CompactionPlace { Options = new CompactionOptions { MemoryBytes = memoryBytes } };
        await WriteAsync(place, seed);
        var expected = InWindow(await place.ReadLogAsync());
        var block = await place.OpenAsync((await place.CompactLogAsync(Noon))!.Value);
        BlockSamples.AssertEqual(expected, await BlockSamples.ReadAsync(block));
        Assert.Equal(expected.Sum(series => series.Samples.Count), block.Meta.Statistics.Samples);
        Assert.Equal(expected.Count, block.Meta.Statistics.Series);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), "tributary-run-*"));
    }

    [Fact]
    public async Task Compact_Chunks_HaveAtMost480SamplesAnd1KiB()
    {
        var place = new CompactionPlace();
        var writer = place.NewWriter();
        var series = new SeriesList([.. Enumerable.Range(0, 3).Select(LogBatches.Series)]);
        var random = new Random(5);
        for (var tickMs = Noon.StartMs; tickMs < Noon.EndMs; tickMs += 5000)
        {
            double[] values = [1, tickMs / 5000, random.NextDouble()];
            var times = Enumerable.Repeat(tickMs, 3).ToArray();
            await writer.AppendAsync([LogBatches.Of("a", tickMs, new SampleColumns(series, times, values))], default);
        }
        var block = await place.OpenAsync((await place.CompactLogAsync(Noon))!.Value);
        var chunks = new List<int>();
        await foreach (var one in block.SelectAsync([], BlockSamples.Always, default))
        {
            var loaded = await block.Chunks.LoadAsync(one.Chunks, default);
            foreach (var chunk in one.Chunks)
            {
                Assert.InRange(loaded.Get(chunk).SampleCount, 1, 480);
                Assert.InRange(loaded.Get(chunk).Data.Length, 1, 1024);
                chunks.Add(loaded.Get(chunk).SampleCount);
            }
        }
        Assert.Contains(480, chunks);
    }

    [Fact]
    public async Task Compact_DeletedSeries_AreLeftOut()
    {
        var place = new CompactionPlace();
        await WriteAsync(place, 7);
        var from = LogBatches.NoonMs + 60_000;
        var deletion = new SeriesDeletion(
            place.Manifest.Blobs,
            place.Manifest.Reader,
            place.Manifest.Writer,
            place.Manifest.Time,
            place.Manifest.NewUlid
        );
        await deletion.DeleteAsync(new TimeRange(from, long.MaxValue), ["{__name__=\"m1\"}"], default);
        var expected = InWindow(await place.ReadLogAsync())
            .Select(series =>
                series.Labels.MetricName == "m1"
                    ? series with
                    {
                        Samples = [.. series.Samples.Where(sample => sample.TimestampMs < from)],
                    }
                    : series
            )
            .Where(series => series.Samples.Count > 0)
            .ToList();
        var block = await place.OpenAsync((await place.CompactLogAsync(Noon))!.Value);
        BlockSamples.AssertEqual(expected, await BlockSamples.ReadAsync(block));
    }

    [Fact]
    public async Task Compact_NothingLeft_IsNoBlockAndConsumesTheFiles()
    {
        var place = new CompactionPlace();
        await WriteAsync(place, 8);
        var deletion = new SeriesDeletion(
            place.Manifest.Blobs,
            place.Manifest.Reader,
            place.Manifest.Writer,
            place.Manifest.Time,
            place.Manifest.NewUlid
        );
        await deletion.DeleteAsync(new TimeRange(0, long.MaxValue), ["{__name__=~\".+\"}"], default);
        Assert.Null(await place.CompactLogAsync(Noon));
        var manifest = await place.Manifest.Reader.ReloadAsync(default);
        Assert.NotEmpty(manifest.Windows[Noon].LengthBytes);
        Assert.DoesNotContain(manifest.Blocks.Values, row => row.State == BlockState.Live);
    }

    private static async Task WriteAsync(CompactionPlace place, int seed)
    {
        var random = new Random(seed);
        var writers = new[] { place.NewWriter(), place.NewWriter() };
        foreach (var source in (string[])["a", "b"])
        {
            foreach (var batch in LogBatches.Sequence(random, source, 60, 40, 15_000))
            {
                await writers[random.Next(2)].AppendAsync([batch], default);
                if (random.Next(6) == 0)
                {
                    await writers[random.Next(2)].AppendAsync([batch], default);
                }
            }
        }
    }

    private static List<SelectedSeries> InWindow(IReadOnlyList<SelectedSeries> all) =>
        [
            .. all.Select(series =>
                    series with
                    {
                        Samples = [.. series.Samples.Where(sample => Noon.Contains(sample.TimestampMs))],
                    }
                )
                .Where(series => series.Samples.Count > 0)
                .OrderBy(series => series.Labels),
        ];
}
