using System.Globalization;
using System.Text;

namespace Tributary.Benchmarks.Workload;

/// <summary>The label sets of kube-prometheus, as a federating reader sees them.</summary>
internal static class SeriesLabels
{
    private static readonly string[] Teams = ["checkout", "payments", "search", "catalogue", "identity", "shipping"];
    private static readonly string[] Verbs = ["GET", "LIST", "WATCH", "POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] Kinds = ["pods", "nodes", "endpoints", "configmaps", "secrets", "events"];

    /// <summary>`name{a="b",…} ` with sorted labels, and the name of the target that exposes the series.</summary>
    /// <param name="source">The number of the source, which becomes its cluster.</param>
    /// <param name="family">The family.</param>
    /// <param name="number">The number of the object in its family.</param>
    /// <param name="variant">Which value the variant label has.</param>
    public static (string Prefix, string Target) Render(int source, MetricFamily family, int number, int variant)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["cluster"] = Text($"prod-{source:00}"),
            ["prometheus"] = "mon/k8s",
        };
        Add(labels, source, family.Shape, number);
        if (family.Variant.Length > 0)
        {
            labels[family.Variant] = family.Values[variant];
        }

        var text = new StringBuilder(family.Name).Append('{');
        foreach (var (name, value) in labels)
        {
            text.Append(name).Append("=\"").Append(value).Append("\",");
        }

        text.Length--;
        var target = labels.TryGetValue("instance", out var instance) ? instance : "rules";
        return (text.Append("} ").ToString(), target);
    }

    private static void Add(SortedDictionary<string, string> labels, int source, LabelShape shape, int number)
    {
        var team = Teams[number % Teams.Length];
        var hash = Mixing.Mix((ulong)source << 8 | (ulong)shape, (ulong)number);
        var pod = Text($"{team}-api-{(uint)(hash >> 32) % 0xfffffff:x}-{number:x4}");
        var node = number % 24;
        switch (shape)
        {
            case LabelShape.KubePod:
                Identify(labels, "kube-state-metrics", "http", "10.0.0.12:8080", "kube-state-metrics");
                labels["namespace"] = "team-" + team;
                labels["pod"] = pod;
                labels["uid"] = Text($"{(uint)hash:x8}-{(ushort)(hash >> 8):x4}-4{hash & 0xfff:x3}-{hash >> 16:x12}");
                break;
            case LabelShape.KubeDeployment:
                Identify(labels, "kube-state-metrics", "http", "10.0.0.12:8080", "kube-state-metrics");
                labels["namespace"] = "team-" + team;
                labels["deployment"] = Text($"{team}-api-{number}");
                break;
            case LabelShape.Container:
                Identify(labels, "kubelet", "https-metrics", Text($"10.0.1.{node}:10250"), "kubelet");
                labels["metrics_path"] = "/metrics/cadvisor";
                labels["namespace"] = "team-" + team;
                labels["pod"] = pod;
                labels["container"] = "api";
                labels["node"] = Text($"ip-10-0-1-{node}.eu-west-1");
                labels["id"] = Text($"/kubepods/burstable/pod{hash:x16}");
                break;
            case LabelShape.Node:
                Identify(
                    labels,
                    "node-exporter",
                    "metrics",
                    Text($"10.0.1.{node}:9100"),
                    "kube-prometheus-node-exporter"
                );
                labels["namespace"] = "monitoring";
                labels["cpu"] = Text($"{number / 24}");
                labels["pod"] = Text($"kube-prometheus-node-exporter-{node:x5}");
                labels["container"] = "node-exporter";
                break;
            case LabelShape.App:
                Identify(labels, team + "-api", "http-metrics", Text($"10.0.2.{number / 4 % 250}:8080"), team + "-api");
                labels["namespace"] = "team-" + team;
                labels["pod"] = Text($"{team}-api-7d9c5b6f8d-{number / 4:x5}");
                labels["handler"] = Text($"/api/v1/{team}/:id/{number % 4}");
                labels["method"] = Verbs[number % 4];
                labels["container"] = "api";
                break;
            case LabelShape.ApiServer:
                Identify(labels, "apiserver", "https", Text($"10.0.0.{number % 3}:6443"), "kubernetes");
                labels["namespace"] = "default";
                labels["verb"] = Verbs[number % Verbs.Length];
                labels["resource"] = Kinds[number % Kinds.Length];
                labels["group"] = Text($"custom-{number / 42}.example.com");
                labels["component"] = "apiserver";
                break;
            default:
                labels["job"] = Text($"{team}-api-{number}");
                labels["namespace"] = "team-" + team;
                labels["workload"] = Text($"{team}-api-deployment-{number}");
                break;
        }
    }

    private static void Identify(
        SortedDictionary<string, string> labels,
        string job,
        string endpoint,
        string instance,
        string service
    )
    {
        labels["job"] = job;
        labels["endpoint"] = endpoint;
        labels["instance"] = instance;
        labels["service"] = service;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
