namespace Tributary.Tests.Unit.Simulation;

/// <summary>The whole way from sources into the log and out to readers, under everything that can go wrong at once.</summary>
public sealed class CollectScenarioTests(ITestOutputHelper output)
{
    private const int SeedsPerPlant = 1000;

    public static TheoryData<string> Plants => [.. CollectPlants.All.Select(plant => plant.Name)];

    [Fact]
    public void Collectors_UnderKillsFaultsSealsAndLateLandings_KeepEveryPromise() =>
        SimulationSeeds.Run(CollectScenario.With(CollectPlant.None), atScaleOne: SimulationSeeds.Total * 72 / 100);

    [Theory]
    [MemberData(nameof(Plants))]
    public void PlantedBug_IsFound(string name)
    {
        var plant = CollectPlants.All.Single(one => one.Name == name);
        var failure = SimulationSeeds.FirstFailure(CollectScenario.With(plant), SeedsPerPlant);
        Assert.NotNull(failure);
        var firstLine = failure.Message.Split('\n')[0];
        output.WriteLine($"{name} → {firstLine}");
        Assert.Matches(@"^seed \d+: [a-z ]+: ", firstLine);
    }
}
