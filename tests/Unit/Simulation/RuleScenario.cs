using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Processes that overlap, are killed and come back evaluate the same rules; each sees what the rules are about somewhat
/// differently.
/// </summary>
internal sealed class RuleScenario(SimulatedWorld world, RulePlant plant)
{
    public const int SeriesCount = 3;
    public const long IntervalMs = 15_000;
    public const long ForMs = 30_000;
    public const string File = "rules.yml";

    private const string Rules = """
        groups:
        - name: g
          interval: 15s
          rules:
          - {record: a, expr: m}
          - {alert: A, expr: a > 0, for: 30s}
        """;

    private long endMs;

    public SimulatedWorld World => world;

    public RulePlant Plant => plant;

    /// <summary>Makes the names of files.</summary>
    public Random Names { get; } = new((int)world.Seed);

    public IReadOnlyList<RuleGroupConfig> Groups { get; } = RuleFileReader.Read(Rules, File, new RuleFileOptions());

    /// <summary>
    /// The first time that is known to be evaluated: from here on none is left out. A process that began before, and whose
    /// first append hung, may bring an earlier one behind it.
    /// </summary>
    public long? FirstTickMs { get; set; }

    /// <summary>What was handed to the notifiers.</summary>
    public List<FiringAlert> Told { get; } = [];

    /// <summary>Whether a series has a sample: each comes and goes at a pace of its own.</summary>
    public static bool IsThere(int series, long timeMs) => timeMs / IntervalMs / (3 + (2 * series)) % 2 == 0;

    public static Func<SimulatedWorld, Task> With(RulePlant plant) =>
        world => new RuleScenario(world, plant).RunAsync();

    private async Task RunAsync()
    {
        var random = world.Random;
        await world.DelayAsync(TimeSpan.FromMilliseconds(Window.LengthMs) - random.NextDelay(TimeSpan.FromMinutes(2)));
        endMs = NowMs() + (IntervalMs * (6 + random.Next(8)));
        await Task.WhenAll(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => SlotAsync()));
        await world.SettleAsync();
        await world.DelayAsync(TimeSpan.FromMilliseconds(IntervalMs));
        var last = world.NewInstance();
        last.Faults = FaultPolicy.None;
        var process = new RuleProcess(last, this);
        await last.RunAsync(process.FinishAsync);
        await world.SettleAsync();
        await new RuleChecker(this).CheckAsync(NowMs());
    }

    /// <summary>One place for a process: when it is killed, another starts there.</summary>
    private async Task SlotAsync()
    {
        var random = world.Random;
        while (NowMs() < endMs)
        {
            var instance = world.NewInstance(skew: random.NextDelay(TimeSpan.FromSeconds(4)) - TimeSpan.FromSeconds(2));
            if (random.Chance(0.7))
            {
                instance.KillAtCall(1 + random.Next(40), (KillMoment)random.Next((int)KillMoment.LandsLater + 1));
            }
            var process = new RuleProcess(instance, this);
            await instance.RunAsync(() => process.ServeAsync(endMs));
            await world.DelayAsync(random.NextDelay(TimeSpan.FromMilliseconds(2 * IntervalMs)));
        }
    }

    private long NowMs() => world.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
