namespace Tributary.Tests.Unit.Simulation;

/// <summary>How many seeds run, and what a failing one says.</summary>
public sealed class SimulationSeedsTests
{
    [Theory]
    [InlineData(null, null, 200)]
    [InlineData("", "", 200)]
    [InlineData(null, "true", 10_000)]
    [InlineData("0.5", "true", 5_000)]
    [InlineData("10", null, 100_000)]
    [InlineData("0", null, 1)]
    public void Scaled_ByEnvironment(string? scale, string? ci, int expected) =>
        Assert.Equal(
            expected,
            SimulationSeeds.Scaled(SimulationSeeds.Total, name => name == "TEST_SCALE" ? scale : ci)
        );

    [Fact]
    public void FirstFailure_NamesTheSeed()
    {
        var failure = SimulationSeeds.FirstFailure(
            world => world.Seed == 3 ? throw new InvalidDataException("wrong") : Task.CompletedTask,
            5
        );
        Assert.StartsWith("seed 3: wrong\n", failure!.Message, StringComparison.Ordinal);
        Assert.EndsWith("SIMULATION_SEED=3 runs it alone.", failure.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidDataException>(failure.InnerException);
    }

    [Fact]
    public void Run_RunsTheScenario()
    {
        var seeds = new List<ulong>();
        SimulationSeeds.Run(
            world =>
            {
                seeds.Add(world.Seed);
                return Task.CompletedTask;
            },
            atScaleOne: 100
        );
        Assert.NotEmpty(seeds);
    }
}
