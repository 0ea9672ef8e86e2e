namespace Tributary.Benchmarks.Claims;

/// <summary>From nothing to the whole history in memory; Prometheus is not ready before that.</summary>
internal sealed class DecodeClaim() : Claim("decode")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.StartsAsync(run.Prometheus);
        var ours = await run.StartsAsync(run.Ours);
        return
        [
            new ClaimRow(
                "process start → all of it decoded",
                "ms",
                prometheus.Value?.Decoded.Figure(d => d),
                ours.Value?.Decoded.Figure(d => d),
                Target.AtMost(500, "ms"),
                Notes(prometheus.Problem, ours.Problem, ours.Value?.Decoded.Problem)
            ),
        ];
    }
}
