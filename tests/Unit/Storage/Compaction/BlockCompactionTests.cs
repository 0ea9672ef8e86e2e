using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Storage.Blocks.BlockSamples;

namespace Tributary.Tests.Unit.Storage.Compaction;

public sealed class BlockCompactionTests
{
    private const long HourMs = 3_600_000;
    private readonly CompactionPlace place = new();

    /// <summary>Neighbours, overlapping ones, and such as share series.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 7)]
    public async Task Merge_RandomBlocks_HasAllSamplesAndOfConflictingOnesThoseOfTheFirst(int seed, int count)
    {
        var random = new Random(seed);
        var inputs = new List<Ulid>();
        var expected = new Dictionary<(LabelSet, long), double>();
        for (var i = 0; i < count; i++)
        {
            var start = random.Next(4) * HourMs;
            var series = RandomSeries.Make(seed * 100 + (i / 2), 30, start, start + (2 * HourMs));
            inputs.Add(await AddAsync(series));
            foreach (var one in series)
            {
                foreach (var sample in one.Samples)
                {
                    expected.TryAdd((one.Labels, sample.TimestampMs), sample.Value);
                }
            }
        }
        var merged = await place.OpenAsync((await place.MergeAsync([.. inputs]))!.Value);
        AssertEqual(Grouped(expected), await ReadAsync(merged));
        Assert.Equal(expected.Count, merged.Meta.Statistics.Samples);
        Assert.Equal(inputs, merged.Meta.Parents.Select(parent => parent.Ulid));
        Assert.Equal(2, merged.Meta.Level);
        var again = await place.OpenAsync((await place.MergeAsync(merged.Meta.Ulid))!.Value);
        AssertEqual(Grouped(expected), await ReadAsync(again));
    }

    [Fact]
    public async Task Merge_Neighbours_TakesChunksAsTheyAre()
    {
        var first = await AddAsync(RandomSeries.Make(1, 20, 0, 2 * HourMs));
        var second = await AddAsync(RandomSeries.Make(1, 20, 2 * HourMs, 4 * HourMs));
        var before = await ChunksAsync(first);
        before.UnionWith(await ChunksAsync(second));
        var merged = (await place.MergeAsync(first, second))!.Value;
        Assert.Equal(before.Order(), (await ChunksAsync(merged)).Order());
    }

    [Fact]
    public async Task Merge_OfOneBlock_LeavesOutWhatWasDeleted()
    {
        var series = RandomSeries.Make(4, 40, 0, 2 * HourMs);
        var block = await AddAsync(series);
        var deletion = new SeriesDeletion(
            place.Manifest.Blobs,
            place.Manifest.Reader,
            place.Manifest.Writer,
            place.Manifest.Time,
            place.Manifest.NewUlid
        );
        var range = new TimeRange(HourMs / 2, HourMs);
        await deletion.DeleteAsync(range, ["{__name__=\"metric_1\"}", "{unique=~\"value-1.*\"}"], default);
        var expected = series
            .Select(one =>
                one.Labels.MetricName == "metric_1"
                || (one.Labels.Get("unique") ?? "").StartsWith("value-1", StringComparison.Ordinal)
                    ? one with
                    {
                        Samples = [.. one.Samples.Where(sample => !range.Contains(sample.TimestampMs))],
                    }
                    : one
            )
            .Where(one => one.Samples.Count > 0)
            .ToList();
        var clean = await place.OpenAsync((await place.MergeAsync(block))!.Value);
        AssertEqual(expected, await ReadAsync(clean));
    }

    private async Task<HashSet<string>> ChunksAsync(Ulid ulid)
    {
        var block = await place.OpenAsync(ulid);
        var chunks = new HashSet<string>();
        await foreach (var series in block.SelectAsync([], Always, default))
        {
            var loaded = await block.Chunks.LoadAsync(series.Chunks, default);
            foreach (var chunk in series.Chunks)
            {
                chunks.Add($"{series.Labels} {chunk.MinMs} {Convert.ToHexString(loaded.Get(chunk).Data)}");
            }
        }
        return chunks;
    }

    /// <summary>Writes a block and commits it.</summary>
    private async Task<Ulid> AddAsync(IReadOnlyList<SelectedSeries> series)
    {
        var manifest = place.Manifest;
        var plannedOn = await manifest.Reader.RefreshAsync(default);
        var ulid = manifest.NewUlid();
        var meta = Plan(ulid, series);
        var block = new BlockDescription
        {
            Ulid = ulid,
            Level = 1,
            MinTimeMs = meta.MinTimeMs,
            MaxTimeMs = meta.MaxTimeMs,
            Number = plannedOn.State.Number + 1,
            Sources = [ulid],
        };
        await manifest.Writer.BeginAsync(plannedOn, block, default);
        await WriteAsync(manifest.Blobs, ulid, series);
        var result = await manifest.Writer.CommitAsync(manifest.Adding(plannedOn, block), default);
        Assert.True(result.IsCommitted, result.Refusal);
        return ulid;
    }

    private static List<SelectedSeries> Grouped(Dictionary<(LabelSet Series, long Time), double> samples) =>
        [
            .. samples
                .GroupBy(sample => sample.Key.Series)
                .Select(group => new SelectedSeries(
                    group.Key,
                    [.. group.OrderBy(s => s.Key.Time).Select(s => new Sample(s.Key.Time, s.Value))]
                ))
                .OrderBy(series => series.Labels),
        ];
}
