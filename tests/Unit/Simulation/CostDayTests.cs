using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The ledger of costs against the counters of the storage double.</summary>
public sealed class CostDayTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CompactEvery = TimeSpan.FromMinutes(30);

    /// <summary>Many requests land when nobody waits for them any more, also behind later ones.</summary>
    private static readonly FaultPolicy Late = FaultPolicy.Rough with
    {
        LandsLater = 0.15,
        LandsWithin = TimeSpan.FromMinutes(20),
    };

    /// <summary>A bug that is put in.</summary>
    private bool ForgetsGenerations { get; init; }

    private readonly Dictionary<string, ModelSource> sources = new(StringComparer.Ordinal);
    private readonly List<(SimulatedInstance Instance, CostProcess Process)> processes = [];

    /// <summary>
    /// A day across midnight: collectors follow each other and overlap for a while, every compaction is a process of its own.
    /// What is kept is what the double counted, operation by operation.
    /// </summary>
    [Fact]
    public void Day_OfAFunctionApp_IsKeptToTheOperation()
    {
        var world = new SimulatedWorld(1);
        world.Run(async () =>
        {
            await StartAtAsync(world, TimeSpan.FromHours(13));
            AddSources(world, 2);
            var collecting = Task.WhenAll(
                CollectAsync(world, TimeSpan.Zero, TimeSpan.FromHours(9)),
                CollectAsync(world, TimeSpan.FromHours(8.9), TimeSpan.FromHours(15.1)),
                CollectAsync(world, TimeSpan.FromHours(20), TimeSpan.FromHours(1))
            );
            for (var compactions = 0; compactions < 48; compactions++)
            {
                await world.DelayAsync(CompactEvery);
                await RunAsync(world, process => process.CompactAsync());
            }
            await collecting;
            await world.SettleAsync();
            await CheckDayAsync(world);
        });
    }

    /// <summary>
    /// Faults and kills at any call: of a killed process exactly what it used behind the write that counts is lost, and
    /// nothing is there twice.
    /// </summary>
    [Fact]
    public void Kills_LoseWhatWasUsedSinceTheLastWrite() =>
        SimulationSeeds.Run(
            async world =>
            {
                var scenario = new CostDayTests();
                await scenario.RunKillsAsync(world);
            },
            atScaleOne: 100,
            Late
        );

    /// <summary>A process that goes on in the same row although it does not know what became of a write.</summary>
    [Fact]
    public void Rows_ThatAreWrittenAgainAfterAnUnknownWrite_AreFound() =>
        Assert.NotNull(
            SimulationSeeds.FirstFailure(
                async world =>
                {
                    var scenario = new CostDayTests { ForgetsGenerations = true };
                    await scenario.RunKillsAsync(world);
                },
                seeds: 40,
                Late
            )
        );

    [Fact]
    public void Kills_WithoutFaults_LoseFiveMinutesAtMost() =>
        SimulationSeeds.Run(
            async world =>
            {
                var scenario = new CostDayTests();
                await scenario.RunKillsAsync(world);
            },
            atScaleOne: 50,
            FaultPolicy.None
        );

    private async Task RunKillsAsync(SimulatedWorld world)
    {
        var hasFaults = world.Instance.Faults != FaultPolicy.None;
        await StartAtAsync(world, TimeSpan.FromHours(1));
        AddSources(world, 1 + world.Random.Next(3));
        var lives = new List<CostLife>();
        for (var left = 2 + world.Random.Next(3); left > 0; left--)
        {
            var instance = world.NewInstance();
            var life = new CostLife(instance, sources, ForgetsGenerations);
            lives.Add(life);
            var minutes = 1 + world.Random.Next(25);
            if (world.Random.Chance(0.8))
            {
                instance.KillAtCall(1 + world.Random.Next(150), (KillMoment)world.Random.Next(3));
            }
            await instance.RunAsync(async () =>
            {
                for (var minute = 0; minute < minutes; minute++)
                {
                    await life.Process.CollectAsync();
                    await Task.Delay(Minute, instance.Time, CancellationToken.None);
                }
                await life.Process.EndAsync();
            });
            life.EndedAt = world.Time.GetUtcNow();
        }
        await world.SettleAsync();
        foreach (var life in lives)
        {
            await life.CheckAsync(world.Storage, hasFaults);
        }
    }

    /// <summary>Waits until it is so late after midnight.</summary>
    private static async Task StartAtAsync(SimulatedWorld world, TimeSpan timeOfDay)
    {
        var wait = timeOfDay - world.Time.GetUtcNow().TimeOfDay;
        await world.DelayAsync(wait > TimeSpan.Zero ? wait : wait + TimeSpan.FromDays(1));
    }

    private void AddSources(SimulatedWorld world, int count)
    {
        for (var number = 1; number <= count; number++)
        {
            var source = new ModelSource(number, Minute, world.Random);
            sources.Add(source.Target.Url.Authority, source);
        }
    }

    private async Task CollectAsync(SimulatedWorld world, TimeSpan after, TimeSpan during)
    {
        await world.DelayAsync(after);
        var end = world.Time.GetUtcNow() + during;
        await RunAsync(
            world,
            async process =>
            {
                while (world.Time.GetUtcNow() < end)
                {
                    await process.CollectAsync();
                    await world.DelayAsync(Minute);
                }
            }
        );
    }

    /// <summary>A process that ends orderly.</summary>
    private async Task RunAsync(SimulatedWorld world, Func<CostProcess, Task> work)
    {
        var instance = world.NewInstance();
        var process = new CostProcess(instance, sources, instance.Tables);
        processes.Add((instance, process));
        await instance.RunAsync(async () =>
        {
            await work(process);
            await process.EndAsync();
        });
    }

    private async Task CheckDayAsync(SimulatedWorld world)
    {
        var today = CostLedger.DayOf(world.Time.GetUtcNow());
        var history = await CostHistory.ReadAsync(
            world.Storage.ImmediateTables(),
            today.AddDays(-2),
            today,
            CancellationToken.None
        );
        var kept = history.Totals();
        var counted = processes.Aggregate(default(OperationCounts), (sum, one) => sum + one.Process.Counted);
        Assert.All(
            OperationCounts.Classes,
            operation =>
                Assert.Equal(
                    (operation, counted.MillionthsOf(operation)),
                    (operation, Usage.Sum(kept.Values).Operations.MillionthsOf(operation))
                )
        );
        // Counted a second time, by the double itself.
        Assert.Equal(processes.Sum(one => (double)one.Instance.Calls), Usage.Sum(kept.Values).Operations.Total);
        Assert.Equal(processes.Sum(one => one.Process.Invocations), Usage.Sum(kept.Values).Invocations);
        Assert.Equal(processes.Count, history.Processes);
        Assert.Empty(history.Problems);
        Assert.InRange(history.Days, 0.99, 1.01);
        Assert.Equal(processes.Sum(one => one.Process.BilledMs) * 512, Usage.Sum(kept.Values).OnDemandMbMs);
        Assert.All(sources.Values, source => Assert.True(kept[Payer.Collect.For(source.Target.Source)].Ticks > 1000));
        Assert.Equal(2, history.ByDay().Count);
        Assert.Equal(0, kept.GetValueOrDefault(Payer.Other, Usage.None).Operations.Total);
    }
}
