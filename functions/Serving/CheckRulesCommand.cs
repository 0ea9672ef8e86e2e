using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary check rules</c>: reads files of rules as <c>serve</c> does, and says what is wrong.</summary>
/// <param name="settings">The settings: the configuration, the storage of <c>blob:</c> names, experimental features.</param>
/// <param name="request">The files, and how they are checked.</param>
/// <param name="output">Gets a verdict per file.</param>
/// <param name="error">Gets errors and warnings.</param>
internal sealed class CheckRulesCommand(
    Settings settings,
    CheckRulesRequest request,
    TextWriter output,
    TextWriter error
)
{
    private readonly FindingText text = new();
    private bool hasFailed;
    private bool hasWarned;

    /// <summary>Checks the files, and prints a verdict for each.</summary>
    /// <returns>0, 1 when a file has errors, or 3 when there are only warnings.</returns>
    /// <exception cref="CommandException">There is nothing to check, or a file cannot be read.</exception>
    public async Task<int> RunAsync()
    {
        try
        {
            if (request.Files.Count == 0)
            {
                await CheckConfiguredAsync();
            }
            foreach (var file in request.Files)
            {
                var source = await ConfigSource.ReadTextAsync(file, OpenBlobs, CancellationToken.None);
                await CheckAsync(file, source.Text, new RuleFileOptions());
            }
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
        return hasFailed ? ExitCode.Failed
            : hasWarned ? ExitCode.Warnings
            : ExitCode.Done;
    }

    private async Task CheckConfiguredAsync()
    {
        var name =
            settings.Config
            ?? throw CommandException.Usage(
                $"there is nothing to check: {Settings.DefaultConfigFile} does not exist. Name a file: "
                    + "tributary check rules FILE."
            );
        var config = await ConfigSource.ReadTextAsync(name, OpenBlobs, CancellationToken.None);
        var paths = ConfigReader
            .RulePatterns(config.Text, config.Name)
            .SelectMany(config.Files.Find)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (paths.Count == 0)
        {
            throw new CommandException($"rule_files of '{name}' names no file that is there");
        }
        foreach (var path in paths)
        {
            await CheckAsync(path, Read(config.Files, path), ConfigReader.RuleOptions(config.Text, config.Name));
        }
    }

    private static string Read(ConfigFiles files, string path)
    {
        try
        {
            return files.ReadText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"'{path}' cannot be read: {exception.Message}", ExitCode.Failed, exception);
        }
    }

    private IBlobStore OpenBlobs() => StorageAccess.OpenBlobs(settings, TimeProvider.System);

    private async Task CheckAsync(string file, string content, RuleFileOptions options)
    {
        options = options with
        {
            Syntax = settings.Query.Engine.Syntax,
            IgnoresUnknownFields = request.IgnoresUnknownFields,
        };
        try
        {
            var groups = RuleFileReader.Read(content, file, options);
            var doubles = Doubles(file, groups).ToList();
            foreach (var finding in doubles)
            {
                await error.WriteAsync(text.Of(finding, "warning: "));
            }
            hasWarned |= doubles.Count > 0;
            var warned = doubles.Count > 0 ? $", {Count(doubles.Count, "warning")}" : "";
            await output.WriteLineAsync(
                $"{file}: valid, {Count(groups.Count, "group")}, {Count(groups.Sum(one => one.Rules.Count), "rule")}{warned}"
            );
        }
        catch (ConfigException exception)
        {
            hasFailed = true;
            foreach (var finding in exception.Errors)
            {
                await error.WriteAsync(text.Of(finding, ""));
            }
            await output.WriteLineAsync($"{file}: not valid, {Count(exception.Errors.Count, "error")}");
        }
    }

    /// <summary>Rules that have name and labels with one before in common: their results may be the same series.</summary>
    private static IEnumerable<ConfigError> Doubles(string file, IReadOnlyList<RuleGroupConfig> groups)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var rule in groups.SelectMany(group => group.Rules))
        {
            var name = rule.Record ?? rule.Alert ?? "";
            var key = $"{(rule.Record is null ? 'a' : 'r')} {name} {LabelSet.Of(rule.Labels)}";
            if (!lines.TryAdd(key, rule.Line))
            {
                var problem =
                    $"{Words.Quote(name)} has the name and the labels of the rule in line {lines[key]}: where both have a "
                    + "result, it may be for the same series";
                yield return new ConfigError(file, rule.Line, 1, problem);
            }
        }
    }

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
