using Tributary.Benchmarks.Processes;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>One large body, every sample stored: both servers as they are.</summary>
internal sealed class ParseStoredClaim() : Claim("parse-stored")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.OnceAsync("parse, stored", run.Prometheus, Store);
        var ours = await run.OnceAsync("parse, stored", run.Ours, Store);
        return
        [
            new ClaimRow(
                "the same, stored",
                "CPU ms/MB",
                prometheus.Figure(f => f),
                ours.Figure(f => f),
                Target.AtMostTimes(0.25),
                Notes(prometheus.Problem, ours.Problem)
            ),
        ];
    }

    private static Task<double> Store(BenchmarkRun run, ServerKind kind) =>
        ParseScenario.ServerAsync(run, kind, drop: false);
}
