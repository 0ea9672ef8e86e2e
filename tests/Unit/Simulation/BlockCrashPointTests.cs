using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The manifest's protocols, stopped at every store call, and each with every other one in between.</summary>
public sealed class BlockCrashPointTests
{
    private static readonly long StartMs = SimulatedTime.Start.ToUnixTimeMilliseconds();
    private static readonly TimeRange Everything = new(0, long.MaxValue);
    private static readonly string[] All =
    [
        "level 1",
        "merge",
        "apply deletes",
        "garbage",
        "sweep",
        "retention",
        "delete",
        "rebuild",
    ];

    private readonly Dictionary<SimulatedWorld, BlockHistory> histories = [];
    private bool isReal;

    public static TheoryData<string, int> Protocols =>
        new()
        {
            // What is done, and how many store calls that takes from a store prepared for it.
            { "level 1", 33 },
            { "merge", 19 },
            { "apply deletes", 34 },
            { "garbage", 21 },
            { "sweep", 17 },
            { "retention", 11 },
            { "delete", 7 },
            { "rebuild", 20 },
        };

    public static TheoryData<string, string, int> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string, int>();
            foreach (var first in All.Append("read"))
            {
                foreach (var second in All)
                {
                    pairs.Add(first, second, 0);
                    pairs.Add(first, second, 26);
                }
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Protocol_KilledAnywhere_LosesNothingAndLeavesNoGarbage(string what, int calls) =>
        Assert.Equal(calls, CrashPoints.Enumerate(world => PrepareAndActAsync(world, what), RecoverAsync));

    /// <summary>The same with the log's writer, the job and blocks as they are in production; it takes more calls.</summary>
    [Theory]
    [InlineData("level 1")]
    [InlineData("merge")]
    [InlineData("apply deletes")]
    [InlineData("garbage")]
    [InlineData("sweep")]
    [InlineData("retention")]
    [InlineData("delete")]
    [InlineData("rebuild")]
    public void RealProtocol_KilledAnywhere_LosesNothingAndLeavesNoGarbage(string what)
    {
        isReal = true;
        var calls = CrashPoints.Enumerate(world => PrepareAndActAsync(world, what), RecoverAsync);
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {calls} calls");
        Assert.InRange(calls, 5, 200);
    }

    [Theory]
    [InlineData("level 1")]
    [InlineData("merge")]
    [InlineData("apply deletes")]
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
    public void Protocol_WithAnotherRightBeforeAnyCall_LosesNothingAndLeavesNoGarbage(
        string what,
        string between,
        int hours
    )
    {
        var call = 0;
        for (var calls = int.MaxValue; call < calls; )
        {
            var number = ++call;
            var world = new SimulatedWorld(1);
            try
            {
                world.Run(async () =>
                    calls = await FrozenAsync(world, what, between, TimeSpan.FromHours(hours), number)
                );
            }
            catch (Exception exception)
            {
                Assert.Fail($"{between} before call {number} of {what}: {exception.Message}\n{world.Scheduler.Trace}");
            }
        }
        Assert.True(call > 3);
    }

    /// <summary>One process stands still before a call, another does all of its work and time passes, the first goes on.</summary>
    private async Task<int> FrozenAsync(SimulatedWorld world, string what, string between, TimeSpan frozenFor, int call)
    {
        var history = HistoryOf(world);
        await PrepareAsync(world, what);
        var interlude = new Interlude(
            call,
            async () =>
            {
                await world.DelayAsync(frozenFor);
                var other = world.NewInstance();
                var process = new BlockProcess(other, history);
                await other.RunAsync(() => TryAsync(() => ActAsync(process, between)));
                if (frozenFor > TimeSpan.Zero)
                {
                    await other.RunAsync(() => TryAsync(process.CollectGarbageAsync));
                    await world.DelayAsync(TimeSpan.FromHours(2));
                    await other.RunAsync(() => TryAsync(process.CollectGarbageAsync));
                    await other.RunAsync(() => TryAsync(process.SweepAsync));
                }
            }
        );
        var plant = new BlockPlant("interlude")
        {
            Stores = instance =>
                (new InterludeBlobs(instance.Blobs, interlude), new InterludeTables(instance.Tables, interlude)),
        };
        var frozen = world.NewInstance();
        await frozen.RunAsync(() => TryAsync(() => ActAsync(new BlockProcess(frozen, history, plant), what)));
        var last = world.NewInstance();
        await last.RunAsync(() => new BlockEnding(world, history, new BlockProcess(last, history)).RunAsync());
        return interlude.Calls;
    }

    private static async Task TryAsync(Func<Task> job)
    {
        try
        {
            await job();
        }
        catch (StoreException)
        {
            // What it held was taken from it, or the manifest is being rebuilt; the next run looks again.
        }
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
            // A late sample, so that blocks of one window overlap.
            await process.AppendAsync(StartMs + 3);
            await world.DelayAsync(TimeSpan.FromHours(1));
            await process.CompactAsync(merges: what != "merge");
            if (what == "merge")
            {
                return;
            }
            await process.DeleteAsync(new TimeRange(StartMs + 1, StartMs + 1), StandInSample.SeriesOf(0));
            await process.AppendAsync(StartMs + 4);
            await LeaveOrphansAsync(world);
            await world.DelayAsync(TimeSpan.FromHours(what is "retention" or "sweep" ? 31 : 3));
        });
    }

    /// <summary>What a late upload and an interrupted delete leave behind.</summary>
    private async Task LeaveOrphansAsync(SimulatedWorld world)
    {
        var blobs = world.Storage.ImmediateBlobs();
        var block = BlockDescription.PrefixOf(new Ulid(7));
        foreach (
            var name in new[]
            {
                $"{block}chunks/000001",
                // A real rebuild stops at one that it cannot read.
                $"{block}{(isReal ? "index" : "meta.json")}",
                DeleteDescription.NameOf(new Ulid(8)),
            }
        )
        {
            await blobs.WriteAsync(name, new byte[1], WriteCondition.Create, CancellationToken.None);
        }
    }

    private static Task ActAsync(BlockProcess process, string what) =>
        what switch
        {
            "level 1" or "merge" or "apply deletes" => process.CompactAsync(),
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
            history = isReal
                ? new BlockHistory(world)
                {
                    Formats = (process, blobs, tables) => new RealFormats(process, blobs, tables),
                }
                : new BlockHistory(world);
            histories.Add(world, history);
        }
        return history;
    }
}
