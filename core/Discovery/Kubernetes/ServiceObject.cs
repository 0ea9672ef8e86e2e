using System.Text.Json;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>A service, as far as targets need it.</summary>
internal sealed record ServiceObject
{
    public required ObjectMeta Meta { get; init; }

    /// <summary><c>ClusterIP</c>, <c>NodePort</c>, <c>LoadBalancer</c> or <c>ExternalName</c>.</summary>
    public required string Type { get; init; }

    public required string ClusterIp { get; init; }

    public required string ExternalName { get; init; }

    /// <summary>The addresses of its load balancer, with commas between; may be empty.</summary>
    public required string LoadBalancerIps { get; init; }

    /// <summary>The family of its main addresses, if it has addresses of two families; else null.</summary>
    public required string? MainFamily { get; init; }

    public required IReadOnlyList<ServicePort> Ports { get; init; }

    public static ServiceObject Read(JsonElement item)
    {
        var spec = item.Child("spec");
        var ips = item.Child("status")
            .Child("loadBalancer")
            .Items("ingress")
            .Select(ingress => ingress.Text("ip"))
            .Where(ip => ip.Length > 0)
            .ToList();
        var hasTwoFamilies = spec.Text("ipFamilyPolicy") is "PreferDualStack" or "RequireDualStack";
        return new ServiceObject
        {
            Meta = ObjectMeta.Read(item),
            Type = spec.Text("type"),
            ClusterIp = spec.Text("clusterIP"),
            ExternalName = spec.Text("externalName"),
            LoadBalancerIps = ips.Count > 0 ? string.Join(',', ips) : spec.Text("loadBalancerIP"),
            MainFamily = hasTwoFamilies ? spec?.Texts("ipFamilies").FirstOrDefault() : null,
            Ports =
            [
                .. spec.Items("ports")
                    .Select(port => new ServicePort(
                        port.Text("name"),
                        port.Number("port") ?? 0,
                        port.Text("protocol")
                    )),
            ],
        };
    }

    /// <summary>The labels of a group of this service's targets.</summary>
    public LabelSet GroupLabels() =>
        new MetaLabels(ObjectMeta.Prefix).Set("namespace", Meta.Namespace).Add(Meta.LabelsAs("service")).Build();

    /// <summary>The group of its own targets: one for each port.</summary>
    public TargetGroup ToGroup(ClusterView cluster)
    {
        var group = new MetaLabels(ObjectMeta.Prefix).Add(GroupLabels()).Add(cluster.NamespaceLabels(Meta.Namespace));
        return new TargetGroup(
            $"svc/{Meta.Key}",
            [.. Ports.Select(port => cluster.Target(TargetOf(port)))],
            group.Build()
        );
    }

    private MetaLabels TargetOf(ServicePort port)
    {
        var target = new MetaLabels(ObjectMeta.Prefix + "service_")
            .SetAddress(MetaLabels.HostAndPort($"{Meta.Name}.{Meta.Namespace}.svc", port.Port))
            .Set("port_name", port.Name)
            .Set("port_number", port.Port)
            .Set("port_protocol", port.Protocol)
            .Set("type", Type);
        if (Type == "ExternalName")
        {
            target.Set("external_name", ExternalName);
        }
        else
        {
            target.Set("cluster_ip", ClusterIp);
        }
        if (Type == "LoadBalancer")
        {
            target.Set("loadbalancer_ip", LoadBalancerIps);
        }
        return target;
    }
}

/// <summary>A port of a service.</summary>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Port">Its number.</param>
/// <param name="Protocol"><c>TCP</c> for instance.</param>
internal sealed record ServicePort(string Name, int Port, string Protocol);
