using System.Text.Json;

namespace Tributary.Discovery.Kubernetes;

/// <summary>A pod, as far as targets need it.</summary>
internal sealed record PodObject
{
    private const string ReadyCondition = "Ready";

    public required ObjectMeta Meta { get; init; }

    public required string NodeName { get; init; }

    public required string Phase { get; init; }

    /// <summary>Empty while the pod starts, and after it was evicted.</summary>
    public required string PodIp { get; init; }

    public required string HostIp { get; init; }

    /// <summary><c>true</c>, <c>false</c> or <c>unknown</c>.</summary>
    public required string Ready { get; init; }

    /// <summary>The containers, and behind them those that only start the pod.</summary>
    public required IReadOnlyList<PodContainer> Containers { get; init; }

    public static PodObject Read(JsonElement item)
    {
        var spec = item.Child("spec");
        var status = item.Child("status");
        var ready = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == ReadyCondition);
        return new PodObject
        {
            Meta = ObjectMeta.Read(item),
            NodeName = spec.Text("nodeName"),
            Phase = status.Text("phase"),
            PodIp = status.Text("podIP"),
            HostIp = status.Text("hostIP"),
            Ready = ready.ValueKind is JsonValueKind.Undefined ? "unknown" : ready.Text("status").ToLowerInvariant(),
            Containers =
            [
                .. ReadContainers(spec, "containers", status, "containerStatuses", isInit: false),
                .. ReadContainers(spec, "initContainers", status, "initContainerStatuses", isInit: true),
            ],
        };
    }

    private static IEnumerable<PodContainer> ReadContainers(
        JsonElement? spec,
        string field,
        JsonElement? status,
        string statusField,
        bool isInit
    )
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var container in status.Items(statusField))
        {
            ids.TryAdd(container.Text("name"), container.Text("containerID"));
        }
        return spec.Items(field)
            .Select(container =>
            {
                var name = container.Text("name");
                return new PodContainer(
                    name,
                    container.Text("image"),
                    ids.GetValueOrDefault(name) ?? "",
                    isInit,
                    [.. container.Items("ports").Select(ContainerPort.Read)]
                );
            });
    }
}

/// <summary>A container of a pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image.</param>
/// <param name="Id">Its identifier; empty while it is not there.</param>
/// <param name="IsInit">Whether it only starts the pod.</param>
/// <param name="Ports">The ports that it declares.</param>
internal sealed record PodContainer(
    string Name,
    string Image,
    string Id,
    bool IsInit,
    IReadOnlyList<ContainerPort> Ports
);

/// <summary>A port of a container.</summary>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Port">Its number.</param>
/// <param name="Protocol"><c>TCP</c> for instance.</param>
internal sealed record ContainerPort(string Name, int Port, string Protocol)
{
    public static ContainerPort Read(JsonElement port) =>
        new(port.Text("name"), port.Number("containerPort") ?? 0, port.Text("protocol"));
}
