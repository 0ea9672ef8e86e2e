using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>
/// Finds sources whose series nothing tells apart, and jobs that ask the same source. Only what stands in the file is
/// looked at: lists of targets that come from elsewhere, and rules, may tell more.
/// </summary>
internal static class SourceAdvice
{
    /// <summary>Of a list, so many are compared with one another.</summary>
    private const int MaxCompared = 50;

    /// <summary>Warns of what is found.</summary>
    /// <param name="jobs">All jobs.</param>
    /// <param name="comparison">Compares selectors.</param>
    public static void Check(IReadOnlyList<ReadJob> jobs, SelectorComparison comparison)
    {
        var sources = jobs.Where(job =>
                FederateAdvice.IsMeantToFederate(job.Config) && job.Config.RelabelConfigs.Count == 0
            )
            .SelectMany(SourcesOf)
            .ToList();
        foreach (var alike in sources.Where(source => source.IsSaidByServer).GroupBy(source => source.Told))
        {
            CheckCollision([.. alike.Take(MaxCompared)], comparison);
        }
        var named = new HashSet<(ReadJob, ReadJob)>();
        foreach (var same in sources.GroupBy(source => source.Server, StringComparer.Ordinal))
        {
            CheckSameServer(
                [.. same.DistinctBy(source => source.Job.Config.JobName).Take(MaxCompared)],
                named,
                comparison
            );
        }
    }

    private static IEnumerable<FederatedSource> SourcesOf(ReadJob job)
    {
        var (config, section) = (job.Config, job.Section);
        var selectors = FederateAdvice.SelectorsOf(section).Select(item => item.Selector).ToList();
        var groups = section.List(DiscoveryReader.StaticKind).OfType<YamlMapping>().ToList();
        if (groups.Count != config.StaticConfigs.Count)
        {
            // One of them is an error.
            yield break;
        }
        for (var i = 0; i < groups.Count; i++)
        {
            var labels = config.StaticConfigs[i].Labels;
            foreach (var node in (groups[i].Find("targets")?.Value as YamlSequence)?.Items ?? [])
            {
                if (node is YamlScalar { Value.Length: > 0 } target)
                {
                    yield return new FederatedSource(job, target.Value, labels, selectors, target.At);
                }
            }
        }
    }

    private static void CheckCollision(List<FederatedSource> alike, SelectorComparison comparison)
    {
        var colliding = alike.FindAll(one => alike.Exists(other => one.MeetsSeriesOf(other, comparison)));
        if (colliding.Count < 2)
        {
            return;
        }
        var jobs = colliding.Select(source => source.Job).Distinct().ToList();
        if (jobs.Count == colliding.Count)
        {
            var names = jobs.ConvertAll(job => job.Config.JobName);
            var first = jobs[0].Section;
            first.Errors.Warn(
                first.Field("job_name")!.At,
                $"jobs {SourceSnippet.List(names.ConvertAll(Words.Quote))} federate servers whose series nothing tells "
                    + "apart: job_name is no label of federated series",
                Explanations.JobName(SourceSnippet.WithLabels(colliding))
            );
            return;
        }
        var addresses = colliding.ConvertAll(source => Words.Clean(source.Address));
        var isOneJob = jobs.Count == 1;
        colliding[1]
            .Job.Section.Warn(
                colliding[1].At,
                $"nothing tells the series of {SourceSnippet.List(addresses)} apart",
                Explanations.Collision(
                    SourceSnippet.WithLabels(colliding),
                    isOneJob ? Words.Clean(jobs[0].Config.JobName) : null
                )
            );
    }

    private static void CheckSameServer(
        List<FederatedSource> same,
        HashSet<(ReadJob, ReadJob)> named,
        SelectorComparison comparison
    )
    {
        var parts = new List<FederatedSource>();
        foreach (var source in same)
        {
            var twin = parts.Find(before => before.Covers(source, comparison) || source.Covers(before, comparison));
            if (twin is null)
            {
                parts.Add(source);
                continue;
            }
            if (!named.Add((twin.Job, source.Job)))
            {
                // Of jobs with several targets in common, one is named.
                continue;
            }
            source.Job.Section.Errors.Warn(
                source.Job.Section.Field("job_name")!.At,
                $"jobs {Place(twin, source)} and {Words.Quote(source.Job.Config.JobName)} collect the same series of "
                    + Words.Clean(source.Address),
                Explanations.SameTwice(
                    twin.Job.Config.HonorLabels && source.Job.Config.HonorLabels && twin.HasLabelsOf(source)
                )
            );
        }
        var byHand = parts.FindAll(part => parts.Exists(other => other != part && other.HasTimesAndLabelsOf(part)));
        if (byHand.Count < 2 || !named.Add((byHand[0].Job, byHand[1].Job)))
        {
            return;
        }
        var names = byHand.ConvertAll(part => Words.Quote(part.Job.Config.JobName));
        byHand[1]
            .Job.Section.Errors.Warn(
                byHand[1].Job.Section.Field("job_name")!.At,
                $"jobs {SourceSnippet.List(names)} ask the same source, {Words.Clean(byHand[0].Address)}, for a part each",
                Explanations.SplitByHand(SourceSnippet.OfParts(byHand))
            );
    }

    /// <summary>A job with its line, and with its file where that is another one.</summary>
    private static string Place(FederatedSource named, FederatedSource from)
    {
        var (file, other) = (named.Job.Section.Errors.File, from.Job.Section.Errors.File);
        var isSame = string.Equals(file, other, StringComparison.Ordinal);
        var line = named.Job.Section.At.Line;
        return $"{Words.Quote(named.Job.Config.JobName)} ({(isSame ? $"line {line}" : $"{file}:{line}")})";
    }
}

/// <summary>A target of a job that federates.</summary>
/// <param name="Job">The job.</param>
/// <param name="Address">The target's address.</param>
/// <param name="Labels">The labels that are written for it.</param>
/// <param name="Selectors">What it is asked for.</param>
/// <param name="At">Where the address stands.</param>
internal sealed record FederatedSource(
    ReadJob Job,
    string Address,
    LabelSet Labels,
    IReadOnlyList<VectorSelector> Selectors,
    YamlMark At
)
{
    /// <summary>The labels by which its series differ from those of others: the source's own job and instance win over ours.</summary>
    public LabelSet Told { get; } =
        LabelSet.Of(
            Labels
                .Labels.ToArray()
                .Where(label =>
                    label.Name is not ("job" or "instance") && !label.Name.StartsWith("__", StringComparison.Ordinal)
                )
        );

    /// <summary>What is asked: scheme, address, and the path before <c>/federate</c>.</summary>
    public string Server => $"{Job.Config.Scheme}://{Address}{Job.Config.MetricsPath}";

    /// <summary>Whether the server alone says what labels its series have, but for those of the target.</summary>
    public bool IsSaidByServer =>
        Job.Config.HonorLabels && Job.Config.MetricRelabelConfigs.All(rule => rule.TargetLabel.Length == 0);

    /// <summary>What counts as one source: the targets of a job are, where replicas are declared.</summary>
    private string Source =>
        Job.Config.Source.Failover || Job.Config.Source.Replicas.Count > 0 ? $"job {Job.Config.JobName}" : Server;

    /// <summary>Whether both may send the same series, from different sources.</summary>
    public bool MeetsSeriesOf(FederatedSource other, SelectorComparison comparison) =>
        !string.Equals(Source, other.Source, StringComparison.Ordinal)
        && (
            ReferenceEquals(Selectors, other.Selectors)
                ? Selectors.Count > 0
                : Selectors.Any(one => other.Selectors.Any(two => comparison.MayMeet(one, two)))
        );

    /// <summary>Whether all that another one asks for is asked for here.</summary>
    public bool Covers(FederatedSource other, SelectorComparison comparison) =>
        other.Selectors.Count > 0
        && other.Selectors.All(inner => Selectors.Any(outer => comparison.Contains(outer, inner)));

    /// <summary>Whether both give their series the same labels.</summary>
    public bool HasLabelsOf(FederatedSource other) => Told.Equals(other.Told);

    /// <summary>Whether the two could be one job.</summary>
    public bool HasTimesAndLabelsOf(FederatedSource other) =>
        HasLabelsOf(other)
        && Selectors.Count > 0
        && other.Selectors.Count > 0
        && Job.Config.HonorLabels == other.Job.Config.HonorLabels
        && Job.Config.ScrapeInterval == other.Job.Config.ScrapeInterval;
}
