namespace Tributary.Tests.Unit.Simulation;

/// <summary>The simulation finds what is wrong, and nothing where nothing is.</summary>
public sealed class StandInScenarioTests
{
    private const int Seeds = 500;

    [Fact]
    public void CorrectProtocol_UnderKillsAndLateLandings_HasNoViolation() =>
        Assert.Null(SimulationSeeds.FirstFailure(StandInScenario.Of(Plant.Nothing), Seeds)?.Message);

    [Theory]
    [InlineData(nameof(Plant.RetryAtNewPosition), "doubled")]
    [InlineData(nameof(Plant.BelievesUnknown), "lost")]
    [InlineData(nameof(Plant.BelievesAnyLength), "lost")]
    [InlineData(nameof(Plant.MovesOnWithoutSealing), "doubled")]
    public void PlantedBug_IsFound_WithSeedAndTrace(string plant, string violation)
    {
        var failure = SimulationSeeds.FirstFailure(StandInScenario.Of(Enum.Parse<Plant>(plant)), Seeds);
        Assert.NotNull(failure);
        Assert.Matches($@"^seed \d+: {violation}", failure.Message);
        Assert.Contains("append log/numbers @", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BugThatOnlyALateLandingShows_IsFoundByLateLandingsAlone()
    {
        var errors = FaultPolicy.None with { ErrorBefore = 0.1, ErrorAfter = 0.1, ReadError = 0.1 };
        var late = FaultPolicy.None with { LandsLater = 0.1 };
        var scenario = new Func<SimulatedWorld, Task>(world =>
            new StandInScenario(Plant.MovesOnWithoutSealing, lives: 1).RunAsync(world)
        );
        Assert.Null(SimulationSeeds.FirstFailure(scenario, 100, errors)?.Message);
        Assert.NotNull(SimulationSeeds.FirstFailure(scenario, 100, late));
    }

    [Fact]
    public void Seeds_MeetEveryFaultAndEveryKind_OfKill()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var trace = Trace(seed);
            seen.UnionWith(trace.Entries.Select(entry => entry.Outcome));
        }
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "ok",
                "ok, lands late",
                "ConditionNotMet, lands late",
                "ok, after kill",
                "killed before",
                "killed after",
                nameof(Fault.ErrorBefore),
                nameof(Fault.ErrorAfter),
                nameof(Fault.LandsLater),
                nameof(Fault.Throttled),
            },
            seen
        );
    }

    [Fact]
    public void SameSeed_HasTheSameTrace_AndAnotherSeedAnother()
    {
        var first = Trace(7);
        var again = Trace(7);
        Assert.Equal(first.ToString(), again.ToString());
        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(20, Enumerable.Range(1, 20).Select(seed => Trace((ulong)seed).Hash).Distinct().Count());
    }

    private static SimulationTrace Trace(ulong seed)
    {
        var world = new SimulatedWorld(seed, FaultPolicy.Rough);
        world.Run(() => StandInScenario.Of(Plant.Nothing)(world));
        return world.Scheduler.Trace;
    }
}
