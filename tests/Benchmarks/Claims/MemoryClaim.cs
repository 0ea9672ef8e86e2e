namespace Tributary.Benchmarks.Claims;

/// <summary>Resident memory at the end of the measured time, before anything is read.</summary>
internal sealed class MemoryClaim() : Claim("memory")
{
    private const double Mebibyte = 1 << 20;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        return
        [
            new ClaimRow(
                $"resident memory with {run.Settings.Sources * run.Settings.Series} active series",
                "MiB",
                prometheus.Figure(f => f.ResidentBytes / Mebibyte),
                ours.Figure(f => f.ResidentBytes / Mebibyte),
                Target.AtMostTimes(0.5),
                Notes(
                    prometheus.Problem,
                    ours.Problem,
                    prometheus.Figure(f => f.PeakBytes / Mebibyte) is { } p ? $"peak {ClaimRow.Number(p)}" : null,
                    ours.Figure(f => f.PeakBytes / Mebibyte) is { } o ? $"ours {ClaimRow.Number(o)}" : null
                )
            ),
        ];
    }
}
