using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>Finds what is hardly meant as it stands in one job that federates, or was meant to.</summary>
internal static class FederateAdvice
{
    /// <summary>The parameter of the selectors.</summary>
    public const string MatchParameter = "match[]";

    private const string FederatePath = "/federate";
    private const string PathBeginning = "fede";
    private const string PathLabel = "__metrics_path__";
    private const string MatchLabel = "__param_" + MatchParameter;

    /// <summary>Names that have nothing in common: what matches all of them matches about everything.</summary>
    private static readonly string[] SomeMetrics =
    [
        "up",
        "go_goroutines",
        "node_cpu_seconds_total",
        "container_memory_usage_bytes",
        "http_request_duration_seconds_bucket",
        "kube_pod_info",
        "prometheus_tsdb_head_series",
        "apiserver_request_total",
    ];

    private static readonly string[] SomeJobs = ["prometheus", "node", "kubelet", "kube-state-metrics", "shop/api"];

    private static readonly string[] SomeInstances = ["localhost:9090", "10.0.0.7:9100", "node-1", "h.example:443"];

    /// <summary>Whether a job asks for <c>/federate</c>.</summary>
    public static bool IsFederate(ScrapeConfig job) => job.MetricsPath.EndsWith(FederatePath, StringComparison.Ordinal);

    /// <summary>Whether a job asks for <c>/federate</c>, or for something that was meant for it.</summary>
    public static bool IsMeantToFederate(ScrapeConfig job) => IsFederate(job) || IsMisspelt(job.MetricsPath);

    /// <summary>Warns of what is found.</summary>
    /// <param name="job">The job.</param>
    /// <param name="comparison">Compares selectors.</param>
    public static void Check(ReadJob job, SelectorComparison comparison)
    {
        var (config, section) = (job.Config, job.Section);
        CheckPath(config, section);
        if (!IsMeantToFederate(config))
        {
            return;
        }
        CheckSelectorIsThere(config, section);
        if (section.Mapping.Find("honor_labels") is null)
        {
            section.Warn(
                section.At,
                "honor_labels is missing: job and instance of the source become exported_job and exported_instance",
                Explanations.HonorLabels(Words.Quote(config.JobName))
            );
        }
        CheckSelectors(config, section, comparison);
    }

    /// <summary>The selectors of a job that parse, each with its place.</summary>
    public static IReadOnlyList<(VectorSelector Selector, string Text, YamlMark At)> SelectorsOf(Section section)
    {
        var selectors = new List<(VectorSelector, string, YamlMark)>();
        foreach (var node in SelectorNodes(section))
        {
            if (node is YamlScalar scalar && TryParse(scalar.Value, out _) is { } selector)
            {
                selectors.Add((selector, scalar.Value, scalar.At));
            }
        }
        return selectors;
    }

    /// <summary>Whether a selector selects about every series of a server.</summary>
    public static bool IsWholeServer(VectorSelector selector) =>
        selector.Matchers.All(matcher =>
            matcher.Name switch
            {
                LabelSet.MetricNameLabel => SomeMetrics.All(matcher.Matches),
                "job" => SomeJobs.All(matcher.Matches),
                "instance" => SomeInstances.All(matcher.Matches),
                _ => matcher.Operator is MatchOperator.Regex && matcher.Pattern!.MatchesEverything,
            }
        );

    private static void CheckPath(ScrapeConfig config, Section section)
    {
        if (section.Field("metrics_path") is { } node)
        {
            if (IsMisspelt(config.MetricsPath))
            {
                var path = config.MetricsPath.TrimEnd('/');
                var right = path[..(path.LastIndexOf('/') + 1)].TrimEnd('/') + FederatePath;
                section.Warn(
                    node.At,
                    $"metrics_path is {Words.Quote(config.MetricsPath)}, and a Prometheus federates under {FederatePath}",
                    Explanations.Path(Words.Clean(right))
                );
            }
        }
        else if (
            (section.Field("params") as YamlMapping)?.Find(MatchParameter) is { } entry
            && config.RelabelConfigs.Count == 0
            && !HasLabel(config, PathLabel)
        )
        {
            section.Warn(
                entry.KeyAt,
                $"params has {MatchParameter}, and metrics_path is missing: this asks for /metrics",
                Explanations.NoPath
            );
        }
    }

    /// <summary>Whether a path is another one than <c>/federate</c>, and hardly meant to be.</summary>
    private static bool IsMisspelt(string path)
    {
        var trimmed = path.TrimEnd('/');
        var name = trimmed[(trimmed.LastIndexOf('/') + 1)..];
        return !path.EndsWith(FederatePath, StringComparison.Ordinal)
            && name.StartsWith(PathBeginning, StringComparison.OrdinalIgnoreCase)
            && Words.Nearest(name.ToLowerInvariant(), [FederatePath[1..]]) is not null;
    }

    /// <summary>A <c>/federate</c> that is asked for nothing answers with nothing, and looks well.</summary>
    private static void CheckSelectorIsThere(ScrapeConfig config, Section section)
    {
        var isDiscovered = section.Mapping.Entries.Any(entry =>
            DiscoveryReader.IsKind(entry.Key) && entry.Key is not DiscoveryReader.StaticKind
        );
        var canBeSetLater = isDiscovered || config.RelabelConfigs.Count > 0;
        if (
            canBeSetLater
            || config.Params.GetValueOrDefault(MatchParameter) is { Count: > 0 }
            || HasLabel(config, MatchLabel)
        )
        {
            return;
        }
        if ((section.Field("params") as YamlMapping)?.Find("match") is { } misspelt)
        {
            section.Warn(
                misspelt.KeyAt,
                $"params has match, and the parameter is called {MatchParameter}: the source will answer without a series",
                Explanations.NoSelector
            );
            return;
        }
        section.Warn(
            section.Field("metrics_path")!.At,
            $"metrics_path is /federate, and params has no {MatchParameter}: the source will answer without a series",
            Explanations.NoSelector
        );
    }

    private static void CheckSelectors(ScrapeConfig config, Section section, SelectorComparison comparison)
    {
        foreach (var node in SelectorNodes(section))
        {
            if (node is YamlScalar scalar && TryParse(scalar.Value, out var problem) is null)
            {
                section.Warn(
                    node.At,
                    $"{MatchParameter}: {Words.Quote(scalar.Value)} is no selector: {Words.Clean(problem)}",
                    Explanations.InvalidSelector
                );
            }
        }
        var selectors = SelectorsOf(section);
        for (var i = 0; i < selectors.Count; i++)
        {
            var (selector, text, at) = selectors[i];
            if (IsWholeServer(selector))
            {
                section.Warn(
                    at,
                    $"{MatchParameter} {Words.Clean(text)} selects every series of the source",
                    Explanations.WholeServer(
                        DurationText.Format(config.ScrapeInterval),
                        DurationText.Format(config.ScrapeTimeout)
                    )
                );
            }
            for (var j = 0; j < selectors.Count; j++)
            {
                // Of two that are equal, the second is the one too many.
                if (
                    j != i
                    && comparison.Contains(selectors[j].Selector, selector)
                    && (j < i || !comparison.Contains(selector, selectors[j].Selector))
                )
                {
                    section.Warn(
                        at,
                        $"{MatchParameter} {Words.Clean(text)} adds nothing: {Words.Clean(selectors[j].Text)} in line "
                            + $"{selectors[j].At.Line} selects all of it",
                        Explanations.Contained(Words.Clean(selectors[j].Text), Words.Clean(text))
                    );
                    break;
                }
            }
        }
    }

    private static IReadOnlyList<YamlNode> SelectorNodes(Section section) =>
        ((section.Field("params") as YamlMapping)?.Find(MatchParameter)?.Value as YamlSequence)?.Items ?? [];

    private static VectorSelector? TryParse(string text, out string problem)
    {
        problem = "";
        try
        {
            return SelectorParser.ParseAny(text);
        }
        catch (ParseException exception)
        {
            problem = exception.Message;
            return null;
        }
    }

    private static bool HasLabel(ScrapeConfig config, string label) =>
        config.StaticConfigs.Any(group => group.Labels.Get(label) is not null);
}
