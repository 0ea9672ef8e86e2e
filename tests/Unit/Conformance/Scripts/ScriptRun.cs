using System.Text.RegularExpressions;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>Runs a script against the engine, and counts.</summary>
internal sealed class ScriptRun
{
    private const long MiddleMs = 60_000;

    private static readonly Regex QueryTimes = new(
        @"\b(range|step|start|end)\(\)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    );

    private static readonly EngineOptions Options = new()
    {
        MaxSamples = 10_000,
        Features = QueryFeatures.All & ~QueryFeatures.TypeAndUnitLabels,
    };

    private readonly string name;
    private ScriptStore store = new();

    /// <summary>Will run a script.</summary>
    /// <param name="name">Its name, for messages.</param>
    public ScriptRun(string name)
    {
        this.name = name;
    }

    /// <summary>How many evaluations gave what the script expects.</summary>
    public int Passed { get; private set; }

    /// <summary>What is wrong with the others.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>How many further evaluations, at fixed times and as range queries, gave the same.</summary>
    public int FurtherPassed { get; private set; }

    /// <summary>What is wrong with the others of those.</summary>
    public List<string> FurtherProblems { get; } = [];

    /// <summary>Runs all commands.</summary>
    public async Task RunAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var command in Script.Read(path))
        {
            switch (command)
            {
                case ScriptClear:
                    store = new ScriptStore();
                    break;
                case ScriptLoad load:
                    load.Apply(store);
                    break;
                case ScriptEval eval:
                    await RunAsync(eval, cancellationToken);
                    break;
                default:
                    throw new FormatException($"unknown command {command}");
            }
        }
    }

    private async Task RunAsync(ScriptEval eval, CancellationToken cancellationToken)
    {
        var (problem, isEvaluated) = eval.IsRange
            ? await JudgeAsync(eval, eval.Query, (eval.StartMs, eval.EndMs, eval.StepMs), -1, cancellationToken)
            : await JudgeAsync(eval, eval.Query, (eval.StartMs, eval.StartMs, 0), 0, cancellationToken);
        if (problem is not null)
        {
            Problems.Add(Place(eval, eval.Query, problem));
            return;
        }
        Passed++;
        if (eval.IsRange || !isEvaluated)
        {
            return;
        }
        await RunInMiddleAsync(eval, eval.Query, eval.StartMs, cancellationToken);
        if (FixedTime.Fix(eval.Query, Options.Syntax, eval.StartMs) is { } query)
        {
            foreach (var time in FixedTime.Times(eval.StartMs))
            {
                var (different, _) = await JudgeAsync(eval, query, (time, time, 0), 0, cancellationToken);
                NoteFurther(eval, $"{query} at {time} ms", different);
                await RunInMiddleAsync(eval, query, time, cancellationToken);
            }
        }
    }

    /// <summary>The instant as the middle step of a range query.</summary>
    private async Task RunInMiddleAsync(ScriptEval eval, string query, long timeMs, CancellationToken cancellationToken)
    {
        if (eval.Fails || eval.Text is not null || eval.RangeVector is not null || QueryTimes.IsMatch(query))
        {
            return;
        }
        var range = (timeMs - MiddleMs, timeMs + MiddleMs, MiddleMs);
        var (problem, _) = await JudgeAsync(eval, query, range, 1, cancellationToken, judgesAnnotations: false);
        NoteFurther(eval, $"{query} around {timeMs} ms", problem);
    }

    private void NoteFurther(ScriptEval eval, string query, string? problem)
    {
        if (problem is null)
        {
            FurtherPassed++;
        }
        else
        {
            FurtherProblems.Add(Place(eval, query, problem));
        }
    }

    private async Task<(string? Problem, bool IsEvaluated)> JudgeAsync(
        ScriptEval eval,
        string query,
        (long StartMs, long EndMs, long StepMs) times,
        int step,
        CancellationToken cancellationToken,
        bool judgesAnnotations = true
    )
    {
        var engine = new QueryEngine(store, Options, TimeProvider.System);
        QueryResult result;
        try
        {
            result =
                times.StepMs == 0
                    ? await engine.InstantAsync(query, times.StartMs, QueryOptions.Default, cancellationToken)
                    : await engine.RangeAsync(
                        query,
                        times.StartMs,
                        times.EndMs,
                        times.StepMs,
                        QueryOptions.Default,
                        cancellationToken
                    );
        }
        catch (Exception e) when (e is QueryException or ParseException or FunctionException)
        {
            var isExpected = eval.Expectations.Any(item => item.Kind == "fail" && item.Matches(e.Message));
            return (isExpected ? null : $"failed: {e.Message}{Wanted(eval, "fail")}", false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A defect of the engine is one failed evaluation, not the end of the script.
            var place = e.StackTrace?.Split('\n').FirstOrDefault()?.Trim();
            return ($"threw {e.GetType().Name}: {e.Message} {place}", false);
        }
        if (eval.Fails)
        {
            return ($"expected to fail{Wanted(eval, "fail")}, got {ScriptComparison.Show(result)}", true);
        }
        var annotations = judgesAnnotations
            ? JudgeAnnotations(eval, result.Warnings, "warn") ?? JudgeAnnotations(eval, result.Infos, "info")
            : null;
        return (annotations ?? ScriptComparison.Compare(eval, result, step, inOrder: times.StepMs == 0), true);
    }

    private static string? JudgeAnnotations(ScriptEval eval, IReadOnlyList<string> actual, string kind)
    {
        var expected = eval.Expectations.Where(item => item.Kind == kind).ToList();
        if (expected.Count == 0)
        {
            return actual.Count > 0 && eval.Expectations.Any(item => item.Kind == $"no_{kind}")
                ? $"expected no {kind}, got {string.Join(" | ", actual)}"
                : null;
        }
        if (actual.Count == 0)
        {
            return $"expected a {kind}{Wanted(eval, kind)}, got none";
        }
        var missing = expected.FirstOrDefault(item => !actual.Any(item.Matches));
        var extra = actual.FirstOrDefault(text => !expected.Exists(item => item.Matches(text)));
        return missing is null && extra is null
            ? null
            : $"expected {kind}{Wanted(eval, kind)}, got {string.Join(" | ", actual)}";
    }

    private static string Wanted(ScriptEval eval, string kind) =>
        string.Concat(eval.Expectations.Where(item => item.Kind == kind).Select(item => $" [{item}]"));

    private string Place(ScriptEval eval, string query, string problem) =>
        $"{name}:{eval.Line}: {query}\n    {problem}";
}
