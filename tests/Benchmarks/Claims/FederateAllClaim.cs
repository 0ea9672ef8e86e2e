namespace Tributary.Benchmarks.Claims;

/// <summary>`/federate` of everything: when it ends, when it begins, what it needs.</summary>
internal sealed class FederateAllClaim() : Claim("federate")
{
    private const double Mebibyte = 1 << 20;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.SteadyAsync(run.Prometheus);
        var ours = await run.SteadyAsync(run.Ours);
        var missing = FederateNotes.IsShort(prometheus, ours, f => f.All);
        return
        [
            new ClaimRow(
                "`/federate` of all: total",
                "ms",
                prometheus.Figure(f => f.All.TotalMs),
                ours.Figure(f => f.All.TotalMs),
                Target.TimesFaster(8),
                FederateNotes.Text(prometheus, ours, f => f.All)
            )
            {
                IsShort = missing,
            },
            new ClaimRow(
                "`/federate` of all: first byte of the body",
                "ms",
                prometheus.Figure(f => f.All.FirstByteMs),
                ours.Figure(f => f.All.FirstByteMs),
                Target.AtMost(10, "ms")
            )
            {
                IsShort = missing,
            },
            new ClaimRow(
                "`/federate` of all: extra memory",
                "MiB",
                prometheus.Figure(f => f.All.ExtraBytes / Mebibyte),
                ours.Figure(f => f.All.ExtraBytes / Mebibyte),
                Target.AtMost(20, "MiB")
            )
            {
                IsShort = missing,
            },
        ];
    }
}
