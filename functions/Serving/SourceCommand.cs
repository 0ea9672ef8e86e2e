using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Functions.CommandLine;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary source</c>: lists the sources of the configuration, or tries one.</summary>
/// <param name="settings">Where the configuration is.</param>
/// <param name="request">What is asked.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="error">Gets what could not be found.</param>
internal sealed class SourceCommand(Settings settings, SourceRequest request, TextWriter output, TextWriter error)
{
    /// <summary>So many candidates are named when a name is not clear.</summary>
    private const int MaxCandidates = 20;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Runs the verb.</summary>
    /// <returns>0, or 1 when the source that was tried gave nothing.</returns>
    /// <exception cref="CommandException">There is no configuration, or no such source; the message says what to do.</exception>
    public async Task<int> RunAsync()
    {
        using var set = await SourceSet.OpenAsync(await LoadAsync(), Time);
        foreach (var problem in set.Problems)
        {
            await error.WriteLineAsync($"warning: {problem}");
        }
        if (request.Verb is SourceRequest.List)
        {
            foreach (var line in SourceText.Table(set.Sources))
            {
                await output.WriteLineAsync(line);
            }
            return ExitCode.Done;
        }
        var source = Find(set.Sources, request.Name!);
        var collected = await set.CollectAsync(source);
        foreach (var line in SourceText.Trial(source, collected, set.NowMs))
        {
            await output.WriteLineAsync(line);
        }
        if (source[0].IsFederate && collected.Batch.Report.Verdict is not Verdict.Failed)
        {
            var (split, pull) = await set.DescribeAsync(source[0], collected.Memory);
            foreach (var line in SourceText.Ways(split, pull))
            {
                await output.WriteLineAsync(line);
            }
        }
        return collected.Batch.Report.Verdict is Verdict.Failed ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The source that a name means: a job or an instance, or else a part of one key.</summary>
    /// <exception cref="CommandException">It means none, or several.</exception>
    internal static IReadOnlyList<Target> Find(IReadOnlyList<IReadOnlyList<Target>> sources, string name)
    {
        var exact = sources.Where(source => source.Any(target => IsNamed(target, name))).ToList();
        var found = exact.Count > 0 ? exact : [.. sources.Where(source => HasPart(source[0], name))];
        if (found.Count == 1)
        {
            return found[0];
        }
        if (found.Count == 0)
        {
            var names = sources.SelectMany(source => source).SelectMany(NamesOf).Distinct(StringComparer.Ordinal);
            var advice = Words.Nearest(name, names) is { } near
                ? $"did you mean {near}?"
                : "tributary source ls lists what there is.";
            throw CommandException.Usage($"there is no source {Words.Quote(name)}; {advice}");
        }
        var candidates = found.Take(MaxCandidates).Select(source => $"\n  {source[0].Source}");
        var more = found.Count > MaxCandidates ? $"\n  and {found.Count - MaxCandidates} more" : "";
        throw CommandException.Usage(
            $"{Words.Quote(name)} means {found.Count} sources; name one by a part of its key that no other has:"
                + string.Concat(candidates)
                + more
        );
    }

    private static bool IsNamed(Target target, string name) =>
        NamesOf(target).Contains(name, StringComparer.Ordinal)
        || string.Equals(target.Source, name, StringComparison.Ordinal);

    private static IEnumerable<string> NamesOf(Target target) =>
        target.Labels.Get("instance") is { } instance ? [target.Job, instance] : [target.Job];

    private static bool HasPart(Target target, string name) =>
        name.Length > 0 && target.Source.Contains(name, StringComparison.Ordinal);

    private async Task<CollectorConfig> LoadAsync()
    {
        var name =
            settings.Config
            ?? throw CommandException.Usage(
                $"there is no configuration: {Settings.DefaultConfigFile} does not exist. Name one with "
                    + $"{CommandOptions.ConfigName} FILE."
            );
        try
        {
            var text = await ConfigSource.ReadTextAsync(
                name,
                () => StorageAccess.OpenBlobs(settings, Time),
                CancellationToken.None
            );
            return text.Read();
        }
        catch (ConfigException exception)
        {
            throw new CommandException(
                $"the configuration is not valid; tributary check config explains:\n{exception.Message}",
                ExitCode.Failed,
                exception
            );
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
    }
}
