using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary check config --live</c>: asks the sources what the file alone does not tell.</summary>
internal sealed class LiveCheck
{
    private const string MatchParameter = "match[]";

    /// <summary>So many sources are asked at once.</summary>
    private const int MaxAtOnce = 8;

    private readonly string file;
    private readonly SourceSet set;
    private readonly List<ConfigError> warnings;

    private LiveCheck(string file, SourceSet set, IEnumerable<ConfigError> warnings)
    {
        this.file = file;
        this.set = set;
        this.warnings = [.. warnings];
    }

    /// <summary>Asks the federate sources of a configuration.</summary>
    /// <param name="file">What warnings call the file.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="output">Gets what the sources answered.</param>
    /// <returns>The warnings of the configuration in the light of the answers.</returns>
    public static async Task<IReadOnlyList<ConfigError>> RunAsync(
        string file,
        CollectorConfig config,
        TextWriter output
    )
    {
        using var set = await SourceSet.OpenAsync(config, TimeProvider.System);
        var check = new LiveCheck(file, set, config.Warnings);
        foreach (var problem in set.Problems)
        {
            check.Warn(problem);
        }
        var targets = set.Sources.SelectMany(source => source).Where(target => target.IsFederate).ToList();
        var answers = new List<Answer>();
        foreach (var group in targets.Chunk(MaxAtOnce))
        {
            answers.AddRange(await Task.WhenAll(group.Select(check.AskAsync)));
        }
        foreach (var answer in answers)
        {
            foreach (var line in answer.Lines())
            {
                await output.WriteLineAsync(line);
            }
            check.AddCounts(answer);
            if (answer.Report.Verdict is Verdict.Failed or Verdict.Partial)
            {
                check.Warn($"{answer.Name} cannot be collected: {answer.Report.Error}");
            }
        }
        check.CompareLabels(answers);
        return check.warnings;
    }

    private async Task<Answer> AskAsync(Target target)
    {
        var collected = await set.CollectAsync([target]);
        var counts = new List<(string Selector, long? Series, string Problem)>();
        foreach (var selector in target.Config.Params.GetValueOrDefault(MatchParameter) ?? [])
        {
            var (series, problem) = await set.Survey.CountAsync(target, selector, CancellationToken.None);
            counts.Add((selector, series, problem));
        }
        var (labels, reason) = await set.Survey.ExternalLabelsAsync(target, CancellationToken.None);
        return new Answer(target, collected.Batch.Report, collected.Batch.Scraped.Count, counts, labels, reason);
    }

    /// <summary>Says which sources' series nothing tells apart, now that their external labels are known.</summary>
    private void CompareLabels(List<Answer> answers)
    {
        // The same server may be asked by several jobs.
        var known = answers
            .Where(answer => answer.External is not null && answer.Target.HonorLabels)
            .DistinctBy(answer => (answer.Server, answer.Told))
            .ToList();
        foreach (var alike in known.GroupBy(answer => answer.Told!))
        {
            // Declared replicas may well be alike.
            var sources = alike.DistinctBy(answer => answer.Target.Source).ToList();
            if (sources.Count > 1)
            {
                var external = sources[0].External!;
                var labels = external.Labels.Length == 0 ? "no external_labels" : $"the external_labels {external}";
                Warn(
                    $"{string.Join("; ", sources.Select(source => source.Name))}: they have {labels}, and no labels of "
                        + "their targets that tell their series apart"
                );
            }
        }
        var isAllKnown = answers.TrueForAll(answer => answer.External is not null);
        if (isAllKnown && known.DistinctBy(answer => answer.Told).Count() == known.Count)
        {
            // The file alone could not know.
            warnings.RemoveAll(warning => warning.Explanation is { } one && Explanations.IsOfCollision(one));
        }
    }

    /// <summary>Says how many series a selector of all series has.</summary>
    private void AddCounts(Answer answer)
    {
        foreach (var (selector, series, _) in answer.Counts)
        {
            var begin = $"job {Words.Quote(answer.Target.Job)}: {MatchParameter} {Words.Clean(selector)} selects";
            var at = warnings.FindIndex(warning =>
                warning.Explanation is { } one
                && Explanations.IsOfWholeServer(one)
                && warning.Message.StartsWith(begin, StringComparison.Ordinal)
            );
            if (at >= 0 && series is { } count)
            {
                var measured = string.Create(
                    CultureInfo.InvariantCulture,
                    $"; {count} at {answer.Target.Labels.Get("instance")} now"
                );
                warnings[at] = warnings[at] with { Message = warnings[at].Message + measured };
            }
        }
    }

    private void Warn(string message) => warnings.Add(new ConfigError(file, 1, 1, message));

    /// <summary>What a source answered.</summary>
    private sealed record Answer(
        Target Target,
        ScrapeReport Report,
        int Samples,
        IReadOnlyList<(string Selector, long? Series, string Problem)> Counts,
        LabelSet? External,
        string Problem
    )
    {
        public string Name => $"{Target.Job}, {Target.Labels.Get("instance")}";

        public string Server => Target.Url.GetLeftPart(UriPartial.Path);

        /// <summary>The labels by which its series differ from those of others; null when they are not known.</summary>
        public LabelSet? Told { get; } =
            External is null
                ? null
                : LabelSet.Of(
                    Target
                        .Labels.Labels.ToArray()
                        .Where(label => label.Name is not ("job" or "instance") && External.Get(label.Name) is null)
                        .Concat(External.Labels.ToArray())
                );

        public IEnumerable<string> Lines()
        {
            yield return $"{Name}:";
            yield return Text($"    /federate: {Report.Verdict.ToString().ToLowerInvariant()}, {Samples} samples, ")
                + Text(
                    $"{Report.BodyBytes} bytes in {Report.DurationSeconds:0.00} s of {Target.Timeout.TotalSeconds:0.###} s"
                );
            foreach (var (selector, series, problem) in Counts)
            {
                yield return $"    {Words.Clean(selector)}: "
                    + (series is { } count ? Text($"{count} series") : $"not counted: {problem}");
            }
            yield return "    external_labels: "
                + (
                    External is null ? $"not known: {Problem}"
                    : External.Labels.Length == 0 ? "none"
                    : External.ToString()
                );
        }

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
