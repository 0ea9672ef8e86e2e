namespace Tributary.Benchmarks.Claims;

/// <summary>The same answer, compressed.</summary>
internal sealed class FederateGzipClaim() : Claim("federate-gzip")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        return
        [
            new ClaimRow(
                "the same, gzip",
                "ms",
                prometheus.Figure(f => f.Compressed.TotalMs),
                ours.Figure(f => f.Compressed.TotalMs),
                Target.TimesFaster(6),
                FederateNotes.Text(prometheus, ours, f => f.Compressed)
            )
            {
                IsShort = FederateNotes.IsShort(prometheus, ours, f => f.Compressed),
            },
        ];
    }
}
