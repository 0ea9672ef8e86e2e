namespace Tributary.Tests.Unit.Deployment;

/// <summary>The manifest: fields, names, selectors, ports, rights, and the server that it starts. Mistakes are found.</summary>
public sealed class KubernetesTests
{
    private const string Manifest = DeploymentFiles.Local + "/kubernetes/tributary.yml";
    private const string Page = "docs/run-elsewhere.md";

    [Fact]
    public async Task Manifest_HasNoMistakes()
    {
        Assert.Empty(await KubernetesCheck.CheckAsync(DeploymentFiles.Repository, Manifest, Page));
    }

    [Theory]
    [InlineData("kind: StatefulSet", "kind: StatefulSets", "no kind 'StatefulSets'")]
    [InlineData("apiVersion: apps/v1", "apiVersion: apps/v1beta1", "no kind 'StatefulSet' in 'apps/v1beta1'")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", "unknown field")]
    [InlineData("livenessProbe:", "livelinessProbe:", "lacks the field livenessProbe")]
    [InlineData("replicas: 1", "replica: 1", "unknown field spec.replica")]
    [InlineData(
        "  name: tributary\n  labels:\n    pod-",
        "  name: tributery\n  labels:\n    pod-",
        "no Namespace tributary"
    )]
    [InlineData("serviceAccountName: tributary", "serviceAccountName: default", "no ServiceAccount default")]
    [InlineData("serviceName: tributary", "serviceName: tributary-pods", "no Service tributary-pods")]
    [InlineData(
        "kind: ClusterRole\n  name: tributary-discovery",
        "kind: ClusterRole\n  name: tributary",
        "no ClusterRole tributary"
    )]
    [InlineData("registry.example/tributary:1.0.0", "registry.example/tributary:latest", "has no version")]
    [InlineData("registry.example/tributary:1.0.0", "registry.example:5000/tributary", "has no version")]
    [InlineData(
        "    matchLabels:\n      app.kubernetes.io/name: tributary\n  template",
        "    matchLabels:\n      app.kubernetes.io/name: tribut\n  template",
        "StatefulSet tributary: selects"
    )]
    [InlineData(
        "selector:\n    app.kubernetes.io/name",
        "selector:\n    app",
        "Service tributary: selects app=tributary"
    )]
    [InlineData("targetPort: http", "targetPort: web", "no port 'web'")]
    [InlineData("- port: http", "- port: 9090", "NetworkPolicy tributary: the container has no port '9090'")]
    [InlineData("containerPort: 19090", "containerPort: 9090", "not the port of the container")]
    [InlineData("value: ':19090'", "value: '127.0.0.1:19090'", "not the port of the container")]
    [InlineData("/-/ready", "/ready", "which is not served")]
    [InlineData("/-/healthy", "/status", "which is not served without credentials")]
    [InlineData("/-/healthy", "/-/ready", "would be ended")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot cannot be 'false'")]
    [InlineData("runAsUser: 1654", "runAsUser: 1000", "runAsUser has to be 1654")]
    [InlineData("fsGroup: 1654", "fsGroup: 1000", "fsGroup has to be 1654")]
    [InlineData("tributary-clients: 'true'", "tributary-clients: true", "has to be in quotes")]
    [InlineData("value: ':19090'", "value: 19090", "value has to be in quotes")]
    [InlineData("memory: 1Gi", "memory: 1GB", "memory cannot be '1GB'")]
    [InlineData("storage: 10Gi", "storage: 10 Gi", "storage cannot be '10 Gi'")]
    [InlineData("sizeLimit: 4Gi", "sizeLimit: 64Mi", "no /tmp that is large enough")]
    [InlineData("mountPath: /tmp", "mountPath: /var/tmp", "no /tmp that is large enough")]
    [InlineData("replicas: 1", "replicas: one", "replicas cannot be 'one'")]
    [InlineData("replicas: 1", "replicas: '1'", "replicas cannot be '1'")]
    [InlineData(
        "accessModes: [ReadWriteOnce]",
        "accessModes: [ReadWriteonce]",
        "accessModes cannot be 'ReadWriteonce'"
    )]
    [InlineData("name: tributary-discovery", "name: tributary_discovery", "name cannot be 'tributary_discovery'")]
    [InlineData("drop: [ALL]", "drop: [NET_RAW]", "drop ALL")]
    [InlineData("{name: tmp, mountPath", "{name: temp, mountPath", "the volume 'temp' is not declared")]
    [InlineData("        name: data\n", "        name: store\n", "the volume 'data' is not declared")]
    [InlineData("configMap: {name: tributary}", "configMap: {name: config}", "no ConfigMap config")]
    [InlineData("secretName: tributary", "secretName: tokens", "does not say how its secret is made")]
    [InlineData("name: TRIBUTARY_CONFIG", "name: TRIBUTARY_CONFIG_FILE", "nothing reads the environment variable")]
    [InlineData("value: /etc/tributary/tributary.yml", "value: /etc/tributary.yml", "does not exist")]
    [InlineData("local:/var/lib/tributary'", "local:/data'", "not in a volume that lasts")]
    [InlineData("args: [serve]", "args: [run]", "serves nothing")]
    [InlineData("args: [serve]", "args: [serve, --storage.tsdb.path=/data]", "serves nothing")]
    [InlineData("honor_labels: true", "honour_labels: true", "unknown field \"honour_labels\"")]
    [InlineData("role: endpointslice", "role: endpointslices", "endpointslices")]
    [InlineData("role: endpointslice", "role: endpoints", "may not list /endpoints")]
    [InlineData("resources: [services, pods]", "resources: [services]", "may not list /pods")]
    [InlineData(
        "resources: [services, pods]",
        "resources: [services, pods, secrets]",
        "nothing needs the right to list /secrets"
    )]
    [InlineData("'localhost:19090'", "'localhost:9090'", "nothing listens on localhost:9090")]
    [InlineData("{file: /etc/tributary-secrets/token}", "{file: /etc/tributary/token}", "no secret is mounted")]
    [InlineData("mountPath: /etc/tributary-secrets", "mountPath: /run/secrets", "no secret is mounted")]
    [InlineData(
        "credentials_file: /etc/tributary-secrets/token",
        "credentials_file: /etc/tributary-secrets/key",
        "no key 'key'"
    )]
    [InlineData("replicas: 1", "replicas: 2", "data, of its own")]
    [InlineData("replicas: 1", "replicas: 0", "replicas cannot be '0'")]
    [InlineData("failureThreshold: 30", "failureThreshold: 0", "failureThreshold cannot be '0'")]
    [InlineData("runAsGroup: 1654", "runAsGroup: 1000", "runAsGroup has to be 1654")]
    [InlineData("memory: 256Mi", "memory: 2Gi", "asks for more memory than its limit")]
    [InlineData("defaultMode: 0440", "defaultMode: 440", "defaultMode cannot be '440'")]
    [InlineData("enforce: restricted", "enforce: privileged", "enforce cannot be 'privileged'")]
    [InlineData(
        "      port: 19090\n",
        "      port: 80\n",
        "the page does not say that it is at http://tributary.tributary:80"
    )]
    [InlineData("kind: ServiceAccount\nmetadata", "kind: Namespace\nmetadata", "is there twice")]
    [InlineData("bearer_tokens:", "bearer_token:", "unknown field \"bearer_token\"")]
    public async Task Mistake_IsFound(string old, string fresh, string problem)
    {
        var files = DeploymentFiles.Repository.With(Manifest, old, fresh);
        var found = await KubernetesCheck.CheckAsync(files, Manifest, Page);
        Assert.Contains(found, one => one.Contains(problem, StringComparison.Ordinal));
    }
}
