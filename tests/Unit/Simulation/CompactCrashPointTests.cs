using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The whole job with real blocks, stopped at every store call; the next process finishes the work.</summary>
public sealed class CompactCrashPointTests
{
    private readonly Dictionary<SimulatedWorld, SortedDictionary<string, int>> expected = [];
    private ushort ulids;

    /// <summary>Three windows: blocks of level 1, the merge of the first two, and what goes after that.</summary>
    [Fact]
    public void Job_KilledAnywhere_LosesAndDoublesNothingAndLeavesNoGarbage() =>
        Assert.InRange(CrashPoints.Enumerate(ActAsync, RecoverAsync), 60, 300);

    [Fact]
    public void TwoJobs_WithoutALeaseBetweenThem_LoseAndDoubleNothing()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var world = new SimulatedWorld(seed);
            world.Run(async () =>
            {
                await PrepareAsync(world);
                var (one, other) = (world.NewInstance(), world.NewInstance());
                await Task.WhenAll(
                    one.RunAsync(() => RunAsync(one)),
                    other.RunAsync(async () =>
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(seed * 7), other.Time, CancellationToken.None);
                        world.Storage.Blobs.BreakLease("leases/compact");
                        await RunAsync(other);
                    })
                );
                await world.Restart().RunAsync(() => RecoverAsync(world));
            });
        }
    }

    private async Task ActAsync(SimulatedWorld world)
    {
        await PrepareAsync(world);
        await RunAsync(world.Instance);
    }

    /// <summary>Another process' work: only the job is stopped.</summary>
    private async Task PrepareAsync(SimulatedWorld world)
    {
        var collector = world.NewInstance();
        var samples = new SortedDictionary<string, int>(StringComparer.Ordinal);
        expected[world] = samples;
        await collector.RunAsync(async () =>
        {
            var writer = new LogWriter(collector.Blobs, collector.Time, NewUlid);
            var series = new SeriesList([LogBatches.Series(1), LogBatches.Series(2)]);
            for (var i = 0; i < 36; i++)
            {
                var nowMs = collector.Time.GetUtcNow().ToUnixTimeMilliseconds();
                var columns = new SampleColumns(series, new[] { nowMs, nowMs }, new double[] { i, -i });
                var batch = LogBatches.Of("a", nowMs, columns);
                await writer.AppendAsync([batch], CancellationToken.None);
                foreach (var column in (SampleColumns[])[batch.Scraped, batch.Added])
                {
                    for (var at = 0; at < column.Count; at++)
                    {
                        var value = column.Values.Span[at];
                        samples[StoreContents.Key(column.Series[at], column.TimestampsMs.Span[at], value)] = 1;
                    }
                }
                await Task.Delay(TimeSpan.FromMinutes(10), collector.Time, CancellationToken.None);
            }
        });
        await world.DelayAsync(TimeSpan.FromHours(3));
    }

    private async Task RunAsync(SimulatedInstance instance) =>
        await new CompactJob(instance.Blobs, instance.Tables, instance.Time, NewUlid).RunAsync(
            new CompactPlan { NoNewStepAfter = TimeSpan.FromDays(1) },
            CancellationToken.None
        );

    private async Task RecoverAsync(SimulatedWorld world)
    {
        var instance = world.Instance;
        Assert.Equal(expected[world], await StoreContents.ReadAsync(instance.Blobs, instance.Tables));
        // A pending block is given up after two hours, its files go an hour later, and what has no row a day after.
        for (var run = 0; run < 4; run++)
        {
            await RunAsync(instance);
            await Task.Delay(TimeSpan.FromHours(run == 2 ? 25 : 3), instance.Time, CancellationToken.None);
            Assert.Equal(expected[world], await StoreContents.ReadAsync(instance.Blobs, instance.Tables));
        }
        var manifest = await new ManifestReader(instance.Tables).ReloadAsync(CancellationToken.None);
        var live = manifest.Live.Select(row => BlockDescription.PrefixOf(row.Block.Ulid)).ToList();
        var names = world.Storage.Blobs.All.Select(info => info.Name).ToList();
        Assert.DoesNotContain(names, name => name.StartsWith(LogFileName.Prefix, StringComparison.Ordinal));
        Assert.All(
            names.Where(name => name.StartsWith(BlockDescription.Prefix, StringComparison.Ordinal)),
            name => Assert.Contains(live, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        );
        Assert.InRange(live.Count, 1, 3);
    }

    private Ulid NewUlid() =>
        Ulid.Create(1_700_000_000_000 + ulids, [0, 0, 0, 0, 0, 0, 0, 0, (byte)(ulids >> 8), (byte)ulids++]);
}
