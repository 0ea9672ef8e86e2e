using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a process does with log and blocks, with the production code's protocol and stand-in formats.</summary>
internal sealed class BlockProcess
{
    private readonly IBlobStore blobs;
    private readonly ITableStore tables;
    private readonly BlockHistory history;
    private readonly SimulatedInstance instance;
    private readonly ManifestReader reader;
    private readonly ManifestWriter writer;
    private readonly Dictionary<Window, (LogFileName Name, long Length)> open = [];

    public BlockProcess(SimulatedInstance instance, BlockHistory history, BlockPlant? plant = null)
    {
        plant ??= BlockPlant.None;
        this.instance = instance;
        this.history = history;
        var (all, rows) = plant.Stores(instance);
        tables = new WatchedTables(rows, history);
        blobs = new WatchedBlobs(all, instance.World, history);
        reader = new ManifestReader(tables);
        writer = new ManifestWriter(tables, reader, instance.Time);
    }

    private LevelOnePlan LevelOne { get; } = new() { GroupBytes = 200, LateBytes = 150 };

    private MergePlan Merges { get; } = new() { InputBytes = 100_000, Retention = TimeSpan.FromDays(15) };

    public async Task AppendAsync(long timestampMs)
    {
        var sample = history.Append(timestampMs);
        await StandInBlocks.AppendAsync(blobs, open, sample.Sample, NewUlid);
        sample.Acknowledged = history.Next();
    }

    /// <summary>Compacts and merges until there is nothing to do, or something else came first.</summary>
    /// <returns>How many commits there were.</returns>
    /// <exception cref="InvalidDataException">There is no end to it.</exception>
    public async Task<int> CompactAsync(bool merges = true)
    {
        var committer = new BlockCommitter(blobs, writer, instance.Time, NewUlid);
        var write = StandInBlocks.Writer(blobs, instance.Time);
        for (var commits = 0; ; commits++)
        {
            var now = await StoreClock.NowAsync(tables, instance.Time, default);
            var log = await LogListing.AllAsync(blobs, default);
            var manifest = await reader.RefreshAsync(default);
            var result =
                LevelOne.Groups(now, log, manifest) is [var group, ..]
                    ? await committer.LevelOneAsync(group, manifest, write, default)
                : merges && Merges.Next(manifest.Blocks.Values) is { } inputs
                    ? await committer.MergeAsync(inputs, manifest, write, default)
                : default;
            if (commits == 100)
            {
                throw new InvalidDataException($"restless: {commits} commits in a row, and still something to do");
            }
            if (!result.IsCommitted)
            {
                return commits;
            }
        }
    }

    public Task CollectGarbageAsync() =>
        new GarbageCollector(blobs, tables, reader, writer, instance.Time, NewUlid).RunAsync(new(), default);

    public Task SweepAsync() =>
        new OrphanSweep(blobs, tables, reader, writer, instance.Time, NewUlid).RunAsync(new(), default);

    public Task RetainAsync(TimeSpan retention) =>
        new Retention(blobs, tables, reader, writer, instance.Time, NewUlid).RunAsync(
            new RetentionPlan { Time = retention },
            default
        );

    public async Task DeleteAsync(TimeRange range, string series)
    {
        var delete = history.Delete(range, series);
        await new SeriesDeletion(blobs, reader, writer, instance.Time, NewUlid).DeleteAsync(range, [series], default);
        delete.Acknowledged = history.Next();
    }

    public async Task RebuildAsync()
    {
        try
        {
            await new ManifestRebuild(blobs, tables, reader, instance.Time, NewUlid).RunAsync(
                _ => StandInBlocks.FindAsync(blobs),
                default
            );
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Somebody else's rebuild ended first, and counts.
        }
    }

    /// <summary>Reads a range, with a pause between plan and reading, and judges the answer.</summary>
    public async Task ReadAsync(TimeRange range, TimeSpan pause)
    {
        var began = history.Next();
        var answer = await new StoreView(blobs, reader).ReadAsync(
            range,
            async (plan, _) =>
            {
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, instance.Time, CancellationToken.None);
                }
                return await StandInBlocks.ReadAsync(blobs, plan);
            },
            default
        );
        history.Judge(instance.Name, range, began, answer);
    }

    private Ulid NewUlid()
    {
        Span<byte> random = stackalloc byte[10];
        for (var i = 0; i < random.Length; i++)
        {
            random[i] = (byte)instance.World.Random.Next(256);
        }
        return Ulid.Create(instance.Time.GetUtcNow().ToUnixTimeMilliseconds(), random);
    }
}
