namespace Tributary.Benchmarks.Claims;

/// <summary>CPU of the whole process per million samples stored, log included.</summary>
internal sealed class CollectClaim() : Claim("collect")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        var settings = run.Settings;
        var taken = ours.Figure(f => 100 * f.Samples / f.Offered);
        return
        [
            new ClaimRow(
                $"collect {settings.Sources} × {settings.Series} series every {settings.Interval.TotalSeconds:F0} s",
                "CPU s/Msample",
                prometheus.Figure(f => f.CpuPerMillion),
                ours.Figure(f => f.CpuPerMillion),
                Target.AtMostTimes(0.4),
                Notes(
                    prometheus.Problem,
                    ours.Problem,
                    prometheus.Figure(f => 100 * f.Samples / f.Offered) is { } theirs
                        ? $"Prometheus stored {ClaimRow.Number(theirs)} % of the samples offered"
                        : null,
                    taken is { } share ? $"ours {ClaimRow.Number(share)} %" : null
                )
            )
            {
                IsShort = taken < 95,
            },
        ];
    }
}
