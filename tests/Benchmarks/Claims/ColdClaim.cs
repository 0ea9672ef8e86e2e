using System.Globalization;
using Tributary.Benchmarks.Processes;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>From nothing to the first answer, and what is resident then: over nothing, a log, and blocks.</summary>
internal sealed class ColdClaim() : Claim("cold")
{
    private const double MaxEmptyMs = 300;
    private const double MaxLogMs = 500;
    private const double MaxBlocksMs = 360;
    private const double MaxIdleMB = 80;
    private const double Mega = 1e6;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var rows = new List<ClaimRow>();
        foreach (var data in Enum.GetValues<ColdData>())
        {
            rows.AddRange(await StandaloneAsync(run, data));
            rows.AddRange(await FunctionsAsync(run, data));
        }

        return rows;
    }

    private static async Task<IReadOnlyList<ClaimRow>> StandaloneAsync(BenchmarkRun run, ColdData data)
    {
        Task<ColdFigures> MeasureAsync(BenchmarkRun one, ServerKind kind) => ColdScenario.RunAsync(one, kind, data);
        var prometheus = await run.OnceAsync($"cold over {data}", run.Prometheus, MeasureAsync);
        var ours = await run.OnceAsync($"cold over {data}", run.Ours, MeasureAsync);
        return Rows(run, "server", data, prometheus, ours, Target.AtMostTimes(1), Target.AtMostTimes(1));
    }

    private static async Task<IReadOnlyList<ClaimRow>> FunctionsAsync(BenchmarkRun run, ColdData data)
    {
        var ours = await run.OnceAsync(
            $"cold as a function app over {data}",
            run.Ours,
            (one, kind) => ColdScenario.RunFunctionsAsync(one, kind, data)
        );
        var max = data switch
        {
            ColdData.RecentLog => MaxLogMs,
            ColdData.Blocks => MaxBlocksMs,
            _ => MaxEmptyMs,
        };
        return Rows(run, "function app", data, null, ours, Target.AtMost(max, "ms"), Target.AtMost(MaxIdleMB, "MB"));
    }

    private static ClaimRow[] Rows(
        BenchmarkRun run,
        string what,
        ColdData data,
        Outcome<ColdFigures>? prometheus,
        Outcome<ColdFigures> ours,
        Target start,
        Target idle
    )
    {
        var over = data switch
        {
            ColdData.RecentLog => $"{run.Settings.HistoryRange.TotalHours:F0} h × {run.Settings.HistorySeries} series",
            ColdData.Blocks => $"{run.Settings.BlockDays} days of blocks",
            _ => "nothing",
        };
        return
        [
            Start("/federate", figures => figures.Federate),
            Start("/api/v1/query", figures => figures.Query),
            new ClaimRow(
                $"{what} over {over}: resident when idle",
                "MB",
                prometheus?.Figure(f => f.IdleBytes / Mega),
                ours.Figure(f => f.IdleBytes / Mega),
                idle,
                Notes(prometheus?.Problem, ours.Problem)
            ),
        ];

        ClaimRow Start(string question, Func<ColdFigures, ColdAnswer> answer) =>
            new(
                $"{what} over {over}: process start → first `{question}`",
                "ms",
                prometheus?.Figure(f => answer(f).FirstMs),
                ours.Figure(f => answer(f).FirstMs),
                start,
                Notes(
                    prometheus?.Problem,
                    ours.Problem,
                    Cpu("Prometheus", prometheus?.Value, answer),
                    Cpu("ours", ours.Value, answer)
                )
            );
    }

    private static string? Cpu(string name, ColdFigures? figures, Func<ColdFigures, ColdAnswer> answer) =>
        figures is null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {answer(figures).CpuMs:F0} ms of CPU, the slowest start {answer(figures).SlowestMs:F0} ms"
            );
}
