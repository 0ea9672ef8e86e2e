using Tributary.Benchmarks.Processes;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks;

/// <summary>One run over both servers; a scenario runs once for each, however many claims look at it.</summary>
internal sealed class BenchmarkRun(
    Settings settings,
    Scratch scratch,
    ServerKind prometheus,
    ServerKind? ours,
    CancellationToken cancellation
)
{
    private readonly Dictionary<(string, ServerKind), object> outcomes = [];

    public Settings Settings { get; } = settings;

    public Scratch Scratch { get; } = scratch;

    public CancellationToken Cancellation { get; } = cancellation;

    public ServerKind Prometheus { get; } = prometheus;

    public ServerKind? Ours { get; } = ours;

    public Task<Outcome<SteadyFigures>> SteadyAsync(ServerKind? kind) =>
        OnceAsync("collect", kind, SteadyScenario.RunAsync);

    public Task<Outcome<StartFigures>> StartsAsync(ServerKind? kind) =>
        OnceAsync("start", kind, StartScenario.RunAsync);

    /// <summary>Runs a scenario for a server, or repeats what came of it.</summary>
    /// <param name="name">What the scenario is called.</param>
    /// <param name="kind">The server; null when it is not measured.</param>
    /// <param name="scenario">What to run.</param>
    public async Task<Outcome<T>> OnceAsync<T>(
        string name,
        ServerKind? kind,
        Func<BenchmarkRun, ServerKind, Task<T>> scenario
    )
    {
        if (kind is null)
        {
            return new Outcome<T>(default, "not measured");
        }

        if (outcomes.TryGetValue((name, kind), out var known))
        {
            return (Outcome<T>)known;
        }

        await Console.Error.WriteLineAsync($"{DateTime.Now:HH:mm:ss} {kind.Name}: {name}");
        Outcome<T> outcome;
        try
        {
            outcome = new Outcome<T>(await scenario(this, kind), null);
        }
        catch (BenchmarkException e)
        {
            await Console.Error.WriteLineAsync($"{kind.Name}: {name}: {e.Message}");
            outcome = new Outcome<T>(default, e.Message.Split('\n')[0]);
        }

        outcomes[(name, kind)] = outcome;
        return outcome;
    }
}
