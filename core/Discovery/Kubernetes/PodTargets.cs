using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>Targets of the role pod, and the parts of pods in targets of other roles.</summary>
internal static class PodTargets
{
    private const string ContainerPrefix = ObjectMeta.Prefix + "pod_container_";

    /// <summary>The group of a pod: a target for each port of each container, or for the container where it has none.</summary>
    /// <returns>Null for a pod without an address, or on a node that does not count.</returns>
    public static TargetGroup? ToGroup(PodObject pod, ClusterView cluster)
    {
        if (pod.PodIp.Length == 0 || !cluster.IsOnKnownNode(pod))
        {
            return null;
        }
        var group = new MetaLabels(ObjectMeta.Prefix)
            .Add(cluster.PodLabels(pod))
            .Set("namespace", pod.Meta.Namespace)
            .Add(cluster.NodeLabels(pod.NodeName))
            .Add(cluster.NamespaceLabels(pod.Meta.Namespace));
        var targets = pod.Containers.SelectMany(container => TargetsOf(pod, container)).Select(cluster.Target);
        return new TargetGroup($"pod/{pod.Meta.Key}", [.. targets], group.Build());
    }

    /// <summary>Adds the labels of the container port that a port of a service leads to.</summary>
    /// <param name="target">Gets them.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="port">The number; null leads to none.</param>
    /// <param name="protocol">The protocol as labels have it; null is that of the container's port.</param>
    public static void AddPort(MetaLabels target, PodObject pod, int? port, string? protocol)
    {
        // Of several containers with the port, the last counts.
        var found = pod.Containers.Select(container =>
            (Container: container, Port: container.Ports.FirstOrDefault(one => one.Port == port))
        );
        if (found.LastOrDefault(item => item.Port is not null) is { Port: { } known, Container: var container })
        {
            target.Add(PortLabels(container, known, protocol ?? known.Protocol).Build());
        }
    }

    /// <summary>Targets of the ports of pods that no port of their service leads to.</summary>
    /// <param name="seen">The pods, each with the ports that were led to.</param>
    /// <param name="cluster">What pods are told.</param>
    public static IEnumerable<LabelSet> OtherPorts(
        IEnumerable<(PodObject Pod, IReadOnlySet<int> Ports)> seen,
        ClusterView cluster
    ) =>
        from item in seen
        where item.Pod.PodIp.Length > 0
        from container in item.Pod.Containers
        from port in container.Ports
        where !item.Ports.Contains(port.Port)
        select cluster.Target(
            PortLabels(container, port, port.Protocol)
                .SetAddress(MetaLabels.HostAndPort(item.Pod.PodIp, port.Port))
                .Add(cluster.PodLabels(item.Pod))
        );

    private static IEnumerable<MetaLabels> TargetsOf(PodObject pod, PodContainer container) =>
        container.Ports.Count == 0
            ? [ContainerLabels(container).Set("id", container.Id).SetAddress(pod.PodIp)]
            : container.Ports.Select(port =>
                PortLabels(container, port, port.Protocol)
                    .Set("id", container.Id)
                    .SetAddress(MetaLabels.HostAndPort(pod.PodIp, port.Port))
            );

    private static MetaLabels PortLabels(PodContainer container, ContainerPort port, string protocol) =>
        ContainerLabels(container)
            .Set("port_name", port.Name)
            .Set("port_number", port.Port)
            .Set("port_protocol", protocol);

    private static MetaLabels ContainerLabels(PodContainer container) =>
        new MetaLabels(ContainerPrefix)
            .Set("name", container.Name)
            .Set("image", container.Image)
            .Set("init", container.IsInit);
}
