using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.Blocks;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Blocks of which a part is deleted, cleaned, stopped at every store call; the next one does the rest, and neither comes
/// anything deleted back, nor is anything else lost, twice or left over.
/// </summary>
public sealed class CleanTombstonesCrashPointTests : IDisposable
{
    private const string Deleted = "{__name__=~\"metric_[012]\"}";
    private readonly BlocksPlace place = new();
    private readonly List<string> expected = [];
    private int deleted;
    private int ulids;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Clean_KilledAnywhere_IsDoneByTheNext()
    {
        await PrepareAsync(blocks: 2);
        Assert.InRange(CrashPoints.Enumerate(RunAsync, RecoverAsync), 30, int.MaxValue);
    }

    [Fact]
    public async Task Clean_KilledAndLandingLate_IsDoneByTheNext()
    {
        await PrepareAsync(blocks: 1);
        Assert.InRange(CrashPoints.EnumerateLateLandings(RunAsync, RecoverAsync), 100, int.MaxValue);
    }

    private async Task PrepareAsync(int blocks)
    {
        for (var number = 1; number <= blocks; number++)
        {
            await place.AddForeignAsync(number, series: 3);
        }
        await place.ImportAsync();
        var selector = SelectorParser.Parse(Deleted);
        foreach (var row in (await place.Manifest.Reader.RefreshAsync(BlocksPlace.Token)).Live)
        {
            var block = await BlockSamples.OpenAsync(place.Manifest.Blobs, BlockPaths.PrefixOf(row.Block.Ulid));
            var series = await BlockSamples.ReadAsync(block);
            var left = series.Where(one => !selector.Matches(one.Labels)).ToList();
            deleted += series.Count - left.Count;
            expected.AddRange(BlockSamples.Dump(left));
        }
        expected.Sort(StringComparer.Ordinal);
        Assert.NotEmpty(expected);
        Assert.NotEqual(0, deleted);
    }

    private async Task RunAsync(SimulatedWorld world)
    {
        var before = world.NewInstance();
        await before.RunAsync(() => FillAsync(before));
        await CleanAsync(world);
    }

    private async Task FillAsync(SimulatedInstance instance)
    {
        var (blobs, tables, time) = (instance.Blobs, instance.Tables, instance.Time);
        var import = new ImportJob(blobs, tables, time, () => NewUlid(instance));
        await foreach (var block in import.RunAsync(ImportFolder.Open(place.Data), CancellationToken.None))
        {
            Require(block.Outcome == ImportOutcome.Imported, "a block was not imported");
        }
        var reader = new ManifestReader(tables);
        var writer = new ManifestWriter(tables, reader, time);
        await new SeriesDeletion(blobs, reader, writer, time, () => NewUlid(instance)).DeleteAsync(
            new TimeRange(0, long.MaxValue / 2),
            [Deleted],
            CancellationToken.None
        );
    }

    private Task<int> CleanAsync(SimulatedWorld world)
    {
        var instance = world.Instance;
        return new CleanTombstonesJob(instance.Blobs, instance.Tables, instance.Time, () => NewUlid(instance)).RunAsync(
            new CompactionOptions(),
            CancellationToken.None
        );
    }

    private async Task RecoverAsync(SimulatedWorld world)
    {
        var (blobs, tables) = (world.Instance.Blobs, world.Instance.Tables);
        // The lease of the killed one ends by itself.
        await world.DelayAsync(TimeSpan.FromMinutes(2));
        await CleanAsync(world);
        Require(await CleanAsync(world) == 0, "cleaned again");
        var beganAt = world.Time.GetUtcNow();
        await CollectGarbageAsync(world, TimeSpan.FromHours(3));
        await CollectGarbageAsync(world, TimeSpan.FromHours(30));

        var manifest = await new ManifestReader(tables).ReloadAsync(CancellationToken.None);
        var lines = new List<string>();
        foreach (var row in manifest.Live)
        {
            // As the files have it: no delete is applied here.
            var block = await BlockSamples.OpenAsync(blobs, BlockPaths.PrefixOf(row.Block.Ulid));
            lines.AddRange(BlockSamples.Dump(await BlockSamples.ReadAsync(block)));
        }
        Require(lines.Order(StringComparer.Ordinal).SequenceEqual(expected), "other samples than were not deleted");
        await foreach (var blob in blobs.ListAsync(BlockPaths.Container, CancellationToken.None))
        {
            var isLive = manifest.Live.Any(row =>
                blob.Name.StartsWith(BlockPaths.PrefixOf(row.Block.Ulid), StringComparison.Ordinal)
            );
            Require(isLive || blob.LastModified > beganAt, $"{blob.Name} is left");
        }
    }

    private async Task CollectGarbageAsync(SimulatedWorld world, TimeSpan later)
    {
        var instance = world.Instance;
        for (var (i, wait) = (0, later); i < 2; i++, wait = TimeSpan.FromHours(2))
        {
            await world.DelayAsync(wait);
            await new GarbageJob(instance.Blobs, instance.Tables, instance.Time, () => NewUlid(instance)).RunAsync(
                new GarbageOptions(),
                CancellationToken.None
            );
        }
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
