using Tributary.Configuration;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>What becomes of the objects of each role: groups, targets and all their labels.</summary>
public sealed class KubernetesRoleTests
{
    private const string WebPod =
        """~pod_annotation_prometheus_io_scrape="true", ~pod_annotationpresent_prometheus_io_scrape="true", """;

    private const string WebPodEnd =
        """~pod_controller_kind="ReplicaSet", ~pod_controller_name="web-5f", ~pod_host_ip="10.0.0.1", ~pod_ip="10.1.0.5", """
        + """~pod_label_app_kubernetes_io_name="web", ~pod_labelpresent_app_kubernetes_io_name="true", """
        + """~pod_name="web-1", ~pod_node_name="node-a", ~pod_phase="Running", ~pod_ready="true", ~pod_uid="u-web-1"}""";

    private const string WebService =
        """~service_label_app="web", ~service_labelpresent_app="true", ~service_name="web"}""";

    [Fact]
    public async Task Nodes_BecomeTheirKubelets()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Node);
        Assert.Equal(
            """
            node/node-a {~node_annotation_ttl="0", ~node_annotationpresent_ttl="true", ~node_condition_diskpressure="false", ~node_condition_ready="true", ~node_label_kubernetes_io_arch="arm64", ~node_label_zone="z1", ~node_labelpresent_kubernetes_io_arch="true", ~node_labelpresent_zone="true", ~node_name="node-a", ~node_provider_id="cloud:///z1/i-1"}
            - {__address__="10.0.0.1:10250", ~node_address_Hostname="node-a", ~node_address_InternalIP="10.0.0.1", instance="node-a"}
            node/node-6 {~node_label_zone="z2", ~node_labelpresent_zone="true", ~node_name="node-6"}
            - {__address__="[2001:db8::6]:10250", ~node_address_ExternalIP="2001:db8::6", instance="node-6"}
            """,
            await place.FindAsync()
        );
        Assert.Equal(["/api/v1/nodes?limit=500"], place.Server.Requests);
    }

    [Fact]
    public async Task NodeWithoutAddress_IsLeftOutAndTold()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Node);
        place.Server.Add("nodes", KubernetesObjects.NodeWithoutAddress);
        Assert.True(await place.Provider.RefreshAsync(default));
        Assert.Equal(2, place.Provider.Groups.Count);
        Assert.Equal(["kubernetes_sd: node node-0 has no address: it is left out"], place.Provider.Problems);
        Assert.Equal(0, place.Provider.Failures);
    }

    [Fact]
    public async Task Pods_BecomeTheirContainersPorts()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Pod);
        Assert.Equal(
            $$"""
            pod/shop/web-1 {~namespace="shop", {{WebPod}}{{WebPodEnd}}
            - {__address__="10.1.0.5:8080", ~pod_container_id="containerd://w", ~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_name="http", ~pod_container_port_number="8080", ~pod_container_port_protocol="TCP"}
            - {__address__="10.1.0.5:9090", ~pod_container_id="containerd://w", ~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_number="9090", ~pod_container_port_protocol="TCP"}
            - {__address__="10.1.0.5", ~pod_container_id="containerd://s", ~pod_container_image="side:2", ~pod_container_init="false", ~pod_container_name="side"}
            - {__address__="10.1.0.5", ~pod_container_id="containerd://i", ~pod_container_image="setup:1", ~pod_container_init="true", ~pod_container_name="setup"}
            pod/shop/nightly-1-x {~namespace="shop", ~pod_controller_kind="Job", ~pod_controller_name="nightly-1", ~pod_ip="fd00::7", ~pod_name="nightly-1-x", ~pod_node_name="node-6", ~pod_phase="Pending", ~pod_ready="unknown", ~pod_uid="u-nightly"}
            - {__address__="fd00::7", ~pod_container_image="job:1", ~pod_container_init="false", ~pod_container_name="job"}
            """,
            await place.FindAsync()
        );
        Assert.Equal(["/api/v1/pods?limit=500"], place.Server.Requests);
    }

    [Fact]
    public async Task Services_BecomeTheirPorts()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Service);
        Assert.Equal(
            $$"""
            svc/shop/web {~namespace="shop", {{WebService}}
            - {__address__="web.shop.svc:80", ~service_cluster_ip="10.96.0.10", ~service_port_name="http", ~service_port_number="80", ~service_port_protocol="TCP", ~service_type="ClusterIP"}
            - {__address__="web.shop.svc:8443", ~service_cluster_ip="10.96.0.10", ~service_port_number="8443", ~service_port_protocol="TCP", ~service_type="ClusterIP"}
            svc/shop/elsewhere {~namespace="shop", ~service_name="elsewhere"}
            - {__address__="elsewhere.shop.svc:5432", ~service_external_name="db.example", ~service_port_number="5432", ~service_port_protocol="TCP", ~service_type="ExternalName"}
            svc/shop/balanced {~namespace="shop", ~service_name="balanced"}
            - {__address__="balanced.shop.svc:443", ~service_cluster_ip="10.96.0.11", ~service_loadbalancer_ip="192.0.2.1,192.0.2.2", ~service_port_number="443", ~service_port_protocol="TCP", ~service_type="LoadBalancer"}
            """,
            await place.FindAsync()
        );
    }

    [Fact]
    public async Task Endpoints_BecomeTheirAddressesAndTheOtherPortsOfTheirPods()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Endpoints);
        Assert.Equal(
            $$"""
            endpoints/shop/web {~endpoints_label_app="web-ep", ~endpoints_labelpresent_app="true", ~endpoints_name="web", ~namespace="shop", {{WebService}}
            - {__address__="10.1.0.5:8080", ~endpoint_address_target_kind="Pod", ~endpoint_address_target_name="web-1", ~endpoint_hostname="web-1", ~endpoint_node_name="node-a", ~endpoint_port_name="http", ~endpoint_port_protocol="TCP", ~endpoint_ready="true", {{WebPod}}~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_name="http", ~pod_container_port_number="8080", ~pod_container_port_protocol="TCP", {{WebPodEnd}}
            - {__address__="[fd00::9]:8080", ~endpoint_address_target_kind="Node", ~endpoint_address_target_name="node-a", ~endpoint_port_name="http", ~endpoint_port_protocol="TCP", ~endpoint_ready="false"}
            - {__address__="10.1.0.5:9090", {{WebPod}}~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_number="9090", ~pod_container_port_protocol="TCP", {{WebPodEnd}}
            """,
            await place.FindAsync()
        );
        Assert.Equal(
            ["/api/v1/services?limit=500", "/api/v1/pods?limit=500", "/api/v1/endpoints?limit=500"],
            place.Server.Requests
        );
    }

    [Fact]
    public async Task TruncatedEndpoints_AreTold()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Endpoints);
        place.Server.Add(
            "endpoints",
            """
            {"metadata": {"name": "big", "namespace": "n", "labels": {"endpoints.kubernetes.io/over-capacity": "truncated"}}}
            """
        );
        await place.Provider.RefreshAsync(default);
        Assert.Equal(
            ["kubernetes_sd: the endpoints n/big are truncated: use the role endpointslice"],
            place.Provider.Problems
        );
        Assert.Equal(2, place.Provider.Groups.Count);
    }

    [Fact]
    public async Task EndpointSlices_BecomeTheirAddressesAndTheOtherPortsOfTheirPods()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.EndpointSlice);
        Assert.Equal(
            $$"""
            endpointslice/shop/web-abc {~endpointslice_address_type="IPv4", ~endpointslice_label_kubernetes_io_service_name="web", ~endpointslice_labelpresent_kubernetes_io_service_name="true", ~endpointslice_name="web-abc", ~namespace="shop", {{WebService}}
            - {__address__="10.1.0.5:8080", ~endpointslice_address_target_kind="Pod", ~endpointslice_address_target_name="web-1", ~endpointslice_endpoint_conditions_ready="true", ~endpointslice_endpoint_conditions_serving="true", ~endpointslice_endpoint_conditions_terminating="false", ~endpointslice_endpoint_node_name="node-a", ~endpointslice_endpoint_zone="z1", ~endpointslice_port="8080", ~endpointslice_port_app_protocol="http", ~endpointslice_port_name="http", ~endpointslice_port_protocol="TCP", {{WebPod}}~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_name="http", ~pod_container_port_number="8080", ~pod_container_port_protocol="TCP", {{WebPodEnd}}
            - {__address__="192.0.2.50:8080", ~endpointslice_endpoint_hostname="outside", ~endpointslice_endpoint_topology_kubernetes_io_hostname="rack-1", ~endpointslice_endpoint_topology_present_kubernetes_io_hostname="true", ~endpointslice_port="8080", ~endpointslice_port_app_protocol="http", ~endpointslice_port_name="http", ~endpointslice_port_protocol="TCP"}
            - {__address__="10.1.0.5:9090", {{WebPod}}~pod_container_image="web:1", ~pod_container_init="false", ~pod_container_name="web", ~pod_container_port_number="9090", ~pod_container_port_protocol="TCP", {{WebPodEnd}}
            """,
            await place.FindAsync()
        );
        Assert.Contains("/apis/discovery.k8s.io/v1/endpointslices?limit=500", place.Server.Requests);
    }

    [Theory]
    [InlineData("PreferDualStack", "IPv6", 0)]
    [InlineData("RequireDualStack", "IPv4", 1)]
    [InlineData("SingleStack", "IPv6", 1)]
    public async Task SliceOfTheSecondFamily_HasNoTargets(string policy, string family, int targets)
    {
        using var place = KubernetesPlace.Of(KubernetesRole.EndpointSlice);
        place.Server.Clear("endpointslices");
        place.Server.Add(
            "services",
            $$$"""
            {"metadata": {"name": "two", "namespace": "n"}, "spec": {"ipFamilyPolicy": "{{{policy}}}", "ipFamilies": ["{{{family}}}", "IPv4"]}}
            """
        );
        place.Server.Add(
            "endpointslices",
            """
            {
              "metadata": {"name": "two-4", "namespace": "n", "labels": {"kubernetes.io/service-name": "two"}},
              "addressType": "IPv4",
              "endpoints": [{"addresses": ["192.0.2.1"]}],
              "ports": [{"port": null}]
            }
            """
        );
        await place.FindAsync();
        Assert.Equal(targets, Assert.Single(place.Provider.Groups).Targets.Count);
    }

    [Fact]
    public async Task Ingresses_BecomeTheirPaths()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Ingress);
        Assert.Equal(
            """
            ingress/shop/shop {~ingress_class_name="nginx", ~ingress_label_tier="edge", ~ingress_labelpresent_tier="true", ~ingress_name="shop", ~namespace="shop"}
            - {__address__="www.shop.example", ~ingress_host="www.shop.example", ~ingress_path="/cart", ~ingress_scheme="https"}
            - {__address__="www.shop.example", ~ingress_host="www.shop.example", ~ingress_path="/", ~ingress_scheme="https"}
            - {__address__="a.b.shop.example", ~ingress_host="a.b.shop.example", ~ingress_path="/", ~ingress_scheme="http"}
            """,
            await place.FindAsync()
        );
        Assert.Equal(["/apis/networking.k8s.io/v1/ingresses?limit=500"], place.Server.Requests);
    }
}
