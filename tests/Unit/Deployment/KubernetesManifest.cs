using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>The objects of a manifest, and whether each is one that an API server takes.</summary>
internal sealed class KubernetesManifest
{
    /// <summary>Of the kinds that are used, the group and version, and those of its fields that are used.</summary>
    /// <remarks>https://kubernetes.io/docs/reference/kubernetes-api/.</remarks>
    private static readonly Dictionary<string, (string Version, YamlShape Shape)> Kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = ("v1", Shape("metadata! { name! labels { * } }")),
        ["ServiceAccount"] = ("v1", Shape("metadata! { name! namespace! annotations { * } }")),
        ["ConfigMap"] = ("v1", Shape("metadata! { name! namespace! } data! { * }")),
        ["ClusterRole"] = (
            "rbac.authorization.k8s.io/v1",
            Shape("metadata! { name! } rules! { apiGroups! resources! verbs! }")
        ),
        ["ClusterRoleBinding"] = (
            "rbac.authorization.k8s.io/v1",
            Shape(
                "metadata! { name! } roleRef! { apiGroup! kind! name! } subjects! { kind! name! namespace! apiGroup }"
            )
        ),
        ["Service"] = (
            "v1",
            Shape(
                """
                metadata! { name! namespace! labels { * } }
                spec! { selector! { * } ports! { name! port! targetPort protocol } type clusterIP }
                """
            )
        ),
        ["NetworkPolicy"] = (
            "networking.k8s.io/v1",
            Shape(
                """
                metadata! { name! namespace! }
                spec! { podSelector! { matchLabels! { * } } policyTypes!
                  ingress { from { podSelector { matchLabels { * } } namespaceSelector { matchLabels { * } } }
                    ports { port! protocol } } }
                """
            )
        ),
        ["StatefulSet"] = (
            "apps/v1",
            Shape(
                """
                metadata! { name! namespace! labels { * } }
                spec! {
                  replicas serviceName! selector! { matchLabels! { * } }
                  template! {
                    metadata! { labels! { * } annotations { * } }
                    spec! {
                      serviceAccountName! terminationGracePeriodSeconds
                      securityContext! { runAsNonRoot! runAsUser runAsGroup fsGroup fsGroupChangePolicy
                        seccompProfile! { type! } }
                      containers! {
                        name! image! args env { name! value valueFrom { secretKeyRef { name! key! } } }
                        ports! { name! containerPort! protocol }
                        startupProbe { httpGet! { path! port! } periodSeconds timeoutSeconds failureThreshold }
                        livenessProbe! { httpGet! { path! port! } periodSeconds timeoutSeconds failureThreshold }
                        readinessProbe! { httpGet! { path! port! } periodSeconds timeoutSeconds failureThreshold }
                        resources! { requests! { cpu! memory! } limits! { cpu memory! } }
                        securityContext! { allowPrivilegeEscalation! readOnlyRootFilesystem! capabilities! { drop! } }
                        volumeMounts { name! mountPath! readOnly }
                      }
                      volumes { name! configMap { name! } secret { secretName! defaultMode } emptyDir { sizeLimit } }
                    }
                  }
                  volumeClaimTemplates { metadata! { name! }
                    spec! { accessModes! storageClassName resources! { requests! { storage! } } } }
                }
                """
            )
        ),
    };

    private KubernetesManifest(List<KubernetesObject> objects) => Objects = objects;

    /// <summary>The objects, in their order.</summary>
    public IReadOnlyList<KubernetesObject> Objects { get; }

    /// <summary>Reads a file; what an API server would refuse is among the problems.</summary>
    public static KubernetesManifest Read(DeploymentFiles files, string file, List<string> problems)
    {
        var objects = new List<KubernetesObject>();
        foreach (var document in files.Documents(file, problems))
        {
            var (kind, version) = (document.At("kind").Text() ?? "", document.At("apiVersion").Text());
            var metadata = document.At("metadata");
            var one = new KubernetesObject(
                kind,
                metadata.At("name").Text() ?? "",
                metadata.At("namespace").Text(),
                document
            );
            objects.Add(one);
            if (!Kinds.TryGetValue(kind, out var known) || known.Version != version)
            {
                problems.Add($"{file}:{document.At.Line}: there is no kind '{kind}' in '{version}'");
                continue;
            }
            known.Shape.Check(document, $"{file}: {one}", problems);
            KubernetesValues.Check(document, $"{file}: {one}", problems);
        }
        foreach (var group in objects.GroupBy(one => one.ToString()).Where(group => group.Count() > 1))
        {
            problems.Add($"{file}: {group.Key} is there twice");
        }
        return new KubernetesManifest(objects);
    }

    /// <summary>The object of a kind and name, or null.</summary>
    public KubernetesObject? Find(string kind, string? name) =>
        Objects.FirstOrDefault(one => one.Kind == kind && one.Name == name);

    /// <summary>The objects of a kind.</summary>
    public IEnumerable<KubernetesObject> Of(string kind) => Objects.Where(one => one.Kind == kind);

    private static YamlShape Shape(string fields) => YamlShape.Of("apiVersion! kind! " + fields);
}

/// <summary>One object; the namespace is null where the object has none.</summary>
internal sealed record KubernetesObject(string Kind, string Name, string? Namespace, YamlNode Node)
{
    public override string ToString() => $"{Kind} {Name}";
}
