namespace Tributary.Tests.Unit.Simulation;

/// <summary>The whole way from sources into the log and out to readers, under everything that can go wrong at once.</summary>
public sealed class CollectScenarioTests
{
    [Fact]
    public void Collectors_UnderKillsFaultsSealsAndLateLandings_KeepEveryPromise() =>
        SimulationSeeds.Run(CollectScenario.With(CollectPlant.None));
}
