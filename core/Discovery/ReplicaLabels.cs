using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Relabel;
using Tributary.Model;
using Tributary.Patterns;

namespace Tributary.Discovery;

/// <summary>The labels by which replicas of one source differ, and what becomes of them.</summary>
public static class ReplicaLabels
{
    /// <summary>The target's label that holds its address.</summary>
    public const string Instance = "instance";

    /// <summary>Labels by which servers tell replicas apart: of Prometheus' operator, of Mimir and Cortex, of Thanos.</summary>
    public static readonly IReadOnlyList<string> Known = ["prometheus_replica", "__replica__", Plain];

    /// <summary>Of the known ones those that no application uses for its own.</summary>
    public static readonly IReadOnlyList<string> Unmistakable = [.. Known.Except([Plain], StringComparer.Ordinal)];

    private const string Plain = "replica";

    /// <summary>A job that drops labels of series, behind its own rules; the job itself when it keeps them.</summary>
    public static ScrapeConfig WithoutLabels(ScrapeConfig job, IEnumerable<string> names)
    {
        if (job.Source.KeepReplicaLabel)
        {
            return job;
        }
        var rules = names
            .Select(name => new RelabelConfig
            {
                Action = RelabelAction.LabelDrop,
                Regex = RePattern.Parse(Escape(name)),
            })
            .ToArray();
        return rules.Length == 0 ? job : job with { MetricRelabelConfigs = [.. job.MetricRelabelConfigs, .. rules] };
    }

    /// <summary>Labels without some of them.</summary>
    public static LabelSet Without(LabelSet labels, IEnumerable<string> names)
    {
        var left = names.ToHashSet(StringComparer.Ordinal);
        return LabelSet.Of(labels.Labels.ToArray().Where(label => !left.Contains(label.Name)));
    }

    /// <summary>Labels of which one has another value.</summary>
    public static LabelSet With(LabelSet labels, string name, string value) =>
        LabelSet.Of([.. Without(labels, [name]).Labels, new Label(name, value)]);

    private static string Escape(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                text.Append('\\');
            }
            text.Append(c);
        }
        return text.ToString();
    }
}
