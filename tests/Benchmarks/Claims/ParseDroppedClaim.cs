using Tributary.Benchmarks.Kernels;
using Tributary.Benchmarks.Processes;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>
/// One large body, every series dropped. Prometheus drops by `metric_relabel_configs`; ours is our parser and series
/// look-up in a process of its own that receives the same bodies.
/// </summary>
internal sealed class ParseDroppedClaim() : Claim("parse-dropped")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.OnceAsync("parse, dropped", run.Prometheus, Drop);
        var ours = await run.OnceAsync("parse, dropped", run.Ours, OursAsync);
        return
        [
            new ClaimRow(
                "parse one large body, all dropped",
                "CPU ms/MB",
                prometheus.Figure(f => f),
                ours.Figure(f => f),
                Target.AtMostTimes(0.25),
                Notes(prometheus.Problem, ours.Problem)
            ),
        ];
    }

    private static Task<double> Drop(BenchmarkRun run, ServerKind kind) =>
        ParseScenario.ServerAsync(run, kind, drop: true);

    private static Task<double> OursAsync(BenchmarkRun run, ServerKind kind) =>
        kind is PrometheusKind ? Drop(run, kind)
        : ParseKernel.IsJoined ? ParseScenario.KernelAsync(run, "parse")
        : throw new BenchmarkException("the parse kernel is not joined yet");
}
