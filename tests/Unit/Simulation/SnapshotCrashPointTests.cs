using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// A snapshot of copied, cleaned and new blocks, stopped at every store call: what looks whole is whole, the next one is
/// whole, a later one removes what is left of the killed one, and the store itself is as it was.
/// </summary>
public sealed class SnapshotCrashPointTests : IDisposable
{
    private const string Deleted = "{__name__=~\"metric_[012]\"}";
    private const string LastFile = "/wal/00000000";
    private readonly BlocksPlace place = new();
    private readonly List<string> expected = [];
    private SortedDictionary<string, int> contents = [];
    private bool withLog;
    private int ulids;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Snapshot_KilledAnywhere_IsNotTakenForAWholeOne_AndGoesLater()
    {
        await PrepareAsync(blocks: 2, log: true);
        Assert.InRange(CrashPoints.Enumerate(RunAsync, RecoverAsync), 20, int.MaxValue);
    }

    /// <summary>A process that stands still for days at any of its calls, while others make snapshots.</summary>
    [Fact]
    public async Task Snapshot_FrozenForDaysAnywhere_IsWholeOrNone()
    {
        await PrepareAsync(blocks: 2, log: false);
        for (var (call, calls) = (1, int.MaxValue); call < calls; call++)
        {
            var world = new SimulatedWorld(1);
            var number = call;
            world.Run(async () =>
            {
                await FillAsync(world);
                var frozen = world.Instance;
                var interlude = new Interlude(
                    number,
                    async () =>
                    {
                        await world.DelayAsync(TimeSpan.FromHours(50));
                        var other = world.NewInstance();
                        await other.RunAsync(() => SnapshotAsync(other));
                    }
                );
                var job = new SnapshotJob(
                    new InterludeBlobs(frozen.Blobs, interlude),
                    new InterludeTables(frozen.Tables, interlude),
                    frozen.Time,
                    () => NewUlid(frozen)
                );
                await frozen.RunAsync(() => job.RunAsync(skipHead: false, new CompactionOptions(), default));
                calls = interlude.Calls;
                await world.Restart().RunAsync(() => RecoverAsync(world));
            });
        }
    }

    /// <summary>Only what a snapshot of ours can have left is touched.</summary>
    [Theory]
    [InlineData("snapshots/20260102T030405Z-0123456789abcdef/01J/meta.json", 25, false)]
    [InlineData("snapshots/20260102T030405Z-0123456789abcdef/01J/meta.json", 23, true)]
    [InlineData("snapshots/20260102T030405Z-0123456789abcdef/wal/00000000", 25, true)]
    [InlineData("snapshots/before-the-move/01J/meta.json", 25, true)]
    [InlineData("snapshots/20260102-03/01J/meta.json", 25, true)]
    [InlineData("snapshots/notes.txt", 25, true)]
    public void Snapshot_RemovesOnlyOldUnfinishedOnes(string name, int hours, bool isKept)
    {
        var world = new SimulatedWorld(1);
        world.Run(async () =>
        {
            await world.Instance.Blobs.WriteAsync(name, new byte[1], default, default);
            await world.DelayAsync(TimeSpan.FromHours(hours));
            await SnapshotAsync(world.Instance);
            Require(world.Storage.Blobs.GetInfo(name) is not null == isKept, "kept or not");
        });
    }

    private async Task PrepareAsync(int blocks, bool log)
    {
        withLog = log;
        for (var number = 1; number <= blocks; number++)
        {
            await place.AddForeignAsync(number, series: 3);
        }
        var world = new SimulatedWorld(1);
        world.Run(async () =>
        {
            await FillAsync(world);
            var selector = SelectorParser.Parse(Deleted);
            var (blobs, tables) = (world.Instance.Blobs, world.Instance.Tables);
            await SnapshotAsync(world.Instance);
            contents = await StoreContents.ReadAsync(blobs, tables);
            foreach (var row in (await new ManifestReader(tables).ReloadAsync(default)).Live)
            {
                var block = await BlockSamples.OpenAsync(blobs, BlockPaths.PrefixOf(row.Block.Ulid));
                var series = await BlockSamples.ReadAsync(block);
                expected.AddRange(BlockSamples.Dump(series.Where(one => !selector.Matches(one.Labels))));
            }
        });
        expected.AddRange(log ? BlockSamples.Dump(LogSeries()) : []);
        expected.Sort(StringComparer.Ordinal);
        Assert.NotEmpty(expected);
    }

    private async Task RunAsync(SimulatedWorld world)
    {
        await FillAsync(world);
        await SnapshotAsync(world.Instance);
    }

    /// <summary>Another process' work: only the snapshot is stopped.</summary>
    private async Task FillAsync(SimulatedWorld world)
    {
        var instance = world.NewInstance();
        await instance.RunAsync(async () =>
        {
            var (blobs, tables, time) = (instance.Blobs, instance.Tables, instance.Time);
            var import = new ImportJob(blobs, tables, time, () => NewUlid(instance));
            await foreach (var block in import.RunAsync(ImportFolder.Open(place.Data), default))
            {
                Require(block.Outcome == ImportOutcome.Imported, "a block was not imported");
            }
            var reader = new ManifestReader(tables);
            var writer = new ManifestWriter(tables, reader, time);
            await new SeriesDeletion(blobs, reader, writer, time, () => NewUlid(instance)).DeleteAsync(
                new TimeRange(0, long.MaxValue / 2),
                [Deleted],
                default
            );
            if (withLog)
            {
                var log = new LogWriter(blobs, time, () => NewUlid(instance));
                await log.AppendAsync([LogBatches.Of("a", LogMs, LogColumns())], default);
            }
        });
    }

    private static long LogMs => SimulatedTime.Start.ToUnixTimeMilliseconds();

    private static SampleColumns LogColumns() =>
        new(
            new SeriesList([LogBatches.Series(1), LogBatches.Series(2)]),
            new[] { LogMs, LogMs },
            new double[] { 1, 2 }
        );

    private static List<SelectedSeries> LogSeries()
    {
        var batch = LogBatches.Of("a", LogMs, LogColumns());
        var all = new List<SelectedSeries>();
        foreach (var column in (SampleColumns[])[batch.Scraped, batch.Added])
        {
            for (var at = 0; at < column.Count; at++)
            {
                var sample = new Sample(column.TimestampsMs.Span[at], column.Values.Span[at]);
                all.Add(new SelectedSeries(column.Series[at], [sample]));
            }
        }
        return all;
    }

    private Task<Snapshot> SnapshotAsync(SimulatedInstance instance) =>
        new SnapshotJob(instance.Blobs, instance.Tables, instance.Time, () => NewUlid(instance)).RunAsync(
            skipHead: false,
            new CompactionOptions(),
            default
        );

    private async Task RecoverAsync(SimulatedWorld world)
    {
        await CheckWholeAsync(world);
        await SnapshotAsync(world.Instance);
        Require(await CheckWholeAsync(world) > 0, "the next one is not whole");
        await world.DelayAsync(TimeSpan.FromHours(25));
        var beganAt = world.Time.GetUtcNow();
        await SnapshotAsync(world.Instance);
        var whole = await CheckWholeAsync(world);
        var folders = world
            .Storage.Blobs.All.Where(info => info.Name.StartsWith(SnapshotJob.Prefix, StringComparison.Ordinal))
            .GroupBy(info => info.Name.Split('/')[1], StringComparer.Ordinal)
            .Count(folder =>
                // What lands only now goes a day later.
                folder.All(info => info.LastModified <= beganAt)
                || folder.Any(info => info.Name.EndsWith(LastFile, StringComparison.Ordinal))
            );
        Require(folders == whole, "what a killed one left is still there");
        var now = await StoreContents.ReadAsync(world.Instance.Blobs, world.Instance.Tables);
        Require(now.SequenceEqual(contents), "the store holds something else");
    }

    /// <summary>Everything that has the last file has all the others.</summary>
    private async Task<int> CheckWholeAsync(SimulatedWorld world)
    {
        var names = world.Storage.Blobs.All.Select(info => info.Name).ToList();
        var whole = 0;
        foreach (var name in names.Where(name => name.EndsWith(LastFile, StringComparison.Ordinal)))
        {
            var folder = name[..^(LastFile.Length - 1)];
            var lines = new List<string>();
            foreach (
                var meta in names.Where(other =>
                    other.StartsWith(folder, StringComparison.Ordinal)
                    && other.EndsWith("/meta.json", StringComparison.Ordinal)
                )
            )
            {
                var block = await BlockSamples.OpenAsync(world.Instance.Blobs, meta[..^"meta.json".Length]);
                lines.AddRange(BlockSamples.Dump(await BlockSamples.ReadAsync(block)));
            }
            Require(lines.Order(StringComparer.Ordinal).SequenceEqual(expected), $"{folder} is not whole");
            whole++;
        }
        return whole;
    }

    private Ulid NewUlid(SimulatedInstance instance) =>
        Ulid.Create(
            instance.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            [0, 0, 0, 0, 0, 0, 0, (byte)(++ulids >> 16), (byte)(ulids >> 8), (byte)ulids]
        );

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException(problem);
        }
    }
}
