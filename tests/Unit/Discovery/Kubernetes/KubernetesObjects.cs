namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>Objects of a small cluster, written after the published schema of the API.</summary>
/// <remarks>https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/</remarks>
internal static class KubernetesObjects
{
    public const string NodeA = """
        {
          "metadata": {
            "name": "node-a",
            "uid": "u-node-a",
            "labels": {"kubernetes.io/arch": "arm64", "zone": "z1"},
            "annotations": {"ttl": "0"}
          },
          "spec": {"podCIDR": "10.1.0.0/24", "providerID": "cloud:///z1/i-1"},
          "status": {
            "addresses": [
              {"type": "Hostname", "address": "node-a"},
              {"type": "InternalIP", "address": "10.0.0.1"},
              {"type": "InternalIP", "address": "fd00::1"}
            ],
            "conditions": [
              {"type": "DiskPressure", "status": "False", "lastHeartbeatTime": null},
              {"type": "Ready", "status": "True"}
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {"kubeletVersion": "v1.34.0"}
          }
        }
        """;

    public const string NodeSix = """
        {
          "metadata": {"name": "node-6", "labels": {"zone": "z2"}},
          "status": {
            "addresses": [{"type": "ExternalIP", "address": "2001:db8::6"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}
          }
        }
        """;

    public const string NodeWithoutAddress = """{"metadata": {"name": "node-0"}, "spec": {}, "status": {}}""";

    public const string NamespaceShop = """
        {
          "metadata": {"name": "shop", "labels": {"team": "a"}, "annotations": {"note": "x y"}},
          "spec": {"finalizers": ["kubernetes"]},
          "status": {"phase": "Active"}
        }
        """;

    public const string PodWeb = """
        {
          "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "uid": "u-web-1",
            "labels": {"app.kubernetes.io/name": "web"},
            "annotations": {"prometheus.io/scrape": "true"},
            "ownerReferences": [
              {"apiVersion": "v1", "kind": "Other", "name": "o", "uid": "1"},
              {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5f", "uid": "2", "controller": true}
            ]
          },
          "spec": {
            "nodeName": "node-a",
            "initContainers": [{"name": "setup", "image": "setup:1"}],
            "containers": [
              {
                "name": "web",
                "image": "web:1",
                "ports": [
                  {"name": "http", "containerPort": 8080, "protocol": "TCP"},
                  {"containerPort": 9090, "protocol": "TCP"}
                ]
              },
              {"name": "side", "image": "side:2"}
            ]
          },
          "status": {
            "phase": "Running",
            "podIP": "10.1.0.5",
            "hostIP": "10.0.0.1",
            "conditions": [
              {"type": "PodScheduled", "status": "True"},
              {"type": "Ready", "status": "True"}
            ],
            "containerStatuses": [
              {"name": "side", "containerID": "containerd://s", "ready": true},
              {"name": "web", "containerID": "containerd://w", "ready": true}
            ],
            "initContainerStatuses": [{"name": "setup", "containerID": "containerd://i"}]
          }
        }
        """;

    public const string PodNightly = """
        {
          "metadata": {
            "name": "nightly-1-x",
            "namespace": "shop",
            "uid": "u-nightly",
            "ownerReferences": [{"kind": "Job", "name": "nightly-1", "controller": true}]
          },
          "spec": {"nodeName": "node-6", "containers": [{"name": "job", "image": "job:1"}]},
          "status": {"phase": "Pending", "podIP": "fd00::7"}
        }
        """;

    public const string PodStarting = """
        {
          "metadata": {"name": "starting", "namespace": "shop"},
          "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 1}]}]},
          "status": {"phase": "Pending"}
        }
        """;

    public const string ReplicaSetWeb = """
        {
          "metadata": {
            "name": "web-5f",
            "namespace": "shop",
            "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]
          }
        }
        """;

    public const string JobNightly = """
        {
          "metadata": {
            "name": "nightly-1",
            "namespace": "shop",
            "ownerReferences": [{"kind": "CronJob", "name": "nightly", "controller": true}]
          }
        }
        """;

    public const string ServiceWeb = """
        {
          "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
          "spec": {
            "type": "ClusterIP",
            "clusterIP": "10.96.0.10",
            "ports": [
              {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"},
              {"port": 8443, "protocol": "TCP"}
            ]
          },
          "status": {"loadBalancer": {}}
        }
        """;

    public const string ServiceElsewhere = """
        {
          "metadata": {"name": "elsewhere", "namespace": "shop"},
          "spec": {"type": "ExternalName", "externalName": "db.example", "ports": [{"port": 5432, "protocol": "TCP"}]}
        }
        """;

    public const string ServiceBalanced = """
        {
          "metadata": {"name": "balanced", "namespace": "shop"},
          "spec": {
            "type": "LoadBalancer",
            "clusterIP": "10.96.0.11",
            "loadBalancerIP": "192.0.2.9",
            "ports": [{"port": 443, "protocol": "TCP"}]
          },
          "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "h"}, {"ip": "192.0.2.2"}]}}
        }
        """;

    public const string EndpointsWeb = """
        {
          "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web-ep"}},
          "subsets": [
            {
              "addresses": [
                {
                  "ip": "10.1.0.5",
                  "hostname": "web-1",
                  "nodeName": "node-a",
                  "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": "u-web-1"}
                }
              ],
              "notReadyAddresses": [
                {"ip": "fd00::9", "targetRef": {"kind": "Node", "name": "node-a"}}
              ],
              "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]
            }
          ]
        }
        """;

    public const string SliceWeb = """
        {
          "metadata": {
            "name": "web-abc",
            "namespace": "shop",
            "labels": {"kubernetes.io/service-name": "web"}
          },
          "addressType": "IPv4",
          "endpoints": [
            {
              "addresses": ["10.1.0.5"],
              "conditions": {"ready": true, "serving": true, "terminating": false},
              "nodeName": "node-a",
              "zone": "z1",
              "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-1"}
            },
            {
              "addresses": ["192.0.2.50"],
              "hostname": "outside",
              "deprecatedTopology": {"kubernetes.io/hostname": "rack-1"}
            }
          ],
          "ports": [{"name": "http", "port": 8080, "protocol": "TCP", "appProtocol": "http"}]
        }
        """;

    public const string IngressShop = """
        {
          "metadata": {"name": "shop", "namespace": "shop", "labels": {"tier": "edge"}},
          "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": ["*.shop.example"], "secretName": "s"}],
            "rules": [
              {
                "host": "www.shop.example",
                "http": {
                  "paths": [
                    {"path": "/cart", "pathType": "Prefix", "backend": {}},
                    {"pathType": "Prefix", "backend": {}}
                  ]
                }
              },
              {"host": "a.b.shop.example"},
              {"host": "none.shop.example", "http": {"paths": []}}
            ]
          }
        }
        """;
}
