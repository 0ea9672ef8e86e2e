using System.Text.Json;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>An ingress, as far as targets need it.</summary>
internal sealed record IngressObject
{
    public required ObjectMeta Meta { get; init; }

    /// <summary>The class; null where it is left to the cluster.</summary>
    public required string? ClassName { get; init; }

    public required IReadOnlyList<IngressRule> Rules { get; init; }

    /// <summary>Hosts that TLS is spoken for; the first part of one may be <c>*</c>.</summary>
    public required IReadOnlyList<string> TlsHosts { get; init; }

    public static IngressObject Read(JsonElement item)
    {
        var spec = item.Child("spec");
        return new IngressObject
        {
            Meta = ObjectMeta.Read(item),
            ClassName = spec?.OptionalText("ingressClassName"),
            Rules = [.. spec.Items("rules").Select(IngressRule.Read)],
            TlsHosts = [.. spec.Items("tls").SelectMany(tls => tls.Texts("hosts"))],
        };
    }

    /// <summary>The group of its targets: one for each path of each host.</summary>
    public TargetGroup ToGroup(ClusterView cluster)
    {
        var group = new MetaLabels(ObjectMeta.Prefix)
            .Set("namespace", Meta.Namespace)
            .Set("ingress_class_name", ClassName ?? "")
            .Add(Meta.LabelsAs("ingress"))
            .Add(cluster.NamespaceLabels(Meta.Namespace));
        return new TargetGroup(
            $"ingress/{Meta.Key}",
            [.. Rules.SelectMany(rule => ToTargets(rule, cluster))],
            group.Build()
        );
    }

    private IEnumerable<LabelSet> ToTargets(IngressRule rule, ClusterView cluster)
    {
        var scheme = TlsHosts.Any(pattern => IsMatch(pattern, rule.Host)) ? "https" : "http";
        return rule.Paths.Select(path =>
            cluster.Target(
                new MetaLabels(ObjectMeta.Prefix + "ingress_")
                    .SetAddress(rule.Host)
                    .Set("scheme", scheme)
                    .Set("host", rule.Host)
                    .Set("path", path)
            )
        );
    }

    private static bool IsMatch(string pattern, string host)
    {
        if (string.Equals(pattern, host, StringComparison.Ordinal))
        {
            return true;
        }
        // The star stands for the whole first part of a name.
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        var rest = dot < 0 ? "" : host[dot..];
        return pattern.StartsWith('*') && string.Equals(rest, pattern[1..], StringComparison.Ordinal);
    }
}

/// <summary>A host of an ingress.</summary>
/// <param name="Host">Its name; may be empty.</param>
/// <param name="Paths">The paths that lead somewhere.</param>
internal sealed record IngressRule(string Host, IReadOnlyList<string> Paths)
{
    private const string Root = "/";

    public static IngressRule Read(JsonElement rule)
    {
        var paths = rule.Child("http") is { } http
            ? http.Items("paths").Select(path => path.Text("path") is { Length: > 0 } text ? text : Root)
            : [Root];
        return new IngressRule(rule.Text("host"), [.. paths]);
    }
}
