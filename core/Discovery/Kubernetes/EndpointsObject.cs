using System.Text.Json;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>The endpoints of a service, as far as targets need them.</summary>
internal sealed record EndpointsObject
{
    /// <summary>A label that says whether addresses are left out: <c>truncated</c>.</summary>
    private const string CapacityLabel = "endpoints.kubernetes.io/over-capacity";

    public required ObjectMeta Meta { get; init; }

    public required IReadOnlyList<EndpointsSubset> Subsets { get; init; }

    /// <summary>Whether there are more addresses than an object of this kind can have.</summary>
    public bool IsTruncated => Meta.Label(CapacityLabel) == "truncated";

    public static EndpointsObject Read(JsonElement item) =>
        new()
        {
            Meta = ObjectMeta.Read(item),
            Subsets =
            [
                .. item.Items("subsets")
                    .Select(subset => new EndpointsSubset(
                        [.. subset.Items("addresses").Select(EndpointAddress.Read)],
                        [.. subset.Items("notReadyAddresses").Select(EndpointAddress.Read)],
                        [
                            .. subset
                                .Items("ports")
                                .Select(port => new ServicePort(
                                    port.Text("name"),
                                    port.Number("port") ?? 0,
                                    port.Text("protocol")
                                )),
                        ]
                    )),
            ],
        };

    /// <summary>The group of the targets: one for each address and port, and for further ports of the pods behind them.</summary>
    public TargetGroup ToGroup(ClusterView cluster)
    {
        var group = new MetaLabels(ObjectMeta.Prefix)
            .Set("namespace", Meta.Namespace)
            .Add(cluster.Service(Meta.Namespace, Meta.Name)?.GroupLabels() ?? LabelSet.Empty)
            .Add(Meta.LabelsAs("endpoints"))
            .Add(cluster.NamespaceLabels(Meta.Namespace));
        var seen = new SeenPods();
        var targets = new List<LabelSet>();
        foreach (var subset in Subsets)
        {
            foreach (var port in subset.Ports)
            {
                targets.AddRange(subset.Ready.Select(address => ToTarget(address, port, true, seen, cluster)));
                targets.AddRange(subset.NotReady.Select(address => ToTarget(address, port, false, seen, cluster)));
            }
        }
        targets.AddRange(PodTargets.OtherPorts(seen.All, cluster));
        return new TargetGroup($"endpoints/{Meta.Key}", targets, group.Build());
    }

    private static LabelSet ToTarget(
        EndpointAddress address,
        ServicePort port,
        bool isReady,
        SeenPods seen,
        ClusterView cluster
    )
    {
        var target = new MetaLabels(ObjectMeta.Prefix + "endpoint_")
            .SetAddress(MetaLabels.HostAndPort(address.Ip, port.Port))
            .Set("port_name", port.Name)
            .Set("port_protocol", port.Protocol)
            .Set("ready", isReady)
            .Set("address_target_kind", address.Target?.Kind ?? "")
            .Set("address_target_name", address.Target?.Name ?? "")
            .Set("node_name", address.NodeName ?? "")
            .Set("hostname", address.Hostname);
        var node = address.NodeName ?? (address.Target is { Kind: "Node" } reference ? reference.Name : null);
        target.Add(cluster.NodeLabels(node));
        if (cluster.Pod(address.Target) is { } pod)
        {
            target.Add(cluster.PodLabels(pod));
            PodTargets.AddPort(target, pod, port.Port, port.Protocol);
            seen.Add(pod, port.Port);
        }
        return cluster.Target(target);
    }
}

/// <summary>Addresses that all have the same ports.</summary>
/// <param name="Ready">Those that take requests.</param>
/// <param name="NotReady">Those that do not yet, or not any more.</param>
/// <param name="Ports">The ports.</param>
internal sealed record EndpointsSubset(
    IReadOnlyList<EndpointAddress> Ready,
    IReadOnlyList<EndpointAddress> NotReady,
    IReadOnlyList<ServicePort> Ports
);

/// <summary>An address of a service.</summary>
/// <param name="Ip">The address.</param>
/// <param name="Hostname">Its name; may be empty.</param>
/// <param name="NodeName">The node that it is on; null where that is not known.</param>
/// <param name="Target">What has the address; null where that is not known.</param>
internal sealed record EndpointAddress(string Ip, string Hostname, string? NodeName, ObjectReference? Target)
{
    public static EndpointAddress Read(JsonElement address) =>
        new(
            address.Text("ip"),
            address.Text("hostname"),
            address.OptionalText("nodeName"),
            ObjectReference.Read(address.Child("targetRef"))
        );
}

/// <summary>The name of an object.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal sealed record ObjectReference(string Kind, string Namespace, string Name)
{
    public static ObjectReference? Read(JsonElement? reference) =>
        reference is { } found
            ? new ObjectReference(found.Text("kind"), found.Text("namespace"), found.Text("name"))
            : null;
}

/// <summary>The pods behind a service, each with the ports that the service leads to, in the order of their addresses.</summary>
internal sealed class SeenPods
{
    private readonly OrderedDictionary<string, (PodObject Pod, HashSet<int> Ports)> pods = new(StringComparer.Ordinal);

    public IEnumerable<(PodObject Pod, IReadOnlySet<int> Ports)> All =>
        pods.Values.Select(item => (item.Pod, (IReadOnlySet<int>)item.Ports));

    /// <summary>Notes a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="port">The port; null is none.</param>
    public void Add(PodObject pod, int? port)
    {
        if (!pods.TryGetValue(pod.Meta.Key, out var known))
        {
            known = (pod, []);
            pods.Add(pod.Meta.Key, known);
        }
        if (port is { } number)
        {
            known.Ports.Add(number);
        }
    }
}
