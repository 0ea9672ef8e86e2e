using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Collectors that overlap, are killed and come back pull from Prometheus servers that fail; then there is none for a while;
/// at last all is quiet, and what can be had has to be there.
/// </summary>
internal sealed class PullScenario(SimulatedWorld world, PullPlant plant)
{
    private static readonly PullMode[] Modes =
    [
        PullMode.Range,
        PullMode.Range,
        PullMode.RemoteRead,
        PullMode.RemoteRead,
        PullMode.Auto,
        PullMode.Federate,
    ];

    private const int MostQuietIntervals = 15;
    private readonly List<PullProcess> processes = [];
    private bool isRough = true;
    private long endMs;

    public SimulatedWorld World => world;

    public PullPlant Plant => plant;

    public PullHistory History { get; } = new(world);

    public Dictionary<string, ModelPrometheus> Sources { get; } = new(StringComparer.Ordinal);

    public TickSchedule Schedule { get; private set; } = TickSchedule.Aligned;

    public BackfillConfig Backfill { get; private set; } = BackfillConfig.Default;

    /// <summary>When everything began to be quiet, milliseconds since the epoch.</summary>
    public long QuietMs { get; private set; }

    /// <summary>When enough quiet time had gone by for all to be done.</summary>
    public long DoneMs { get; private set; }

    /// <summary>All lives of all processes.</summary>
    public IReadOnlyList<PullProcess> Processes => processes;

    public static Func<SimulatedWorld, Task> With(PullPlant plant) =>
        world => new PullScenario(world, plant).RunAsync();

    public HttpMessageInvoker Http(SimulatedInstance instance) =>
        new ModelPrometheusHttp(instance, Sources, () => isRough, plant.Edit);

    public async Task RunAsync()
    {
        var random = world.Random;
        await world.DelayAsync(TimeSpan.FromMinutes(10) + random.NextDelay(TimeSpan.FromMinutes(110)));
        Schedule = random.Chance(0.5) ? TickSchedule.Aligned : TickSchedule.Spread;
        var interval = TimeSpan.FromSeconds(random.Chance(0.8) ? 60 : 30);
        Backfill = random.Chance(0.2) ? new BackfillConfig(TimeSpan.FromMinutes(20)) : Backfill;
        AddSources(interval);

        await RoughAsync(interval * random.Next(3, 7), interval);
        await world.DelayAsync(Outage(interval));
        if (random.Chance(0.6))
        {
            await RoughAsync(interval * random.Next(2, 5), interval);
            await world.DelayAsync(random.Chance(0.3) ? Outage(interval) : TimeSpan.Zero);
        }
        await QuietAsync(interval);
        await world.SettleAsync();
        new PullChecker(this).Check();
    }

    private bool IsOpen =>
        History.Moments.Count == 0
        || History.Moments[^1].Gaps.Any(gaps => gaps.All.Any(gap => gap.State is GapState.Open));

    private long NowMs() => world.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private TimeSpan Outage(TimeSpan interval) =>
        world.Random.Next(4) switch
        {
            0 => interval * 2,
            1 => TimeSpan.FromMinutes(8),
            2 => TimeSpan.FromMinutes(25),
            _ => TimeSpan.FromMinutes(70),
        };

    private void AddSources(TimeSpan interval)
    {
        var random = world.Random;
        var startMs = NowMs() - (long)random.NextDelay(TimeSpan.FromMinutes(3)).TotalMilliseconds;
        for (var count = 1 + random.Next(2); count > 0; count--)
        {
            var chance = new SeededRandom(random.NextUInt64());
            var source = new ModelPrometheus(count, Modes[random.Next(Modes.Length)], interval, startMs, chance);
            if (source.Target.Config.Source.Pull is PullMode.Auto)
            {
                DrawMissing(source);
            }
            if (random.Chance(0.3))
            {
                var fromMs = NowMs() + (long)random.NextDelay(TimeSpan.FromMinutes(12)).TotalMilliseconds;
                var range = new TimeRange(
                    fromMs,
                    fromMs + (long)random.NextDelay(TimeSpan.FromMinutes(10)).TotalMilliseconds
                );
                Action<TimeRange> fail = random.Chance(0.5) ? source.Cut : source.Stop;
                fail(range);
            }
            Sources.Add(source.Target.Url.Authority, source);
        }
    }

    private void DrawMissing(ModelPrometheus source)
    {
        if (world.Random.Chance(0.5))
        {
            source.Missing.Add("/api/v1/read");
        }
        if (world.Random.Chance(0.2))
        {
            source.Missing.Add("/api/v1/query");
        }
    }

    /// <summary>Everything goes wrong; at the end all processes are killed.</summary>
    private async Task RoughAsync(TimeSpan length, TimeSpan interval)
    {
        endMs = NowMs() + (long)length.TotalMilliseconds;
        var slots = new List<Task>();
        for (var count = 1 + world.Random.Next(3); count > 0; count--)
        {
            slots.Add(SlotAsync(interval));
        }
        await Task.WhenAll(slots);
        processes.ForEach(process => process.Instance.Kill());
    }

    /// <summary>One place for a process: when it is killed, another starts there.</summary>
    private async Task SlotAsync(TimeSpan interval)
    {
        var random = world.Random;
        await world.DelayAsync(random.NextDelay(interval));
        while (NowMs() < endMs)
        {
            var instance = world.NewInstance(skew: random.NextDelay(TimeSpan.FromSeconds(2)) - TimeSpan.FromSeconds(1));
            if (random.Chance(0.6))
            {
                PlanKill(instance, interval);
            }
            await LiveAsync(instance, interval);
            await world.DelayAsync(random.NextDelay(interval));
        }
    }

    private async Task LiveAsync(SimulatedInstance instance, TimeSpan interval)
    {
        var process = new PullProcess(instance, this);
        processes.Add(process);
        var isServer = world.Random.Chance(0.5);
        await instance.RunAsync(() =>
            isServer ? process.ServeAsync(() => endMs) : process.BeInvokedAsync(() => endMs, interval)
        );
    }

    private void PlanKill(SimulatedInstance instance, TimeSpan interval)
    {
        if (world.Random.Chance(0.3))
        {
            world.Scheduler.Schedule(world.Random.NextDelay(interval * 3), instance.Kill);
            return;
        }
        instance.KillAtCall(1 + world.Random.Next(60), (KillMoment)world.Random.Next((int)KillMoment.LandsLater + 1));
    }

    /// <summary>Nothing goes wrong any more: what is open is filled, and then there is nothing left to do but the next tick.</summary>
    private async Task QuietAsync(TimeSpan interval)
    {
        isRough = false;
        QuietMs = NowMs();
        foreach (var source in Sources.Values)
        {
            source.Heal(QuietMs);
        }
        endMs = long.MaxValue;
        var lives = new List<Task>();
        for (var count = 1 + world.Random.Next(2); count > 0; count--)
        {
            var instance = world.NewInstance(FaultPolicy.None);
            lives.Add(LiveAsync(instance, interval));
        }
        await world.DelayAsync(interval * 3);
        // Sources may have asked to be left alone, and what is open is filled in steps.
        for (var patience = MostQuietIntervals; patience > 0 && IsOpen; patience--)
        {
            await world.DelayAsync(interval);
        }
        DoneMs = NowMs();
        await world.DelayAsync(interval * 3);
        endMs = NowMs();
        await Task.WhenAll(lives);
    }
}
