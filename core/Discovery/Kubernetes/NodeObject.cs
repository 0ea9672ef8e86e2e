using System.Text.Json;

namespace Tributary.Discovery.Kubernetes;

/// <summary>A node, as far as targets need it.</summary>
internal sealed record NodeObject
{
    /// <summary>The kinds of addresses, those first that are taken first.</summary>
    private static readonly string[] AddressOrder =
    [
        "InternalIP",
        "InternalDNS",
        "ExternalIP",
        "ExternalDNS",
        "LegacyHostIP",
        "Hostname",
    ];

    public required ObjectMeta Meta { get; init; }

    public required string ProviderId { get; init; }

    /// <summary>The port of its kubelet.</summary>
    public required int Port { get; init; }

    /// <summary>Kinds and addresses.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Addresses { get; init; }

    /// <summary>Kinds and what they are: <c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Conditions { get; init; }

    public static NodeObject Read(JsonElement item)
    {
        var status = item.Child("status");
        return new NodeObject
        {
            Meta = ObjectMeta.Read(item),
            ProviderId = item.Child("spec").Text("providerID"),
            Port = status.Child("daemonEndpoints").Child("kubeletEndpoint")?.Number("Port") ?? 0,
            Addresses = [.. status.Items("addresses").Select(address => Pair(address, "address"))],
            Conditions = [.. status.Items("conditions").Select(condition => Pair(condition, "status"))],
        };
    }

    /// <summary>The group of its kubelet; null without an address.</summary>
    public TargetGroup? ToGroup()
    {
        var host = AddressOrder
            .SelectMany(kind => Addresses.Where(address => address.Key == kind).Take(1))
            .Select(address => address.Value)
            .FirstOrDefault();
        if (host is null)
        {
            return null;
        }
        var labels = new MetaLabels(ObjectMeta.Prefix + "node_").Set("provider_id", ProviderId);
        foreach (var (kind, status) in Conditions)
        {
            labels.Set("condition_" + MetaLabels.NamePart(kind.ToLowerInvariant()), status.ToLowerInvariant());
        }
        labels.Add(Meta.LabelsAs("node"));
        var target = new MetaLabels(ObjectMeta.Prefix + "node_address_")
            .SetAddress(MetaLabels.HostAndPort(host, Port))
            .Put("instance", Meta.Name);
        foreach (var address in Addresses.DistinctBy(address => address.Key, StringComparer.Ordinal))
        {
            target.Set(MetaLabels.NamePart(address.Key), address.Value);
        }
        return new TargetGroup($"node/{Meta.Name}", [target.Build()], labels.Build());
    }

    private static KeyValuePair<string, string> Pair(JsonElement item, string value) =>
        KeyValuePair.Create(item.Text("type"), item.Text(value));
}
