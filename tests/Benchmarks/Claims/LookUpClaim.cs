using System.Globalization;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>Series, label names and values of blocks, warm; and the first answer over them.</summary>
internal sealed class LookUpClaim() : Claim("look-ups")
{
    private static readonly string[] Names =
    [
        "`/api/v1/series` of all",
        "`/api/v1/series` of one metric",
        "`/api/v1/label/pod/values`",
        "`/api/v1/labels`",
        "`/api/v1/label/__name__/values`",
    ];

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var rows = new List<ClaimRow>();
        var series = run.Settings.HistorySeries;
        rows.AddRange(await RowsAsync(run, "look-ups", $"{series} series × 6 h", LookUpScenario.RunAsync));
        rows.AddRange(await RowsAsync(run, "look-ups-many", $"{5 * series} series × 2 h", LookUpScenario.RunManyAsync));
        return rows;
    }

    private static async Task<List<ClaimRow>> RowsAsync(
        BenchmarkRun run,
        string scenario,
        string data,
        Func<BenchmarkRun, Processes.ServerKind, Task<LookUpFigures>> measure
    )
    {
        var prometheus = await run.OnceAsync(scenario, run.Prometheus, measure);
        var ours = await run.OnceAsync(scenario, run.Ours, measure);
        var rows = new List<ClaimRow>();
        for (var i = 0; i < Names.Length; i++)
        {
            var question = i;
            var theirBytes = prometheus.Figure(f => f.Answers[question].Bytes);
            var ourBytes = ours.Figure(f => f.Answers[question].Bytes);
            rows.Add(
                new ClaimRow(
                    $"{Names[i]}, {data}",
                    "ms",
                    prometheus.Figure(f => f.Answers[question].TotalMs),
                    ours.Figure(f => f.Answers[question].TotalMs),
                    i == 0 ? Target.TimesFaster(4) : Target.AtMostTimes(1),
                    Notes(
                        prometheus.Problem,
                        ours.Problem,
                        string.Create(CultureInfo.InvariantCulture, $"{theirBytes} and {ourBytes} bytes")
                    )
                )
                {
                    // The same JSON, byte for byte as long.
                    IsShort = ourBytes < theirBytes,
                }
            );
        }
        rows.Add(
            new ClaimRow(
                $"process start → first `/api/v1/series` of one metric, {data}",
                "ms",
                prometheus.Figure(f => f.FirstAnswerMs),
                ours.Figure(f => f.FirstAnswerMs),
                Target.AtMost(180, "ms"),
                Notes(prometheus.Problem, ours.Problem)
            )
        );
        return rows;
    }
}
