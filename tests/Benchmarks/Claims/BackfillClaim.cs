using System.Globalization;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>An hour that was missed, filled beside the live pulls.</summary>
internal sealed class BackfillClaim() : Claim("backfill")
{
    private const double LeastSpeed = 50;

    /// <summary>One tick of the scenario.</summary>
    private const double MostDelaySeconds = 5;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var outcome = await run.OnceAsync("backfill", run.Ours, BackfillScenario.RunAsync);
        var rows = new List<ClaimRow>();
        foreach (var mode in new[] { "range", "remote_read" })
        {
            var work = $"an hour × {BackfillScenario.Series} series filled by `{mode}`";
            rows.Add(
                new ClaimRow(
                    $"{work}: from the start of the process",
                    "s",
                    null,
                    outcome.Figure(f => f[mode].Seconds),
                    Target.AtMost(BackfillScenario.Gap.TotalSeconds / LeastSpeed, "s"),
                    Notes(outcome.Problem, Text(outcome.Value?.GetValueOrDefault(mode)))
                )
                {
                    IsShort = outcome.Figure(f => f[mode].Stored) < 1,
                }
            );
            rows.Add(
                new ClaimRow(
                    $"{work}: longest delay of a live pull",
                    "s",
                    null,
                    outcome.Figure(f => f[mode].MostDelaySeconds),
                    Target.AtMost(MostDelaySeconds, "s"),
                    Notes(outcome.Problem)
                )
            );
        }
        return rows;
    }

    private static string? Text(BackfillFigures? figures) =>
        figures is null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{BackfillScenario.Gap.TotalSeconds / figures.Seconds:0}× real time; {figures.CpuSeconds:0.0} CPU s of the process in all"
            );
}
