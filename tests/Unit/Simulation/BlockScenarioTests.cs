namespace Tributary.Tests.Unit.Simulation;

/// <summary>The manifest's protocol under everything that can go wrong at once.</summary>
public sealed class BlockScenarioTests(ITestOutputHelper output)
{
    private const int SeedsPerPlant = 1000;

    public static TheoryData<string> Plants => [.. BlockPlants.All.Select(plant => plant.Name)];

    public static TheoryData<string> PlantsOverRealBlocks =>
        [.. BlockPlants.OverRealBlocks.Select(plant => plant.Name)];

    [Fact]
    public void Compactors_UnderKillsFreezesFaultsAndLateLandings_KeepEveryPromise() =>
        SimulationSeeds.Run(BlockScenario.With(BlockPlant.None), atScaleOne: SimulationSeeds.Total * 1425 / 10_000);

    [Fact]
    public void CompactJobs_WithRealBlocksAndHistograms_KeepEveryPromise() =>
        SimulationSeeds.Run(
            BlockScenario.WithRealBlocks(BlockPlant.None),
            atScaleOne: SimulationSeeds.Total * 475 / 10_000
        );

    [Theory]
    [MemberData(nameof(Plants))]
    public void PlantedBug_IsFound(string name) => Find(name, BlockScenario.With);

    [Theory]
    [MemberData(nameof(PlantsOverRealBlocks))]
    public void PlantedBug_IsFoundOverRealBlocks(string name) => Find(name, BlockScenario.WithRealBlocks);

    private void Find(string name, Func<BlockPlant, Func<SimulatedWorld, Task>> scenario)
    {
        var plant = BlockPlants.All.Single(one => one.Name == name);
        var failure = SimulationSeeds.FirstFailure(scenario(plant), SeedsPerPlant);
        Assert.NotNull(failure);
        var firstLine = failure.Message.Split('\n')[0];
        output.WriteLine($"{name} → {firstLine}");
        Assert.Matches(@"^seed \d+: [a-z]+: ", firstLine);
    }
}
