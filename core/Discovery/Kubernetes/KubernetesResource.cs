namespace Tributary.Discovery.Kubernetes;

/// <summary>A kind of objects of the API.</summary>
/// <param name="Group">The API group; empty is the core's.</param>
/// <param name="Name">The plural, as paths and RBAC rules have it.</param>
/// <param name="ListKind">The <c>kind</c> of its lists.</param>
/// <param name="IsNamespaced">Whether its objects are in namespaces.</param>
/// <remarks>https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/</remarks>
internal sealed record KubernetesResource(string Group, string Name, string ListKind, bool IsNamespaced)
{
    public static readonly KubernetesResource Nodes = new("", "nodes", "NodeList", false);
    public static readonly KubernetesResource Namespaces = new("", "namespaces", "NamespaceList", false);
    public static readonly KubernetesResource Pods = new("", "pods", "PodList", true);
    public static readonly KubernetesResource Services = new("", "services", "ServiceList", true);
    public static readonly KubernetesResource Endpoints = new("", "endpoints", "EndpointsList", true);
    public static readonly KubernetesResource ReplicaSets = new("apps", "replicasets", "ReplicaSetList", true);
    public static readonly KubernetesResource Jobs = new("batch", "jobs", "JobList", true);
    public static readonly KubernetesResource EndpointSlices = new(
        "discovery.k8s.io",
        "endpointslices",
        "EndpointSliceList",
        true
    );
    public static readonly KubernetesResource Ingresses = new("networking.k8s.io", "ingresses", "IngressList", true);

    /// <summary>The path of a list below the API server's own.</summary>
    /// <param name="nameSpace">The namespace; empty is all of them.</param>
    public string PathIn(string nameSpace)
    {
        var root = Group.Length == 0 ? "/api/v1" : $"/apis/{Group}/v1";
        return IsNamespaced && nameSpace.Length > 0
            ? $"{root}/namespaces/{Uri.EscapeDataString(nameSpace)}/{Name}"
            : $"{root}/{Name}";
    }
}
