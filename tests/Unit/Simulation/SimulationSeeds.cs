using System.Globalization;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Runs a scenario with many seeds; the first that fails is reported with its number and trace.</summary>
/// <remarks>
/// <c>TEST_SCALE</c> scales the number (1 in CI, 0.02 elsewhere); <c>SIMULATION_SEED</c> picks one, or some: <c>20001-20400</c>.
/// </remarks>
internal static class SimulationSeeds
{
    /// <summary>All seeds of all scenarios together, at scale 1.</summary>
    public const int Total = 10_000;

    private const double ScaleOnAUsersMachine = 0.02;

    /// <summary>Runs seeds 1, 2, … in a rough world.</summary>
    /// <param name="scenario">Throws when it finds a violation.</param>
    /// <param name="atScaleOne">How many of <see cref="Total"/> are this scenario's.</param>
    /// <param name="faults">What may go wrong; null for <see cref="FaultPolicy.Rough"/>.</param>
    /// <exception cref="SimulationFailedException">A seed failed; the message begins with <c>seed N: </c>.</exception>
    public static void Run(Func<SimulatedWorld, Task> scenario, int atScaleOne = Total, FaultPolicy? faults = null)
    {
        var chosen = Environment.GetEnvironmentVariable("SIMULATION_SEED");
        var seeds = string.IsNullOrEmpty(chosen)
            ? Enumerable.Range(1, Scaled(atScaleOne, Environment.GetEnvironmentVariable)).Select(seed => (ulong)seed)
            : Chosen(chosen);
        if (FirstFailure(scenario, seeds, faults) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The first of the seeds 1 to <paramref name="seeds"/> that fails, or null: for bugs put in on purpose.</summary>
    public static SimulationFailedException? FirstFailure(
        Func<SimulatedWorld, Task> scenario,
        int seeds,
        FaultPolicy? faults = null
    ) => FirstFailure(scenario, Enumerable.Range(1, seeds).Select(seed => (ulong)seed), faults);

    /// <summary>How many seeds to run: at least one.</summary>
    /// <param name="atScaleOne">The number in CI.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static int Scaled(int atScaleOne, Func<string, string?> environment)
    {
        var scale = environment("TEST_SCALE") switch
        {
            { Length: > 0 } text => double.Parse(text, CultureInfo.InvariantCulture),
            _ => string.IsNullOrEmpty(environment("CI")) ? ScaleOnAUsersMachine : 1,
        };
        return Math.Max(1, (int)(atScaleOne * scale));
    }

    /// <summary>The seed <c>7</c>, or the seeds <c>20001-20400</c>.</summary>
    internal static IEnumerable<ulong> Chosen(string text)
    {
        var ends = text.Split('-').Select(end => ulong.Parse(end, CultureInfo.InvariantCulture)).ToList();
        for (var seed = ends[0]; seed <= ends[^1]; seed++)
        {
            yield return seed;
        }
    }

    private static SimulationFailedException? FirstFailure(
        Func<SimulatedWorld, Task> scenario,
        IEnumerable<ulong> seeds,
        FaultPolicy? faults
    )
    {
        foreach (var seed in seeds)
        {
            var world = new SimulatedWorld(seed, faults ?? FaultPolicy.Rough);
            try
            {
                world.Run(() => scenario(world));
            }
            catch (Exception exception)
            {
                return new SimulationFailedException(
                    $"seed {seed}: {exception.Message}\n{world.Scheduler.Trace}SIMULATION_SEED={seed} runs it alone.",
                    exception
                );
            }
        }
        return null;
    }
}
