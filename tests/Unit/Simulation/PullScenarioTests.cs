namespace Tributary.Tests.Unit.Simulation;

/// <summary>Cursors, gaps and backfill, with several collectors, under everything that can go wrong.</summary>
public sealed class PullScenarioTests(ITestOutputHelper output)
{
    private const int SeedsPerPlant = 300;

    public static TheoryData<string> Plants => [.. PullPlants.All.Select(plant => plant.Name)];

    [Fact]
    public void Collectors_PullingUnderKillsFaultsAndOutages_LoseAndDoubleNothing() =>
        SimulationSeeds.Run(PullScenario.With(PullPlant.None), atScaleOne: SimulationSeeds.Total / 20);

    [Theory]
    [MemberData(nameof(Plants))]
    public void PlantedBug_IsFound(string name)
    {
        var plant = PullPlants.All.Single(one => one.Name == name);
        var failure = SimulationSeeds.FirstFailure(PullScenario.With(plant), SeedsPerPlant);
        Assert.NotNull(failure);
        var firstLine = failure.Message.Split('\n')[0];
        output.WriteLine($"{name} → {firstLine}");
        Assert.Matches(@"^seed \d+: [a-z ]+: ", firstLine);
    }
}
