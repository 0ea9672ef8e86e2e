using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Readers: whoever reads the log, in whatever order and pieces, finds the same, again and again.</summary>
internal sealed partial class CollectChecker
{
    private async Task ReadersAsync()
    {
        // All of them at every seed would take half of the time.
        var random = world.Random;
        var instance = world.NewInstance(FaultPolicy.None);
        await instance.RunAsync(async () =>
        {
            var fresh = new RecentLog(scenario.Plant.Reading(instance), new SeriesTable(), writer: null, instance.Time);
            await fresh.LoadAsync(onBatch: null, CancellationToken.None);
            fresh.LoadHistory();
            oracle.Compare("a fresh reader", fresh);
            if (random.Chance(0.3))
            {
                await fresh.RefreshAsync(onBatch: null, CancellationToken.None);
                oracle.Compare("a fresh reader, again", fresh);
            }
            if (random.Chance(0.3))
            {
                await ReadBackwardsAsync(instance);
            }
        });
        if (random.Chance(0.5))
        {
            await FollowerAsync();
        }
        foreach (var process in scenario.Processes.Where(_ => random.Chance(0.5)))
        {
            await process.Instance.RunAsync(async () =>
            {
                await process.ReadToEndAsync();
                oracle.Compare(process.Instance.Name, process.Recent);
            });
        }
    }

    private async Task FollowerAsync()
    {
        scenario.FollowerInstance.Faults = FaultPolicy.None;
        await scenario.FollowerInstance.RunAsync(async () =>
        {
            await scenario.Follower.RefreshAsync(onBatch: null, CancellationToken.None);
            oracle.Compare("the reader", scenario.Follower);
        });
    }

    /// <summary>The files in the opposite order: the same samples.</summary>
    private async Task ReadBackwardsAsync(SimulatedInstance instance)
    {
        var follower = new LogFollower(scenario.Plant.Reading(instance), new SeriesTable());
        var nowMs = instance.Time.GetUtcNow().ToUnixTimeMilliseconds();
        List<Window> windows =
        [
            new(Window.Of(nowMs).StartMs - Window.LengthMs),
            Window.Of(nowMs),
            new(Window.Of(nowMs).EndMs),
        ];
        var found = await follower.ReadOnAsync(windows, _ => false, CancellationToken.None);
        var head = new RecentHead();
        var ledger = new BatchLedger();
        var backwards = found.Reverse().ToList();
        foreach (var part in backwards.SelectMany(file => file.Parts))
        {
            ledger.Offer(part);
        }
        if (scenario.Plant.ReadsFilesApart)
        {
            foreach (var file in backwards)
            {
                var alone = new BatchLedger();
                foreach (var part in file.Parts)
                {
                    alone.Offer(part);
                }
                new LogReplay([file], alone, long.MinValue).Recent(head, onBatch: null);
            }
        }
        else
        {
            new LogReplay(backwards, ledger, long.MinValue).Recent(head, onBatch: null);
        }
        oracle.Compare(
            "backwards",
            head.Select(LogOracle.All, LogOracle.Ever),
            head.SelectLatest(LogOracle.All, LogOracle.Ever)
        );
    }
}
