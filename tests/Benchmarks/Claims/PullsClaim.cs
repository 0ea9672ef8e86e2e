using System.Globalization;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>One lossless pull a minute against four scrapes a minute, of the same sources.</summary>
internal sealed class PullsClaim() : Claim("pulls")
{
    /// <summary>An invocation that takes four looks, 15 s apart, lives so long before the last one.</summary>
    private const double WaitingSeconds = 45;
    private const double MostCpu = 0.5;
    private const double MostBusy = 0.1;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var outcome = await run.OnceAsync("pulls", run.Prometheus, PullScenario.RunAsync);
        var rows = new List<ClaimRow>();
        foreach (var mode in new[] { "range", "remote_read" })
        {
            var work = $"{PullScenario.Sources} × {PullScenario.Series} series, a minute by one `{mode}` pull";
            rows.Add(
                new ClaimRow(
                    $"{work}: our CPU by that of four scrapes",
                    "×",
                    null,
                    outcome.Figure(f => f[mode].CpuSeconds / f["federate"].CpuSeconds),
                    Target.AtMost(MostCpu, "×"),
                    Notes(outcome.Problem, Text(outcome.Value, "federate"), Text(outcome.Value, mode))
                )
                {
                    IsShort = outcome.Figure(f => f[mode].Samples / f["federate"].Samples) < 0.98,
                }
            );
            rows.Add(
                new ClaimRow(
                    $"{work}: busy time by that of an invocation with four scrapes",
                    "×",
                    null,
                    outcome.Figure(f => f[mode].BusySeconds / (WaitingSeconds + (f["federate"].BusySeconds / 4))),
                    Target.AtMost(MostBusy, "×"),
                    Notes(outcome.Problem, $"which lives {WaitingSeconds} s before its last scrape")
                )
            );
        }
        return rows;
    }

    private static string? Text(Dictionary<string, PullFigures>? figures, string mode) =>
        figures?.GetValueOrDefault(mode) is { } f
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{mode}: {f.Requests:0.#} requests, {f.Bytes / 1e6:0.0} MB, {f.Samples:0} samples, CPU ours {f.CpuSeconds * 1000:0} ms and the source's {f.SourceCpuSeconds * 1000:0} ms, {f.BusySeconds * 1000:0} ms long"
            )
            : null;
}
