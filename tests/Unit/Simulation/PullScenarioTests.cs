namespace Tributary.Tests.Unit.Simulation;

/// <summary>Cursors, gaps and backfill, with several collectors, under everything that can go wrong.</summary>
public sealed class PullScenarioTests
{
    [Fact]
    public void Collectors_PullingUnderKillsFaultsAndOutages_LoseAndDoubleNothing() =>
        SimulationSeeds.Run(PullScenario.With(PullPlant.None), atScaleOne: SimulationSeeds.Total * 3 / 20);
}
