using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.Blocks;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>An import, stopped at every store call; the next one goes on, and nothing is there twice or left over.</summary>
public sealed class ImportCrashPointTests : IDisposable
{
    private readonly BlocksPlace place = new();
    private List<string> expected = [];
    private int ulids;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Import_KilledAnywhere_GoesOn()
    {
        await PrepareAsync(blocks: 2);
        Assert.Equal(22, CrashPoints.Enumerate(ImportAsync, RecoverAsync));
    }

    [Fact]
    public async Task Import_KilledAndLandingLate_GoesOn()
    {
        await PrepareAsync(blocks: 1);
        Assert.InRange(CrashPoints.EnumerateLateLandings(ImportAsync, RecoverAsync), 14, int.MaxValue);
    }

    private async Task PrepareAsync(int blocks)
    {
        for (var number = 1; number <= blocks; number++)
        {
            await place.AddForeignAsync(number, series: 2);
        }
        await place.ImportAsync();
        expected = await place.DumpAsync();
        Assert.NotEmpty(expected);
    }

    private async Task ImportAsync(SimulatedWorld world) => await ImportAllAsync(world);

    private async Task<List<ImportedBlock>> ImportAllAsync(SimulatedWorld world)
    {
        var (blobs, tables, time) = (world.Instance.Blobs, world.Instance.Tables, world.Instance.Time);
        var job = new ImportJob(blobs, tables, time, () => NewUlid(world));
        var all = new List<ImportedBlock>();
        await foreach (var block in job.RunAsync(ImportFolder.Open(place.Data), CancellationToken.None))
        {
            all.Add(block);
        }
        return all;
    }

    private async Task RecoverAsync(SimulatedWorld world)
    {
        var imported = await ImportAllAsync(world);
        Require(imported.All(block => block.Outcome != ImportOutcome.Refused), "a block was refused");
        var (blobs, tables) = (world.Instance.Blobs, world.Instance.Tables);
        var beganAt = world.Time.GetUtcNow();
        // What a killed import left is given up, and then removed; what landed behind that, by the sweep.
        await CleanAsync(world, TimeSpan.FromHours(3));
        await CleanAsync(world, TimeSpan.FromHours(30));
        var manifest = await new ManifestReader(tables).ReloadAsync(CancellationToken.None);
        Require(manifest.Live.Count() == imported.Count, $"{manifest.Live.Count()} live blocks");
        // What lands late, while this cleans, waits for the next to clean.
        var left = manifest.Blocks.Values.Where(row => row.State != BlockState.Live);
        Require(left.All(row => row.Since > beganAt), "a row is left");
        var lines = new List<string>();
        foreach (var row in manifest.Live)
        {
            var block = await BlockSamples.OpenAsync(blobs, BlockPaths.PrefixOf(row.Block.Ulid));
            lines.AddRange(BlockSamples.Dump(await BlockSamples.ReadAsync(block)));
        }
        Require(lines.Order(StringComparer.Ordinal).SequenceEqual(expected), "other samples than imported");
        await foreach (var blob in blobs.ListAsync(BlockPaths.Container, CancellationToken.None))
        {
            var isLive = manifest.Live.Any(row =>
                blob.Name.StartsWith(BlockPaths.PrefixOf(row.Block.Ulid), StringComparison.Ordinal)
            );
            Require(isLive || blob.LastModified > beganAt, $"{blob.Name} is left");
        }
    }

    private async Task CleanAsync(SimulatedWorld world, TimeSpan later)
    {
        await world.DelayAsync(later);
        var (blobs, tables, time) = (world.Instance.Blobs, world.Instance.Tables, world.Instance.Time);
        await new GarbageJob(blobs, tables, time, () => NewUlid(world)).RunAsync(new GarbageOptions(), default);
        await world.DelayAsync(TimeSpan.FromHours(2));
        await new GarbageJob(blobs, tables, time, () => NewUlid(world)).RunAsync(new GarbageOptions(), default);
    }

    private Ulid NewUlid(SimulatedWorld world) =>
        Ulid.Create(
            world.Time.GetUtcNow().ToUnixTimeMilliseconds(),
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
