namespace Tributary.Tests.Unit.Simulation;

/// <summary>Rules evaluated by several processes, under everything that can go wrong at once.</summary>
public sealed class RuleScenarioTests(ITestOutputHelper output)
{
    private const int SeedsPerPlant = 100;

    public static TheoryData<string> Plants => [.. RulePlants.All.Select(plant => plant.Name)];

    [Fact]
    public void Evaluators_UnderKillsFaultsAndLateLandings_MakeEachEvaluationOnce_AndLoseNoAlert() =>
        SimulationSeeds.Run(RuleScenario.With(RulePlant.None), atScaleOne: SimulationSeeds.Total * 4 / 100);

    /// <summary>A late batch made an alert fire that the next evaluation, made from the batch it beats, had anew.</summary>
    [Fact]
    public void Alert_ThatALateBatchMadeFire_IsToldToBeOver()
    {
        const ulong seed = 1346;
        var world = new SimulatedWorld(seed, FaultPolicy.Rough);
        world.Run(() => RuleScenario.With(RulePlant.None)(world));
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void PlantedBug_IsFound(string name)
    {
        var plant = RulePlants.All.Single(one => one.Name == name);
        var failure = SimulationSeeds.FirstFailure(RuleScenario.With(plant), SeedsPerPlant);
        Assert.NotNull(failure);
        var firstLine = failure.Message.Split('\n')[0];
        output.WriteLine($"{name} → {firstLine}");
        Assert.Matches(@"^seed \d+: [a-z ]+: ", firstLine);
    }
}
