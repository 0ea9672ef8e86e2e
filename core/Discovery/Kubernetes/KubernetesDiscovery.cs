using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Configuration.Http;

namespace Tributary.Discovery.Kubernetes;

/// <summary>Targets that a Kubernetes API server knows of (<c>kubernetes_sd_configs</c>): every refresh lists them all.</summary>
/// <remarks>
/// Prometheus watches; here, where a process may live for one tick only, what counts is listed anew, page by page.
/// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
/// </remarks>
public sealed class KubernetesDiscovery : PolledDiscovery
{
    /// <summary>So many objects that are not whole are named.</summary>
    private const int MaxNotes = 5;

    /// <summary>The time between two lists.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private readonly KubernetesSdConfig config;
    private readonly Func<HttpClientConfig, HttpMessageInvoker> connect;
    private readonly TimeProvider time;
    private readonly ServiceAccount account;
    private readonly Dictionary<string, string> versions = new(StringComparer.Ordinal);
    private readonly List<string> notes = [];
    private byte[] kubeconfigHash = [];
    private KubernetesConnection? connection;
    private HttpMessageInvoker? http;

    /// <summary>A discovery that has listed nothing yet.</summary>
    /// <param name="config">What is listed.</param>
    /// <param name="connect">Makes an HTTP client, which is disposed with the discovery, or earlier.</param>
    /// <param name="time">The clock.</param>
    public KubernetesDiscovery(
        KubernetesSdConfig config,
        Func<HttpClientConfig, HttpMessageInvoker> connect,
        TimeProvider time
    )
        : this(config, connect, time, ServiceAccount.OfProcess) { }

    internal KubernetesDiscovery(
        KubernetesSdConfig config,
        Func<HttpClientConfig, HttpMessageInvoker> connect,
        TimeProvider time,
        ServiceAccount account
    )
        : base(RefreshInterval, time)
    {
        this.config = config;
        this.connect = connect;
        this.time = time;
        this.account = account;
    }

    /// <inheritdoc/>
    public override string Mechanism => "kubernetes";

    /// <inheritdoc/>
    public override void Dispose()
    {
        http?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    private protected override async Task<(IReadOnlyList<TargetGroup> Groups, IReadOnlyList<string> Notes)> FindAsync(
        CancellationToken cancellationToken
    )
    {
        var used = Connect();
        var namespaces = Namespaces();
        try
        {
            var api = new KubernetesApi(new ApiClient(http!, time), used, versions);
            notes.Clear();
            var groups = await ListAsync(api, namespaces, cancellationToken);
            api.ThrowIfDenied();
            return (groups, [.. notes.Take(MaxNotes)]);
        }
        catch (DiscoveryException problem)
        {
            throw new DiscoveryException($"{used.ShownServer}: {problem.Message}", problem)
            {
                RetryAfter = problem.RetryAfter,
            };
        }
    }

    private async Task<List<TargetGroup>> ListAsync(
        KubernetesApi api,
        IReadOnlyList<string> namespaces,
        CancellationToken cancellationToken
    )
    {
        var cluster = new ClusterView(config.AttachMetadata);
        await AddClusterAsync(api, cluster, cancellationToken);
        var groups = new List<TargetGroup>();
        foreach (var nameSpace in namespaces)
        {
            await AddNamespaceAsync(api, cluster, nameSpace, cancellationToken);
            groups.AddRange(await GroupsAsync(api, cluster, nameSpace, cancellationToken));
        }
        return groups;
    }

    /// <summary>What is attached of the whole cluster.</summary>
    private async Task AddClusterAsync(KubernetesApi api, ClusterView cluster, CancellationToken cancellationToken)
    {
        var isInNamespace = config.Role is not KubernetesRole.Node;
        var isOfPods = config.Role is KubernetesRole.Pod or KubernetesRole.Endpoints or KubernetesRole.EndpointSlice;
        if (config.AttachMetadata.Namespace && isInNamespace)
        {
            var all = await List(api, KubernetesResource.Namespaces, "", null, ObjectMeta.Read, cancellationToken);
            cluster.AddNamespaces(all);
        }
        if (config.AttachMetadata.Node && isOfPods)
        {
            cluster.AddNodes(
                await List(api, KubernetesResource.Nodes, "", KubernetesRole.Node, NodeObject.Read, cancellationToken)
            );
        }
    }

    /// <summary>What targets of a namespace are told besides.</summary>
    private async Task AddNamespaceAsync(
        KubernetesApi api,
        ClusterView cluster,
        string nameSpace,
        CancellationToken cancellationToken
    )
    {
        if (config.Role is KubernetesRole.Endpoints or KubernetesRole.EndpointSlice)
        {
            var (services, pods) = (KubernetesResource.Services, KubernetesResource.Pods);
            cluster.AddServices(
                await List(api, services, nameSpace, KubernetesRole.Service, ServiceObject.Read, cancellationToken)
            );
            cluster.AddPods(await List(api, pods, nameSpace, KubernetesRole.Pod, PodObject.Read, cancellationToken));
        }
        else if (config.Role is not KubernetesRole.Pod)
        {
            return;
        }
        if (config.AttachMetadata.Deployment)
        {
            var resource = KubernetesResource.ReplicaSets;
            cluster.AddReplicaSets(await List(api, resource, nameSpace, null, ObjectMeta.Read, cancellationToken));
        }
        if (config.AttachMetadata.CronJob)
        {
            var resource = KubernetesResource.Jobs;
            cluster.AddJobs(await List(api, resource, nameSpace, null, ObjectMeta.Read, cancellationToken));
        }
    }

    private async Task<IEnumerable<TargetGroup>> GroupsAsync(
        KubernetesApi api,
        ClusterView cluster,
        string nameSpace,
        CancellationToken cancellationToken
    )
    {
        switch (config.Role)
        {
            case KubernetesRole.Node:
                return (await Objects(KubernetesResource.Nodes, NodeObject.Read)).Select(ToGroup).OfType<TargetGroup>();
            case KubernetesRole.Pod:
                return (await Objects(KubernetesResource.Pods, PodObject.Read))
                    .Select(pod => PodTargets.ToGroup(pod, cluster))
                    .OfType<TargetGroup>();
            case KubernetesRole.Service:
                return (await Objects(KubernetesResource.Services, ServiceObject.Read)).Select(service =>
                    service.ToGroup(cluster)
                );
            case KubernetesRole.Endpoints:
                return (await Objects(KubernetesResource.Endpoints, EndpointsObject.Read)).Select(endpoints =>
                    ToGroup(endpoints, cluster)
                );
            case KubernetesRole.EndpointSlice:
                return (await Objects(KubernetesResource.EndpointSlices, EndpointSliceObject.Read)).Select(slice =>
                    slice.ToGroup(cluster)
                );
            default:
                return (await Objects(KubernetesResource.Ingresses, IngressObject.Read)).Select(ingress =>
                    ingress.ToGroup(cluster)
                );
        }

        Task<List<T>> Objects<T>(KubernetesResource resource, Func<JsonElement, T> read) =>
            List(api, resource, nameSpace, config.Role, read, cancellationToken);
    }

    private TargetGroup? ToGroup(NodeObject node)
    {
        var group = node.ToGroup();
        if (group is null)
        {
            notes.Add($"node {node.Meta.Name} has no address: it is left out");
        }
        return group;
    }

    private TargetGroup ToGroup(EndpointsObject endpoints, ClusterView cluster)
    {
        if (endpoints.IsTruncated)
        {
            notes.Add($"the endpoints {endpoints.Meta.Key} are truncated: use the role endpointslice");
        }
        return endpoints.ToGroup(cluster);
    }

    private Task<List<T>> List<T>(
        KubernetesApi api,
        KubernetesResource resource,
        string nameSpace,
        KubernetesRole? role,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken
    )
    {
        var selector = config.Selectors.FirstOrDefault(one => one.Role == role);
        return api.ListAsync(resource, nameSpace, selector, read, cancellationToken);
    }

    /// <summary>The namespaces that are looked at; an empty name is all of them.</summary>
    private IReadOnlyList<string> Namespaces()
    {
        if (config.Role is KubernetesRole.Node || (config.Namespaces.Count == 0 && !config.HasOwnNamespace))
        {
            return [""];
        }
        IEnumerable<string> own = config.HasOwnNamespace ? [account.ReadNamespace()] : [];
        return [.. config.Namespaces.Concat(own).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The connection, with its client in <see cref="http"/>: a new one when the kubeconfig has changed.</summary>
    private KubernetesConnection Connect()
    {
        if (config.KubeconfigFile is { } path)
        {
            var content = ReadKubeconfig(path);
            var hash = SHA256.HashData(content);
            if (connection is null || !hash.AsSpan().SequenceEqual(kubeconfigHash))
            {
                Use(Kubeconfig.Read(path, content));
                kubeconfigHash = hash;
            }
        }
        else if (connection is null)
        {
            Use(config.ApiServer is null ? account.Connect() : KubernetesConnection.OfServer(config));
        }
        return connection!;
    }

    private void Use(KubernetesConnection next)
    {
        http?.Dispose();
        http = connect(next.Http);
        connection = next;
        versions.Clear();
    }

    private static byte[] ReadKubeconfig(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= Kubeconfig.MaxBytes
                ? File.ReadAllBytes(path)
                : throw new DiscoveryException($"{path}: the file is longer than {Kubeconfig.MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiscoveryException($"kubeconfig_file {path}: {exception.Message}", exception);
        }
    }
}
