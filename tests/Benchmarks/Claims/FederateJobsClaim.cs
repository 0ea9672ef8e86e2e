namespace Tributary.Benchmarks.Claims;

/// <summary>What a global Prometheus usually asks for: the recording rules by job.</summary>
internal sealed class FederateJobsClaim() : Claim("federate-jobs")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        return
        [
            new ClaimRow(
                "`/federate` of `job:.*`",
                "ms",
                prometheus.Figure(f => f.Jobs.TotalMs),
                ours.Figure(f => f.Jobs.TotalMs),
                Target.TimesFaster(5),
                FederateNotes.Text(prometheus, ours, f => f.Jobs)
            )
            {
                IsShort = FederateNotes.IsShort(prometheus, ours, f => f.Jobs),
            },
        ];
    }
}
