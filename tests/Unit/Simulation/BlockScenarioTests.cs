namespace Tributary.Tests.Unit.Simulation;

/// <summary>The manifest's protocol under everything that can go wrong at once.</summary>
public sealed class BlockScenarioTests(ITestOutputHelper output)
{
    private const int SeedsPerPlant = 1000;

    public static TheoryData<string> Plants => [.. BlockPlants.All.Select(plant => plant.Name)];

    [Fact]
    public void Compactors_UnderKillsFreezesFaultsAndLateLandings_KeepEveryPromise() =>
        SimulationSeeds.Run(BlockScenario.With(BlockPlant.None), atScaleOne: SimulationSeeds.Total / 5);

    [Theory]
    [MemberData(nameof(Plants))]
    public void PlantedBug_IsFound(string name)
    {
        var plant = BlockPlants.All.Single(one => one.Name == name);
        var failure = SimulationSeeds.FirstFailure(BlockScenario.With(plant), SeedsPerPlant);
        Assert.NotNull(failure);
        var firstLine = failure.Message.Split('\n')[0];
        output.WriteLine($"{name} → {firstLine}");
        Assert.Matches(@"^seed \d+: [a-z]+: ", firstLine);
    }
}
