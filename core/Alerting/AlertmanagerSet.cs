using System.Collections.Frozen;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Relabeling;

namespace Tributary.Alerting;

/// <summary>The Alertmanagers that one item of <c>alerting.alertmanagers</c> found.</summary>
/// <param name="Config">The item.</param>
/// <param name="Active">Where alerts are sent, each address once, in the order of discovery.</param>
/// <param name="Dropped">The addresses of those that relabelling dropped.</param>
/// <param name="Problems">What is wrong with the others, without secrets.</param>
public sealed record AlertmanagerSet(
    AlertmanagerConfig Config,
    IReadOnlyList<Uri> Active,
    IReadOnlyList<Uri> Dropped,
    IReadOnlyList<string> Problems
)
{
    private const string AddressLabel = "__address__";
    private const string SchemeLabel = "__scheme__";
    private const string PathLabel = "__alerts_path__";
    private const string Endpoint = "/api/v2/alerts";

    /// <summary>Of what is wrong so much is told.</summary>
    private const int MaxProblems = 20;

    private static readonly FrozenDictionary<string, IReadOnlyList<string>> NoParameters = FrozenDictionary<
        string,
        IReadOnlyList<string>
    >.Empty;

    /// <summary>Makes addresses of what was discovered, as Prometheus does.</summary>
    public static AlertmanagerSet Of(AlertmanagerConfig config, IEnumerable<TargetGroup> groups)
    {
        var active = new OrderedDictionary<string, Uri>(StringComparer.Ordinal);
        var dropped = new List<Uri>();
        var problems = new List<string>();
        var relabeler = new Relabeler(config.RelabelConfigs);
        foreach (var group in groups)
        {
            foreach (var own in group.Targets)
            {
                var found = Discovered(config, own, group.Labels);
                if (relabeler.Apply(found) is not { } labels)
                {
                    if (UrlOf(found) is { } left)
                    {
                        dropped.Add(left);
                    }
                }
                else if (ProblemOf(labels, out var url) is { } problem)
                {
                    problems.Add($"an Alertmanager of group {Words.Clean(group.Source)} is not usable: {problem}");
                }
                else
                {
                    active.TryAdd(url!.AbsoluteUri, url);
                }
            }
        }
        return new AlertmanagerSet(config, [.. active.Values], dropped, [.. problems.Take(MaxProblems)]);
    }

    /// <summary>Scheme and path of the configuration win over those of the target itself, those of its group over both.</summary>
    private static LabelSet Discovered(AlertmanagerConfig config, LabelSet own, LabelSet shared)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in own.Labels)
        {
            labels[label.Name] = label.Value;
        }
        labels[SchemeLabel] = config.Scheme;
        labels[PathLabel] = PathOf(config.PathPrefix);
        foreach (var label in shared.Labels)
        {
            if (own.Get(label.Name) is null)
            {
                labels[label.Name] = label.Value;
            }
        }
        return LabelSet.Of(labels.Select(label => new Label(label.Key, label.Value)));
    }

    private static string? ProblemOf(LabelSet labels, out Uri? url)
    {
        url = null;
        if (TargetAddress.ProblemOf(labels.Get(AddressLabel) ?? "") is { } problem)
        {
            return problem;
        }
        var scheme = labels.Get(SchemeLabel) ?? "";
        if (scheme is not ("http" or "https"))
        {
            return $"the scheme {Words.Quote(scheme)} is not supported: set scheme to http or https";
        }
        url = UrlOf(labels);
        return url is null ? "address and path make no URL" : null;
    }

    private static Uri? UrlOf(LabelSet labels) =>
        TargetUrl.Of(
            labels.Get(SchemeLabel) ?? "",
            labels.Get(AddressLabel) ?? "",
            labels.Get(PathLabel) ?? "",
            NoParameters
        );

    /// <summary>The prefix and the endpoint, without empty parts, <c>.</c> and <c>..</c>, as Go's <c>path.Join</c>.</summary>
    private static string PathOf(string prefix)
    {
        var parts = new List<string>();
        foreach (var part in (prefix + Endpoint).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not (".." or "."))
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}
