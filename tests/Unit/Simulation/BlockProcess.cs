using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a process does with log and blocks, with the production code's protocol.</summary>
internal sealed class BlockProcess
{
    private readonly IBlobStore blobs;
    private readonly ITableStore tables;
    private readonly BlockHistory history;
    private readonly SimulatedInstance instance;
    private readonly BlockFormats formats;

    public BlockProcess(SimulatedInstance instance, BlockHistory history, BlockPlant? plant = null)
    {
        plant ??= BlockPlant.None;
        this.instance = instance;
        this.history = history;
        var (all, rows) = plant.Stores(instance);
        tables = new WatchedTables(rows, history);
        blobs = new WatchedBlobs(all, instance.World, history);
        Reader = new ManifestReader(tables);
        Writer = new ManifestWriter(tables, Reader, instance.Time);
        formats = history.Formats(this, blobs, tables);
    }

    public string Name => instance.Name;

    public TimeProvider Time => instance.Time;

    public SeededRandom Random => instance.World.Random;

    public TimeSpan Retention => history.Retention;

    public ManifestReader Reader { get; }

    public ManifestWriter Writer { get; }

    public async Task AppendAsync(long timestampMs)
    {
        var sample = history.Append(timestampMs);
        await formats.AppendAsync(sample.Sample);
        sample.Acknowledged = history.Next();
    }

    /// <summary>Compacts and merges until there is nothing to do, or something else came first.</summary>
    /// <returns>How many commits there were.</returns>
    /// <exception cref="InvalidDataException">There is no end to it.</exception>
    public Task<int> CompactAsync(bool merges = true) => formats.CompactAsync(merges);

    public Task CollectGarbageAsync() =>
        new GarbageCollector(blobs, tables, Reader, Writer, instance.Time, NewUlid).RunAsync(new(), default);

    public Task SweepAsync() =>
        new OrphanSweep(blobs, tables, Reader, Writer, instance.Time, NewUlid).RunAsync(new(), default);

    public Task RetainAsync(TimeSpan retention) =>
        new Retention(blobs, tables, Reader, Writer, instance.Time, NewUlid).RunAsync(
            new RetentionPlan { Time = retention },
            default
        );

    public async Task DeleteAsync(TimeRange range, string series)
    {
        var delete = history.Delete(range, series);
        await new SeriesDeletion(blobs, Reader, Writer, instance.Time, NewUlid).DeleteAsync(range, [series], default);
        delete.Acknowledged = history.Next();
    }

    public async Task RebuildAsync()
    {
        try
        {
            await formats.RebuildAsync();
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Somebody else's rebuild ended first, and counts.
        }
    }

    /// <summary>Reads a range, perhaps with a pause between plan and reading, and judges the answer.</summary>
    public async Task ReadAsync(TimeRange range, TimeSpan pause)
    {
        var began = history.Next();
        history.Judge(instance.Name, range, began, await formats.ReadAsync(range, pause));
    }

    public Ulid NewUlid()
    {
        Span<byte> random = stackalloc byte[10];
        for (var i = 0; i < random.Length; i++)
        {
            random[i] = (byte)instance.World.Random.Next(256);
        }
        return Ulid.Create(instance.Time.GetUtcNow().ToUnixTimeMilliseconds(), random);
    }
}
