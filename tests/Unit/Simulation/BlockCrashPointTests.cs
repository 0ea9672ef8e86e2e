using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The manifest's protocols, stopped at every store call, and each with every other one in between.</summary>
public sealed class BlockCrashPointTests
{
    private static readonly long StartMs = SimulatedTime.Start.ToUnixTimeMilliseconds();
    private static readonly TimeRange Everything = new(0, long.MaxValue);
    private static readonly string[] All = ["level 1", "merge", "garbage", "sweep", "retention", "delete", "rebuild"];

    private readonly Dictionary<SimulatedWorld, BlockHistory> histories = [];

    public static TheoryData<string, int> Protocols =>
        new()
        {
            // What is done, and how many store calls that takes from a store prepared for it.
            { "level 1", 34 },
            { "merge", 21 },
            { "garbage", 20 },
            { "sweep", 15 },
            { "retention", 10 },
            { "delete", 8 },
            { "rebuild", 20 },
        };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var first in All.Append("read"))
            {
                foreach (var second in All)
                {
                    pairs.Add(first, second);
                }
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Protocol_KilledAnywhere_LosesNothingAndLeavesNoGarbage(string what, int calls) =>
        Assert.Equal(calls, CrashPoints.Enumerate(world => PrepareAndActAsync(world, what), RecoverAsync));

    [Theory]
    [InlineData("level 1")]
    [InlineData("merge")]
    [InlineData("garbage")]
    [InlineData("delete")]
    [InlineData("rebuild")]
    public void Protocol_KilledAndLandingLate_LosesNothingAndLeavesNoGarbage(string what) =>
        Assert.InRange(
            CrashPoints.EnumerateLateLandings(world => PrepareAndActAsync(world, what), RecoverAsync),
            50,
            int.MaxValue
        );

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Protocol_WithAnotherRightBeforeAnyCall_LosesNothingAndLeavesNoGarbage(string what, string between)
    {
        var call = 0;
        for (var calls = int.MaxValue; call < calls; )
        {
            var number = ++call;
            var world = new SimulatedWorld(1);
            try
            {
                world.Run(async () => calls = await FrozenAsync(world, what, between, number));
            }
            catch (Exception exception)
            {
                Assert.Fail($"{between} before call {number} of {what}: {exception.Message}\n{world.Scheduler.Trace}");
            }
        }
        Assert.True(call > 3);
    }

    /// <summary>One process stands still before a call, another does all of its work and time passes, the first goes on.</summary>
    private async Task<int> FrozenAsync(SimulatedWorld world, string what, string between, int call)
    {
        var history = HistoryOf(world);
        await PrepareAsync(world, what);
        var interlude = new Interlude(
            call,
            async () =>
            {
                await world.DelayAsync(TimeSpan.FromHours(26));
                var other = world.NewInstance();
                await other.RunAsync(async () =>
                {
                    var process = new BlockProcess(other, history);
                    await ActAsync(process, between);
                    await process.CollectGarbageAsync();
                    await world.DelayAsync(TimeSpan.FromHours(2));
                    await process.CollectGarbageAsync();
                    await process.SweepAsync();
                });
            }
        );
        var plant = new BlockPlant("interlude")
        {
            Stores = instance =>
                (new InterludeBlobs(instance.Blobs, interlude), new InterludeTables(instance.Tables, interlude)),
        };
        var frozen = world.NewInstance();
        await frozen.RunAsync(async () =>
        {
            try
            {
                await ActAsync(new BlockProcess(frozen, history, plant), what);
            }
            catch (StoreException)
            {
                // What it held was taken from it; the next run looks again.
            }
        });
        var last = world.NewInstance();
        await last.RunAsync(() => new BlockEnding(world, history, new BlockProcess(last, history)).RunAsync());
        return interlude.Calls;
    }

    private async Task PrepareAndActAsync(SimulatedWorld world, string what)
    {
        // The preparation is another process' work: only the protocol is stopped.
        await PrepareAsync(world, what);
        await ActAsync(new BlockProcess(world.Instance, HistoryOf(world)), what);
    }

    private async Task PrepareAsync(SimulatedWorld world, string what)
    {
        var history = HistoryOf(world);
        var instance = world.NewInstance();
        await instance.RunAsync(async () =>
        {
            var process = new BlockProcess(instance, history);
            await process.AppendAsync(StartMs + 1);
            await process.AppendAsync(StartMs + 2);
            await process.AppendAsync(StartMs + Window.LengthMs + 1);
            await world.DelayAsync(TimeSpan.FromHours(5));
            if (what == "level 1")
            {
                return;
            }
            await process.CompactAsync();
            if (what == "merge")
            {
                // Late samples, so that blocks of one window overlap.
                await process.AppendAsync(StartMs + 3);
                await world.DelayAsync(TimeSpan.FromHours(1));
                await process.CompactAsync(merges: false);
                return;
            }
            await process.DeleteAsync(new TimeRange(StartMs + 1, StartMs + 1), StandInSample.SeriesOf(0));
            await process.AppendAsync(StartMs + 4);
            await world.DelayAsync(what == "retention" ? TimeSpan.FromHours(31) : TimeSpan.FromHours(2));
        });
    }

    private static Task ActAsync(BlockProcess process, string what) =>
        what switch
        {
            "level 1" or "merge" => process.CompactAsync(),
            "garbage" => process.CollectGarbageAsync(),
            "sweep" => process.SweepAsync(),
            "retention" => process.RetainAsync(TimeSpan.FromHours(30)),
            "delete" => process.DeleteAsync(new TimeRange(StartMs, StartMs + 3), StandInSample.SeriesOf(1)),
            "rebuild" => process.RebuildAsync(),
            "read" => process.ReadAsync(Everything, TimeSpan.Zero),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "no protocol"),
        };

    private async Task RecoverAsync(SimulatedWorld world)
    {
        var history = HistoryOf(world);
        history.JudgeStore();
        await new BlockEnding(world, history, new BlockProcess(world.Instance, history)).RunAsync();
    }

    private BlockHistory HistoryOf(SimulatedWorld world)
    {
        if (!histories.TryGetValue(world, out var history))
        {
            histories.Add(world, history = new BlockHistory(world));
        }
        return history;
    }
}
