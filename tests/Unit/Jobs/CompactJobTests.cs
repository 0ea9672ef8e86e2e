using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Jobs;

public sealed class CompactJobTests
{
    private readonly CompactionPlace place = new();
    private readonly CompactJob job;

    public CompactJobTests()
    {
        var manifest = place.Manifest;
        job = new CompactJob(manifest.Blobs, manifest.Tables, manifest.Time, manifest.NewUlid);
    }

    private static CancellationToken Token => CompactionPlace.Token;

    [Fact]
    public async Task Run_AWindowThatIsOver_BecomesABlockAndItsLogGoesAfterTheDelay()
    {
        await CollectAsync(hours: 1);
        var expected = await place.ReadLogAsync();
        Assert.Equal(0, (await job.RunAsync(new CompactPlan(), Token)).LogBlocks);

        place.Manifest.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, (await job.RunAsync(new CompactPlan(), Token)).LogBlocks);
        var again = await job.RunAsync(new CompactPlan(), Token);
        Assert.Equal((0, 0, 0), (again.LogBlocks, again.Merges, again.RemovedLogFiles));
        Assert.NotEmpty(await place.Manifest.NamesAsync("log/"));

        place.Manifest.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await job.RunAsync(new CompactPlan(), Token)).RemovedLogFiles);
        Assert.Empty(await place.Manifest.NamesAsync("log/"));
        BlockSamples.AssertEqual([.. expected.OrderBy(series => series.Labels)], await ReadBlocksAsync());
    }

    [Fact]
    public async Task Run_ManyWindows_AreMergedAndReplacedBlocksGo()
    {
        await CollectAsync(hours: 20);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        var plan = new CompactPlan { Retention = new RetentionPlan { Time = TimeSpan.FromDays(90) } };
        plan = plan with { Merge = plan.Merge with { Retention = TimeSpan.FromDays(90) } };
        var result = await job.RunAsync(plan, Token);
        Assert.InRange(result.LogBlocks, 10, 11);
        Assert.InRange(result.Merges, 2, 5);
        Assert.Empty(result.Problems);
        var before = await ReadBlocksAsync();
        place.Manifest.Time.Advance(TimeSpan.FromHours(2));
        Assert.InRange((await job.RunAsync(plan, Token)).RemovedBlocks, 6, int.MaxValue);
        BlockSamples.AssertEqual(before, await ReadBlocksAsync());
        Assert.Equal(20 * 60, before.Sum(series => series.Samples.Count) / before.Count);
    }

    [Fact]
    public async Task Run_TimeIsUp_LeavesTheRestForTheNextRun()
    {
        await CollectAsync(hours: 8);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        var result = await job.RunAsync(new CompactPlan { NoNewStepAfter = TimeSpan.Zero }, Token);
        Assert.Equal((0, true), (result.LogBlocks, result.IsUnfinished));
        Assert.InRange((await job.RunAsync(new CompactPlan(), Token)).LogBlocks, 4, 5);
    }

    [Fact]
    public async Task Run_ADamagedLogFile_IsLeftOutAndNamed()
    {
        await CollectAsync(hours: 1);
        var name = Assert.Single(await place.Manifest.NamesAsync("log/"));
        await place.Manifest.Blobs.DeleteAsync(name, null, Token);
        await place.Manifest.Blobs.CreateAppendAsync(name, Token);
        await place.Manifest.Blobs.AppendAsync(name, 0, new byte[100], Token);
        await CollectAsync(hours: 1);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        var result = await job.RunAsync(new CompactPlan(), Token);
        Assert.Contains(name, Assert.Single(result.Problems), StringComparison.Ordinal);
        Assert.InRange(result.LogBlocks, 1, 2);
        Assert.Empty((await job.RunAsync(new CompactPlan(), Token)).Problems);
    }

    [Fact]
    public async Task Run_ADamagedBlock_IsQuarantinedOnTheSecondReadAndTheOthersGoOn()
    {
        await CollectAsync(hours: 20);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        await job.RunAsync(
            new CompactPlan
            {
                Merge = new MergePlan { Retention = TimeSpan.FromDays(15), InputBytes = 0 },
            },
            Token
        );
        var live = (await place.Manifest.Reader.ReloadAsync(Token)).Live.OrderBy(row => row.Block.MinTimeMs).ToList();
        var bad = live[1].Block;
        var name = BlockPaths.PrefixOf(bad.Ulid) + "chunks/000001";
        var info = await place.Manifest.Blobs.GetInfoAsync(name, Token);
        var bytes = new byte[info!.LengthBytes];
        await place.Manifest.Blobs.ReadAsync(name, 0, bytes, null, Token);
        bytes[^10] ^= 1;
        await place.Manifest.Blobs.WriteAsync(name, bytes, WriteCondition.None, Token);

        var result = await job.RunAsync(new CompactPlan(), Token);
        var row = (await place.Manifest.Reader.ReloadAsync(Token)).Blocks[bad.Ulid];
        Assert.Equal(BlockState.Quarantined, row.State);
        Assert.Contains(name, row.Reason, StringComparison.Ordinal);
        Assert.Contains(name, Assert.Single(result.Problems), StringComparison.Ordinal);
        Assert.InRange(result.Merges, 1, int.MaxValue);
    }

    [Fact]
    public async Task Run_BeyondTheRetention_DeletesLogAndBlocks()
    {
        await CollectAsync(hours: 6);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        await job.RunAsync(new CompactPlan(), Token);
        place.Manifest.Time.Advance(TimeSpan.FromDays(16));
        var result = await job.RunAsync(new CompactPlan(), Token);
        Assert.InRange(result.RetiredBlocks, 1, int.MaxValue);
        place.Manifest.Time.Advance(TimeSpan.FromHours(2));
        await job.RunAsync(new CompactPlan(), Token);
        Assert.Empty(await place.Manifest.NamesAsync("log/"));
        Assert.Empty(await place.Manifest.NamesAsync("blocks/"));
    }

    [Fact]
    public async Task Run_WhoseCompactionFails_HasDeletedWhatIsTooOld()
    {
        await CollectAsync(hours: 6);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        await job.RunAsync(new CompactPlan(), Token);
        place.Manifest.Time.Advance(TimeSpan.FromDays(16));
        var before = await place.Manifest.NamesAsync("log/");
        await CollectAsync(hours: 2);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        var manifest = place.Manifest;
        var failing = new CompactJob(new NoNewBlocks(manifest.Blobs), manifest.Tables, manifest.Time, manifest.NewUlid);
        await Assert.ThrowsAsync<StoreException>(() => failing.RunAsync(new CompactPlan(), Token));
        Assert.Empty((await manifest.Reader.RefreshAsync(Token)).Live);
        Assert.NotEmpty(before);
        var left = await manifest.NamesAsync("log/");
        Assert.NotEmpty(left);
        Assert.Empty(left.Intersect(before));
    }

    [Fact]
    public async Task Run_WhileAnotherHoldsTheLease_DoesNothing()
    {
        await CollectAsync(hours: 1);
        place.Manifest.Time.Advance(TimeSpan.FromHours(3));
        var lease = await JobLease.TryTakeAsync(place.Manifest.Blobs, "compact", Token);
        Assert.True((await job.RunAsync(new CompactPlan(), Token)).IsElsewhere);
        await lease!.ReleaseAsync(Token);
        Assert.False((await job.RunAsync(new CompactPlan(), Token)).IsElsewhere);
    }

    /// <summary>One sample a minute and series, from the place's time on.</summary>
    private async Task CollectAsync(int hours)
    {
        var writer = place.NewWriter();
        var series = new SeriesList([.. Enumerable.Range(0, 5).Select(LogBatches.Series)]);
        for (var minute = 0; minute < hours * 60; minute++)
        {
            var nowMs = place.Manifest.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var columns = new SampleColumns(
                series,
                Enumerable.Repeat(nowMs, 5).ToArray(),
                Enumerable.Range(0, 5).Select(i => (double)(i * minute)).ToArray()
            );
            await writer.AppendAsync([LogBatches.Of("a", nowMs, columns)], Token);
            place.Manifest.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task<List<SelectedSeries>> ReadBlocksAsync()
    {
        var samples = new Dictionary<LabelSet, List<Sample>>();
        foreach (var row in (await place.Manifest.Reader.ReloadAsync(Token)).Live.OrderBy(row => row.Block.MinTimeMs))
        {
            foreach (var series in await BlockSamples.ReadAsync(await place.OpenAsync(row.Block.Ulid)))
            {
                if (!samples.TryGetValue(series.Labels, out var all))
                {
                    samples.Add(series.Labels, all = []);
                }
                all.AddRange(series.Samples);
            }
        }
        return [.. samples.OrderBy(pair => pair.Key).Select(pair => new SelectedSeries(pair.Key, pair.Value))];
    }

    /// <summary>Takes no file of a block.</summary>
    private sealed class NoNewBlocks(IBlobStore inner) : PassingBlobs(inner)
    {
        public override Task<BlobInfo> WriteAsync(
            string name,
            ReadOnlyMemory<byte> content,
            WriteCondition condition,
            CancellationToken cancellationToken
        ) =>
            name.StartsWith(BlockDescription.Prefix, StringComparison.Ordinal)
                ? throw new StoreException(StoreError.Unusable, "no room")
                : base.WriteAsync(name, content, condition, cancellationToken);
    }
}
