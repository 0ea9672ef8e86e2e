namespace Tributary.Benchmarks.Claims;

/// <summary>What a sample costs in the log while the same series come again and again.</summary>
internal sealed class LogBytesClaim() : Claim("log-bytes")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        return
        [
            new ClaimRow(
                "log, steady state",
                "bytes/sample",
                prometheus.Figure(f => f.LogBytesPerSample),
                ours.Figure(f => f.LogBytesPerSample),
                Target.AtMost(4, "bytes/sample"),
                Notes(
                    prometheus.Problem,
                    ours.Problem,
                    "Prometheus' is the growth of its WAL",
                    ours.Value is { CrossedWindow: true } ? "a window ended meanwhile" : null
                )
            ),
        ];
    }
}
