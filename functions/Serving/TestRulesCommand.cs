using Tributary.Functions.CommandLine;
using Tributary.Patterns;
using Tributary.Rules.Testing;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary test rules</c>: unit tests of rules, in memory; no configuration and no storage is touched.</summary>
/// <param name="request">Which tests, and how they are run.</param>
/// <param name="environment">Environment variables, by name: experimental features may be switched on there.</param>
/// <param name="output">Gets a verdict per file.</param>
/// <param name="error">Gets what is not as expected.</param>
internal sealed class TestRulesCommand(
    TestRulesRequest request,
    Func<string, string?> environment,
    TextWriter output,
    TextWriter error
)
{
    /// <summary>Runs the tests.</summary>
    /// <returns>0, or 1 when a test fails or a file is not valid.</returns>
    /// <exception cref="CommandException">An option is not valid, or the results cannot be written.</exception>
    public async Task<int> RunAsync()
    {
        var runner = new RuleTestRunner(
            new RuleTestOptions
            {
                Engine = QuerySettings.Resolve(new CommandOptions(Features: request.Features), environment).Engine,
                Run = [.. request.Run.Select(ParsePattern)],
                ShowsDiff = request.ShowsDiff,
                IgnoresUnknownFields = request.IgnoresUnknownFields,
                Debug = request.IsDebug ? error.WriteLineAsync : null,
            }
        );
        var outcomes = new List<(string File, RuleTestOutcome Outcome)>();
        foreach (var file in request.Files)
        {
            await output.WriteLineAsync($"Unit Testing:  {file}");
            var outcome = await runner.RunAsync(file, CancellationToken.None);
            outcomes.Add((file, outcome));
            await PrintAsync(outcome);
        }
        if (request.JUnit is { } path)
        {
            await WriteAsync(path, outcomes);
        }
        return outcomes.TrueForAll(one => one.Outcome.IsGood) ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task PrintAsync(RuleTestOutcome outcome)
    {
        foreach (var warning in outcome.Warnings)
        {
            await error.WriteLineAsync(warning);
        }
        if (outcome.IsGood)
        {
            await output.WriteLineAsync("  SUCCESS\n");
            return;
        }
        await output.FlushAsync();
        await error.WriteLineAsync("  FAILED:");
        foreach (var problem in outcome.Results.SelectMany(result => result.Problems))
        {
            await error.WriteLineAsync(problem + "\n");
        }
    }

    private static async Task WriteAsync(string path, List<(string File, RuleTestOutcome Outcome)> outcomes)
    {
        try
        {
            var file = File.Create(path);
            await using (file.ConfigureAwait(false))
            {
                await JUnitText.WriteAsync(file, outcomes);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"the results cannot be written: {exception.Message}",
                ExitCode.Failed,
                exception
            );
        }
    }

    private static PatternSearch ParsePattern(string text)
    {
        try
        {
            return PatternSearch.Parse(text);
        }
        catch (PatternException exception)
        {
            throw CommandException.Usage($"--run {text}: {exception.Message}");
        }
    }
}
