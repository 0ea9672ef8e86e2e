using Tributary.Tests.Unit.Conformance.Scripts;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>The engine gives what upstream's test scripts expect of it.</summary>
/// <remarks>
/// Beside what scripts say, each instant query is asked as upstream's runner does: at other times, with its own time fixed by
/// <c>@</c>, and as the middle of a range query. Those count apart.
/// </remarks>
public sealed class PromQLTestConformanceTests
{
    private const string Folder = "promqltest";
    private const int ShownProblems = 15;

    /// <summary>Evaluations that differ, by <c>file:line</c>, each with the reason.</summary>
    private static readonly Dictionary<string, string> KnownExceptions = [];

    public static TheoryData<string> Names { get; } =
    [
        "aggregators",
        "at_modifier",
        "collision",
        "duration_expression",
        "extended_vectors",
        "fill-modifier",
        "functions",
        "histograms",
        "info",
        "limit",
        "literals",
        "name_label_dropping",
        "native_histograms",
        "operators",
        "range_queries",
        "selectors",
        "staleness",
        "start_timestamps",
        "subquery",
        "trig_functions",
        "type_and_unit",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Engine_AgreesWithScript(string name)
    {
        var path = ConformanceData.PathOf(Path.Combine(Folder, name + ".test"));
        if (!File.Exists(path))
        {
            return;
        }
        var run = new ScriptRun(name);
        await run.RunAsync(path, TestContext.Current.CancellationToken);
        var lines = new[]
        {
            Line($"{Folder}/{name}", run.Passed, run.Problems, out var failed),
            Line(
                $"{Folder}/{name}, at other times and in ranges",
                run.FurtherPassed,
                run.FurtherProblems,
                out var others
            ),
        };
        foreach (var line in lines)
        {
            TestContext.Current.SendDiagnosticMessage(line);
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
        Assert.True(
            failed.Count + others.Count == 0,
            string.Join('\n', [.. lines, .. failed.Take(ShownProblems), .. others.Take(ShownProblems)])
        );
    }

    [Fact]
    public void EveryScript_IsRun()
    {
        var folder = ConformanceData.PathOf(Folder);
        if (Directory.Exists(folder))
        {
            var files = Directory.EnumerateFiles(folder, "*.test").Select(Path.GetFileNameWithoutExtension);
            Assert.Empty(files.Except(Names.Select(row => row.Data)));
        }
    }

    private static string Line(
        string what,
        int passed,
        IReadOnlyList<string> problems,
        out IReadOnlyList<string> failed
    )
    {
        failed = [.. problems.Where(problem => !IsKnown(problem))];
        return $"{what}: {passed} passed, {failed.Count} failed";
    }

    private static bool IsKnown(string problem) =>
        KnownExceptions.Keys.Any(place => problem.StartsWith(place + ":", StringComparison.Ordinal));
}
