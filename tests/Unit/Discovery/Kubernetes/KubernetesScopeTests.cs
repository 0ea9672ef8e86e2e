using Tributary.Configuration;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>Which objects are looked at, and what targets are told of others.</summary>
public sealed class KubernetesScopeTests
{
    [Fact]
    public async Task Namespaces_AreListedOneByOne()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig { Role = KubernetesRole.Service, Namespaces = ["shop", "o/ther", "shop"] }
        );
        await place.FindAsync();
        Assert.Equal(
            ["/api/v1/namespaces/shop/services?limit=500", "/api/v1/namespaces/o%2Fther/services?limit=500"],
            place.Server.Requests
        );
        Assert.Equal(3, place.Provider.Groups.Count);
    }

    [Fact]
    public async Task Selectors_GoToTheListOfTheirRole()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig
            {
                Role = KubernetesRole.EndpointSlice,
                Selectors =
                [
                    new KubernetesSelector(KubernetesRole.Pod, "app.kubernetes.io/name=other", ""),
                    new KubernetesSelector(KubernetesRole.Service, "", "metadata.name=web"),
                ],
            }
        );
        await place.FindAsync();
        Assert.Equal(
            [
                "/api/v1/services?limit=500&fieldSelector=metadata.name%3Dweb",
                "/api/v1/pods?limit=500&labelSelector=app.kubernetes.io%2Fname%3Dother",
                "/apis/discovery.k8s.io/v1/endpointslices?limit=500",
            ],
            place.Server.Requests
        );
        // Without the pod, its labels and its other port are not there.
        Assert.Equal(2, place.Provider.Groups[0].Targets.Count);
    }

    /// <summary>As in Prometheus: who selects nodes gets only pods on these.</summary>
    [Fact]
    public async Task NodeSelector_OfPods_LeavesPodsOnOtherNodesOut()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig
            {
                Role = KubernetesRole.Pod,
                Selectors = [new KubernetesSelector(KubernetesRole.Node, "zone=z2", "")],
                AttachMetadata = new KubernetesMetadata { Node = true },
            }
        );
        var found = await place.FindAsync();
        Assert.StartsWith(
            """pod/shop/nightly-1-x {~namespace="shop", ~node_label_zone="z2", ~node_labelpresent_zone="true", ~node_name="node-6", ~pod_controller""",
            found,
            StringComparison.Ordinal
        );
        Assert.Single(place.Provider.Groups);
        Assert.Equal(
            ["/api/v1/nodes?limit=500&labelSelector=zone%3Dz2", "/api/v1/pods?limit=500"],
            place.Server.Requests
        );
    }

    /// <summary>Role, what is attached, the lists that are needed, and labels that are there.</summary>
    public static TheoryData<KubernetesRole, string, string, string> Attached =>
        new()
        {
            { KubernetesRole.Pod, "namespace", "namespaces pods", """~namespace_label_team="a" """ },
            { KubernetesRole.Pod, "namespace", "namespaces pods", """~namespace_annotationpresent_note="true" """ },
            { KubernetesRole.Pod, "deployment", "replicasets pods", """~pod_deployment_name="web" """ },
            { KubernetesRole.Pod, "job", "pods", """~pod_job_name="nightly-1" """ },
            { KubernetesRole.Pod, "cronjob", "jobs pods", """~pod_cronjob_name="nightly" """ },
            { KubernetesRole.Service, "namespace node job", "namespaces services", """~namespace_label_team="a" """ },
            { KubernetesRole.Ingress, "namespace", "namespaces ingresses", """~namespace_annotation_note="x y" """ },
            {
                KubernetesRole.Endpoints,
                "node namespace deployment",
                "namespaces nodes services pods replicasets endpoints",
                """~node_label_kubernetes_io_arch="arm64" """
            },
            {
                KubernetesRole.Endpoints,
                "deployment",
                "services pods replicasets endpoints",
                """~pod_deployment_name="web" """
            },
            {
                KubernetesRole.EndpointSlice,
                "node",
                "nodes services pods endpointslices",
                """~node_annotation_ttl="0" """
            },
            { KubernetesRole.Node, "node namespace deployment job cronjob", "nodes", """~node_name="node-a" """ },
        };

    [Theory]
    [MemberData(nameof(Attached))]
    public async Task AttachedMetadata_IsListedOnceAndTold(
        KubernetesRole role,
        string attached,
        string lists,
        string label
    )
    {
        var words = attached.Split(' ');
        using var place = new KubernetesPlace(
            new KubernetesSdConfig
            {
                Role = role,
                AttachMetadata = new KubernetesMetadata
                {
                    Node = words.Contains("node"),
                    Namespace = words.Contains("namespace"),
                    Deployment = words.Contains("deployment"),
                    Job = words.Contains("job"),
                    CronJob = words.Contains("cronjob"),
                },
            }
        );
        Assert.Contains(label.Trim(), await place.FindAsync(), StringComparison.Ordinal);
        Assert.Equal(
            lists,
            string.Join(' ', place.Server.Requests.Select(request => request.Split('?')[0].Split('/')[^1]))
        );
    }

    /// <summary>A node's labels are those of the address's node, or of the node that has the address.</summary>
    [Fact]
    public async Task EndpointsOfANode_AreToldOfIt()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig
            {
                Role = KubernetesRole.Endpoints,
                AttachMetadata = new KubernetesMetadata { Node = true },
            }
        );
        await place.FindAsync();
        var nodes = place.Provider.Groups[0].Targets.Select(target => target.Get("__meta_kubernetes_node_name"));
        Assert.Equal(["node-a", "node-a", null], nodes);
    }
}
