namespace Tributary.Tests.Unit.Simulation;

/// <summary>Rules evaluated by several processes, under everything that can go wrong at once.</summary>
public sealed class RuleScenarioTests
{
    [Fact]
    public void Evaluators_UnderKillsFaultsAndLateLandings_MakeEachEvaluationOnce_AndLoseNoAlert() =>
        SimulationSeeds.Run(RuleScenario.RunAsync, atScaleOne: SimulationSeeds.Total * 4 / 100);
}
