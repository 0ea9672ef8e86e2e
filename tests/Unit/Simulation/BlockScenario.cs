using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Writers fill the log while compactors, garbage collectors, sweeps, retention and deletes work on it at once: killed,
/// restarted, frozen for hours in the middle of a call; readers look on. In the end everything is compacted and clean.
/// </summary>
internal sealed class BlockScenario(SimulatedWorld world, BlockPlant plant, BlockFormats.Maker formats)
{
    private static readonly TimeSpan Writing = TimeSpan.FromHours(5);
    private static readonly TimeSpan Working = TimeSpan.FromHours(9);
    private static readonly TimeRange Everything = new(0, long.MaxValue);

    private readonly BlockHistory history = new(world) { Formats = formats };
    private readonly FaultPolicy faults = DrawFaults(world.Random);

    private SeededRandom Random => world.Random;

    /// <summary>With texts as blocks.</summary>
    public static Func<SimulatedWorld, Task> With(BlockPlant plant) =>
        world =>
            new BlockScenario(
                world,
                plant,
                (process, blobs, tables) => new StandInFormats(process, blobs, tables)
            ).RunAsync();

    /// <summary>With the real log, the real blocks, and the real job.</summary>
    public static Func<SimulatedWorld, Task> WithRealBlocks(BlockPlant plant) =>
        world =>
            new BlockScenario(
                world,
                plant,
                (process, blobs, tables) => new RealFormats(process, blobs, tables)
            ).RunAsync();

    public async Task RunAsync()
    {
        world.Storage.PageSize = Random.Chance(0.5) ? Random.Next(2, 8) : 1000;
        var actors = new List<Task> { LookOnAsync(), WriteAsync(), WriteAsync() };
        actors.Add(RepeatAsync(TimeSpan.FromMinutes(30), Working, process => process.CompactAsync()));
        if (Random.Chance(0.7))
        {
            actors.Add(RepeatAsync(TimeSpan.FromMinutes(50), Working, process => process.CompactAsync()));
        }
        actors.Add(RepeatAsync(TimeSpan.FromHours(1), Working, process => process.CollectGarbageAsync()));
        actors.Add(RepeatAsync(TimeSpan.FromHours(2), Working, process => process.CollectGarbageAsync()));
        actors.Add(RepeatAsync(TimeSpan.FromHours(7), Working * 3, process => process.SweepAsync()));
        actors.Add(RepeatAsync(TimeSpan.FromHours(4), Working, process => process.RetainAsync(history.Retention)));
        actors.Add(RepeatAsync(TimeSpan.FromHours(4), Writing, DeleteAsync));
        for (var readers = 1 + Random.Next(2); readers > 0; readers--)
        {
            actors.Add(RepeatAsync(TimeSpan.FromMinutes(40), Working * 1.2, ReadAsync));
        }
        if (Random.Chance(0.2))
        {
            actors.Add(RebuildAsync());
        }
        await Task.WhenAll(actors);
        await world.SettleAsync(TimeSpan.FromMinutes(10));
        history.JudgeStore();
        await EndAsync();
    }

    /// <summary>Mostly a rough day; in some worlds calls hang for hours, in some for more than a day.</summary>
    private static FaultPolicy DrawFaults(SeededRandom random) =>
        FaultPolicy.Rough with
        {
            Slow = 0.04,
            SlowLatency = random.Next(3) switch
            {
                0 => TimeSpan.FromSeconds(40),
                1 => TimeSpan.FromHours(4),
                _ => TimeSpan.FromHours(30),
            },
            LandsWithin = random.Chance(0.5) ? TimeSpan.FromMinutes(5) : TimeSpan.FromHours(4),
        };

    private async Task LookOnAsync()
    {
        for (var passed = TimeSpan.Zero; passed < Working; passed += TimeSpan.FromMinutes(20))
        {
            await world.DelayAsync(TimeSpan.FromMinutes(20));
            history.JudgeStore();
        }
    }

    /// <summary>A writer without faults: the log has its own scenario.</summary>
    private async Task WriteAsync()
    {
        var instance = world.NewInstance(FaultPolicy.None);
        var process = new BlockProcess(instance, history);
        await instance.RunAsync(async () =>
        {
            var end = world.Time.GetUtcNow() + Writing;
            while (world.Time.GetUtcNow() < end)
            {
                await Task.Delay(Random.NextDelay(TimeSpan.FromMinutes(30)), instance.Time, CancellationToken.None);
                var late = Random.Chance(0.2) ? Random.NextDelay(TimeSpan.FromHours(3)) : TimeSpan.Zero;
                await process.AppendAsync((world.Time.GetUtcNow() - late).ToUnixTimeMilliseconds());
            }
        });
    }

    /// <summary>Runs a job again and again, in processes whose clocks are off, and which are killed at times.</summary>
    private async Task RepeatAsync(TimeSpan interval, TimeSpan until, Func<BlockProcess, Task> job)
    {
        var end = world.Time.GetUtcNow() + until;
        while (world.Time.GetUtcNow() < end)
        {
            var skew = Random.NextDelay(TimeSpan.FromHours(6)) - TimeSpan.FromHours(3);
            var instance = world.NewInstance(faults, skew);
            if (Random.Chance(0.3))
            {
                instance.KillAtCall(1 + Random.Next(40), (KillMoment)Random.Next((int)KillMoment.LandsLater + 1));
            }
            var process = new BlockProcess(instance, history, plant);
            await instance.RunAsync(async () =>
            {
                while (world.Time.GetUtcNow() < end)
                {
                    await Task.Delay(Random.NextDelay(interval * 2), instance.Time, CancellationToken.None);
                    await TryAsync(() => job(process));
                }
            });
        }
    }

    private static async Task TryAsync(Func<Task> job)
    {
        try
        {
            await job();
        }
        catch (StoreException)
        {
            // The next run looks again, as the timer's would.
        }
    }

    private Task DeleteAsync(BlockProcess process)
    {
        var now = world.Time.GetUtcNow();
        var from = now - Random.NextDelay(Writing);
        var to = from + Random.NextDelay(TimeSpan.FromHours(3));
        var range = new TimeRange(from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        return process.DeleteAsync(range, StandInSample.SeriesOf(Random.Next(4)));
    }

    private Task ReadAsync(BlockProcess process)
    {
        var pause = Random.Chance(0.5) ? TimeSpan.Zero : Random.NextSpread(TimeSpan.FromHours(3));
        if (Random.Chance(0.7))
        {
            return process.ReadAsync(Everything, pause);
        }
        var from = (world.Time.GetUtcNow() - Random.NextDelay(Working)).ToUnixTimeMilliseconds();
        return process.ReadAsync(new TimeRange(from, from + Random.Next(4 * (int)Window.LengthMs)), pause);
    }

    private async Task RebuildAsync()
    {
        await world.DelayAsync(Random.NextDelay(Working));
        var instance = world.NewInstance(faults);
        await instance.RunAsync(() => TryAsync(() => new BlockProcess(instance, history, plant).RebuildAsync()));
        // A rebuild is a command: who started it sees it through.
        var again = world.NewInstance(FaultPolicy.None);
        await again.RunAsync(() => new BlockProcess(again, history).RebuildAsync());
    }

    /// <summary>Nothing goes wrong any more: all windows get compacted, all garbage goes, and every answer stays.</summary>
    private async Task EndAsync()
    {
        var instance = world.NewInstance(FaultPolicy.None);
        await instance.RunAsync(() =>
            new BlockEnding(world, history, new BlockProcess(instance, history, plant)).RunAsync()
        );
    }
}
