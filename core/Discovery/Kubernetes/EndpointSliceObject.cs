using System.Text.Json;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>A slice of a service's endpoints, as far as targets need it.</summary>
internal sealed record EndpointSliceObject
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    public required ObjectMeta Meta { get; init; }

    /// <summary><c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</summary>
    public required string AddressType { get; init; }

    public required IReadOnlyList<SliceEndpoint> Endpoints { get; init; }

    public required IReadOnlyList<SlicePort> Ports { get; init; }

    public static EndpointSliceObject Read(JsonElement item) =>
        new()
        {
            Meta = ObjectMeta.Read(item),
            AddressType = item.Text("addressType"),
            Endpoints = [.. item.Items("endpoints").Select(SliceEndpoint.Read)],
            Ports =
            [
                .. item.Items("ports")
                    .Select(port => new SlicePort(
                        port.Text("name"),
                        port.Number("port"),
                        port.Text("protocol"),
                        port.Text("appProtocol")
                    )),
            ],
        };

    /// <summary>The group of the targets: one for each address and port, and for further ports of the pods behind them.</summary>
    public TargetGroup ToGroup(ClusterView cluster)
    {
        var service = Meta.Label(ServiceNameLabel) is { } name ? cluster.Service(Meta.Namespace, name) : null;
        var group = new MetaLabels(ObjectMeta.Prefix)
            .Set("namespace", Meta.Namespace)
            .Set("endpointslice_address_type", AddressType)
            .Add(Meta.LabelsAs("endpointslice"))
            .Add(service?.GroupLabels() ?? LabelSet.Empty)
            .Add(cluster.NamespaceLabels(Meta.Namespace));
        var targets = new List<LabelSet>();
        // A service with addresses of two families has slices of both: the second would only double its targets.
        if (service?.MainFamily is null || service.MainFamily == AddressType)
        {
            AddTargets(targets, cluster);
        }
        return new TargetGroup($"endpointslice/{Meta.Key}", targets, group.Build());
    }

    private void AddTargets(List<LabelSet> targets, ClusterView cluster)
    {
        var seen = new SeenPods();
        foreach (var endpoint in Endpoints)
        {
            foreach (var port in Ports)
            {
                targets.AddRange(endpoint.Addresses.Select(ip => ToTarget(ip, endpoint, port, seen, cluster)));
            }
        }
        targets.AddRange(PodTargets.OtherPorts(seen.All, cluster));
    }

    private static LabelSet ToTarget(
        string ip,
        SliceEndpoint endpoint,
        SlicePort port,
        SeenPods seen,
        ClusterView cluster
    )
    {
        var target = new MetaLabels(ObjectMeta.Prefix + "endpointslice_")
            .SetAddress(port.Port is { } number ? MetaLabels.HostAndPort(ip, number) : ip)
            .Set("port_name", port.Name)
            .Set("port_protocol", port.Protocol)
            .Set("port", port.Port)
            .Set("port_app_protocol", port.AppProtocol)
            .Set("endpoint_conditions_ready", endpoint.IsReady)
            .Set("endpoint_conditions_serving", endpoint.IsServing)
            .Set("endpoint_conditions_terminating", endpoint.IsTerminating)
            .Set("endpoint_hostname", endpoint.Hostname)
            .Set("address_target_kind", endpoint.Target?.Kind ?? "")
            .Set("address_target_name", endpoint.Target?.Name ?? "")
            .Set("endpoint_node_name", endpoint.NodeName ?? "")
            .Set("endpoint_zone", endpoint.Zone);
        foreach (var (name, value) in endpoint.Topology)
        {
            var part = MetaLabels.NamePart(name);
            target.Set("endpoint_topology_" + part, value).Set("endpoint_topology_present_" + part, true);
        }
        target.Add(cluster.NodeLabels(endpoint.Target is { Kind: "Node" } node ? node.Name : endpoint.NodeName));
        if (cluster.Pod(endpoint.Target) is { } pod)
        {
            target.Add(cluster.PodLabels(pod));
            PodTargets.AddPort(target, pod, port.Port, protocol: null);
            seen.Add(pod, port.Port);
        }
        return cluster.Target(target);
    }
}

/// <summary>A port of a slice.</summary>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Port">Its number; null is every port.</param>
/// <param name="Protocol"><c>TCP</c> for instance.</param>
/// <param name="AppProtocol">What is spoken over it; may be empty.</param>
internal sealed record SlicePort(string Name, int? Port, string Protocol, string AppProtocol);

/// <summary>What has an address, or several.</summary>
internal sealed record SliceEndpoint
{
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Null is not known, as with all conditions.</summary>
    public required bool? IsReady { get; init; }

    public required bool? IsServing { get; init; }

    public required bool? IsTerminating { get; init; }

    public required string Hostname { get; init; }

    public required string? NodeName { get; init; }

    public required string Zone { get; init; }

    public required ObjectReference? Target { get; init; }

    /// <summary>Where older servers say node and zone: names and values.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Topology { get; init; }

    public static SliceEndpoint Read(JsonElement endpoint)
    {
        var conditions = endpoint.Child("conditions");
        return new SliceEndpoint
        {
            Addresses = [.. endpoint.Texts("addresses")],
            IsReady = conditions?.Flag("ready"),
            IsServing = conditions?.Flag("serving"),
            IsTerminating = conditions?.Flag("terminating"),
            Hostname = endpoint.Text("hostname"),
            NodeName = endpoint.OptionalText("nodeName"),
            Zone = endpoint.Text("zone"),
            Target = ObjectReference.Read(endpoint.Child("targetRef")),
            Topology = endpoint.Map("deprecatedTopology"),
        };
    }
}
