using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>CPU of the whole process per million samples received by remote write, log included.</summary>
internal sealed class ReceiveClaim() : Claim("remote-write-in")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.OnceAsync("remote-write-in", run.Prometheus, ReceiveScenario.RunAsync);
        var ours = await run.OnceAsync("remote-write-in", run.Ours, ReceiveScenario.RunAsync);
        return
        [
            new ClaimRow(
                $"receive {ReceiveScenario.Steps} × {ReceiveScenario.Series} samples in requests of {ReceiveScenario.SamplesPerRequest}",
                "CPU s/Msample",
                prometheus.Figure(f => f.CpuPerMillion),
                ours.Figure(f => f.CpuPerMillion),
                Target.AtMostTimes(0.4),
                Notes(
                    prometheus.Problem,
                    ours.Problem,
                    Bytes("Prometheus", prometheus.Figure(f => f.LogBytes / f.Samples)),
                    Bytes("ours", ours.Figure(f => f.LogBytes / f.Samples))
                )
            )
            {
                IsShort = ours.Figure(f => f.Samples / f.Offered) < 0.99,
            },
        ];
    }

    private static string? Bytes(string whose, double? bytes) =>
        bytes is { } value ? $"{whose}: {ClaimRow.Number(value)} bytes of log by sample" : null;
}
