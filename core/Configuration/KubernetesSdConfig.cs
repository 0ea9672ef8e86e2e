using Tributary.Configuration.Http;

namespace Tributary.Configuration;

/// <summary>Targets that a Kubernetes API server knows of.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config</remarks>
public sealed record KubernetesSdConfig
{
    /// <summary>What becomes a target.</summary>
    public required KubernetesRole Role { get; init; }

    /// <summary>The API server, perhaps with a path in front of its own; null is that of the kubeconfig, or of the pod's cluster.</summary>
    public Uri? ApiServer { get; init; }

    /// <summary>The path of a kubeconfig; null without one.</summary>
    public string? KubeconfigFile { get; init; }

    /// <summary>How <see cref="ApiServer"/> is asked.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;

    /// <summary>Whether the namespace of the pod that we run in is one of those that are looked at.</summary>
    public bool HasOwnNamespace { get; init; }

    /// <summary>The namespaces that are looked at; with none, and without the own one, it is all of them.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Which objects count, at most one for each role.</summary>
    public IReadOnlyList<KubernetesSelector> Selectors { get; init; } = [];

    /// <summary>What targets are told besides.</summary>
    public KubernetesMetadata AttachMetadata { get; init; } = new();
}

/// <summary>What becomes a target.</summary>
public enum KubernetesRole
{
    /// <summary>The kubelet of each node.</summary>
    Node,

    /// <summary>Each port of each container of each pod.</summary>
    Pod,

    /// <summary>Each port of each service.</summary>
    Service,

    /// <summary>Each address and port of each service's endpoints.</summary>
    Endpoints,

    /// <summary>The same, from endpoint slices.</summary>
    EndpointSlice,

    /// <summary>Each path of each ingress.</summary>
    Ingress,
}

/// <summary>Which objects of a role count.</summary>
/// <param name="Role">The role.</param>
/// <param name="Label">A label selector; empty takes all.</param>
/// <param name="Field">A field selector; empty takes all.</param>
public sealed record KubernetesSelector(KubernetesRole Role, string Label, string Field);

/// <summary>Of what targets get the labels and annotations, or the names.</summary>
public sealed record KubernetesMetadata
{
    /// <summary>The node that a target runs on.</summary>
    public bool Node { get; init; }

    /// <summary>The namespace of a target.</summary>
    public bool Namespace { get; init; }

    /// <summary>The name of a pod's deployment.</summary>
    public bool Deployment { get; init; }

    /// <summary>The name of a pod's job.</summary>
    public bool Job { get; init; }

    /// <summary>The name of a pod's cron job.</summary>
    public bool CronJob { get; init; }
}
