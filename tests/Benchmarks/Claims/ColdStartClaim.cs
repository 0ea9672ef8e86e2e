using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>From nothing to the first whole answer.</summary>
internal sealed class ColdStartClaim() : Claim("cold-start")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var prometheus = await run.StartsAsync(run.Prometheus);
        var ours = await run.StartsAsync(run.Ours);
        return
        [
            new ClaimRow(
                $"process start → first `/federate` answer over {run.Settings.HistoryRange.TotalHours:F0} h × "
                    + $"{run.Settings.HistorySeries} series",
                "ms",
                prometheus.Figure(f => f.FirstAnswerMs),
                ours.Figure(f => f.FirstAnswerMs),
                Target.AtMostTimes(1),
                Notes(prometheus.Problem, ours.Problem, Series(prometheus, "Prometheus"), Series(ours, "ours"))
            )
            {
                IsShort = ours.Figure(f => f.Series) < prometheus.Figure(f => f.Series),
            },
        ];
    }

    private static string? Series(Outcome<StartFigures> outcome, string name) =>
        outcome.Value is { } figures ? $"{name}: {figures.Series} series, {figures.Samples} samples in the log" : null;
}
