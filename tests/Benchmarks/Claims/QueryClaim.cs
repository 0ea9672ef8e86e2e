using System.Globalization;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>Queries and look-ups of dashboards over blocks, warm; and six clients at once.</summary>
internal sealed class QueryClaim() : Claim("queries")
{
    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var outcome = await run.OnceAsync("queries", run.Prometheus, (all, _) => QueryScenario.RunAsync(all));
        return Rows(outcome.Value, outcome.Problem);
    }

    /// <summary>The results.</summary>
    /// <param name="figures">What was measured; null when nothing was.</param>
    /// <param name="problem">Why not.</param>
    public static IReadOnlyList<ClaimRow> Rows(QueryFigures? figures, string? problem)
    {
        var rows = new List<ClaimRow>();
        for (var i = 0; i < QueryQuestions.All.Count; i++)
        {
            var (question, answer) = (QueryQuestions.All[i], figures?.Answers[i]);
            var bytes = string.Create(CultureInfo.InvariantCulture, $"{answer?.Bytes} bytes");
            rows.Add(
                new ClaimRow(
                    question.Name,
                    "ms",
                    answer?.PrometheusMs,
                    answer?.OursMs,
                    Target.AtMostTimes(1),
                    Notes(problem, bytes, answer?.Difference)
                )
                {
                    IsShort = answer?.Difference is not null,
                }
            );
        }
        rows.Add(MeanRow("range queries", figures, problem, 6, QuestionKind.Range));
        rows.Add(MeanRow("large raw answers", figures, problem, 2.5, QuestionKind.Large));
        rows.Add(MeanRow("instant queries", figures, problem, 2, QuestionKind.Instant));
        rows.Add(MeanRow("look-ups", figures, problem, 1, QuestionKind.LookUp));
        rows.Add(MeanRow("all", figures, problem, 4, Enum.GetValues<QuestionKind>()));
        rows.Add(
            new ClaimRow(
                "six clients at once",
                "queries/s",
                figures?.Prometheus.QueriesPerSecond,
                figures?.Ours?.QueriesPerSecond,
                Target.AtLeastTimes(4),
                Notes(problem)
            )
        );
        rows.Add(
            new ClaimRow(
                "six clients at once: peak memory",
                "MiB",
                figures?.Prometheus.PeakMiB,
                figures?.Ours?.PeakMiB,
                Target.AtMostTimes(0.3),
                Notes(problem)
            )
        );
        return rows;
    }

    private static ClaimRow MeanRow(
        string work,
        QueryFigures? figures,
        string? problem,
        double factor,
        params QuestionKind[] kinds
    )
    {
        var answers = QueryQuestions
            .All.Select((question, i) => (question.Kind, Answer: figures?.Answers[i]))
            .Where(one => kinds.Contains(one.Kind))
            .Select(one => one.Answer)
            .ToList();
        return new ClaimRow(
            $"geometric mean, {work}",
            "ms",
            Mean(answers.Select(answer => answer?.PrometheusMs)),
            Mean(answers.Select(answer => answer?.OursMs)),
            Target.TimesFaster(factor),
            Notes(problem, string.Create(CultureInfo.InvariantCulture, $"{answers.Count} questions"))
        );
    }

    private static double? Mean(IEnumerable<double?> values)
    {
        var all = values.ToList();
        return all.Exists(value => value is null) ? null : Math.Exp(all.Average(value => Math.Log(value!.Value)));
    }
}
