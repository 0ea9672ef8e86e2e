using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;

namespace Tributary.Rules.Testing;

/// <summary>Runs all tests of a file.</summary>
/// <param name="options">How they are run.</param>
internal sealed class RuleTestRunner(RuleTestOptions options)
{
    /// <summary>Runs a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>A result for each test; one without a name for a file that is not valid.</returns>
    public async Task<RuleTestOutcome> RunAsync(string path, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        RuleTestFile file;
        List<RuleGroupConfig> groups;
        try
        {
            file = RuleTestFileReader.Read(await ReadAsync(path, cancellationToken), path);
            groups = await ReadRulesAsync(file, warnings, cancellationToken);
        }
        catch (Exception exception) when (exception is ConfigException or IOException or UnauthorizedAccessException)
        {
            return new RuleTestOutcome(warnings, [new RuleTestResult("", [exception.Message], TimeSpan.Zero)]);
        }
        var results = new List<RuleTestResult>();
        for (var i = 0; i < file.Tests.Count; i++)
        {
            var test = file.Tests[i];
            if (options.Run.Count > 0 && !options.Run.Any(pattern => pattern.IsMatch(test.Name)))
            {
                continue;
            }
            var name = test.Name.Length > 0 ? test.Name : string.Create(CultureInfo.InvariantCulture, $"unnamed#{i}");
            results.Add(await RunAsync(file, test, name, groups, cancellationToken));
        }
        return new RuleTestOutcome(warnings, results);
    }

    private async Task<RuleTestResult> RunAsync(
        RuleTestFile file,
        RuleTest test,
        string name,
        List<RuleGroupConfig> groups,
        CancellationToken cancellationToken
    )
    {
        await DebugAsync($"DEBUG: Starting test {name}");
        using var run = new RuleTestRun(file, test, groups, options);
        var problems = await run.RunAsync(cancellationToken);
        if (options.Debug is not null)
        {
            await DebugAsync(
                $"DEBUG: Dump of all data (input_series and rules) at {DurationText.Format(test.End)}:\n{Dump(run.Store)}"
            );
        }
        await DebugAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"DEBUG: Test {name} finished, took {run.Took.TotalMilliseconds:0.###}ms"
            )
        );
        return new RuleTestResult(name, problems, run.Took);
    }

    private Task DebugAsync(string text) => options.Debug?.Invoke(text) ?? Task.CompletedTask;

    /// <summary>The groups of all rule files, in the order of the patterns and then of the names.</summary>
    private async Task<List<RuleGroupConfig>> ReadRulesAsync(
        RuleTestFile file,
        List<string> warnings,
        CancellationToken cancellationToken
    )
    {
        var groups = new List<RuleGroupConfig>();
        var errors = new List<ConfigError>();
        var settings = new RuleFileOptions
        {
            Interval = file.EvaluationInterval,
            Syntax = options.Engine.Syntax,
            IgnoresUnknownFields = options.IgnoresUnknownFields,
        };
        var paths = new List<string>();
        foreach (var pattern in file.RuleFiles)
        {
            var found = FileGlob.Find(pattern);
            if (found.Count == 0)
            {
                warnings.Add($"  WARNING: no file match pattern {pattern}");
            }
            paths.AddRange(found);
        }
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            try
            {
                groups.AddRange(RuleFileReader.Read(await ReadAsync(path, cancellationToken), path, settings));
            }
            catch (ConfigException exception)
            {
                errors.AddRange(exception.Errors);
            }
        }
        return errors.Count == 0 ? groups : throw new ConfigException(errors);
    }

    private static Task<string> ReadAsync(string path, CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(path, cancellationToken);

    private static string Dump(TestStore store)
    {
        var output = new StringBuilder();
        foreach (var (labels, samples) in store.All)
        {
            output.Append(labels).Append(" =>");
            foreach (var (timeMs, value, histogram) in samples)
            {
                var shown = histogram is null ? GoNumber.Plain(value) : HistogramText.Of(histogram);
                output.Append(CultureInfo.InvariantCulture, $"\n{shown} @[{timeMs}]");
            }
            output.Append('\n');
        }
        return output.ToString();
    }
}
