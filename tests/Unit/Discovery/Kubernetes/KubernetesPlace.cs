using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Discovery.Kubernetes;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>A discovery over the double, with the cluster of <see cref="KubernetesObjects"/>.</summary>
internal sealed class KubernetesPlace : IDisposable
{
    private readonly List<HttpMessageInvoker> clients = [];

    public KubernetesPlace(KubernetesSdConfig config)
    {
        Provider = new KubernetesDiscovery(
            config with
            {
                ApiServer = config.ApiServer ?? new Uri("https://api.example:6443/k8s/"),
            },
            http => Connect(http),
            Time
        );
        Server.Add("nodes", KubernetesObjects.NodeA, KubernetesObjects.NodeSix);
        Server.Add("namespaces", KubernetesObjects.NamespaceShop);
        Server.Add("pods", KubernetesObjects.PodWeb, KubernetesObjects.PodNightly, KubernetesObjects.PodStarting);
        Server.Add("replicasets", KubernetesObjects.ReplicaSetWeb);
        Server.Add("jobs", KubernetesObjects.JobNightly);
        Server.Add(
            "services",
            KubernetesObjects.ServiceWeb,
            KubernetesObjects.ServiceElsewhere,
            KubernetesObjects.ServiceBalanced
        );
        Server.Add("endpoints", KubernetesObjects.EndpointsWeb);
        Server.Add("endpointslices", KubernetesObjects.SliceWeb);
        Server.Add("ingresses", KubernetesObjects.IngressShop);
    }

    public ManualTime Time { get; } = new(1_700_000_000_000);

    public KubernetesDouble Server { get; } = new();

    public KubernetesDiscovery Provider { get; }

    public static KubernetesPlace Of(KubernetesRole role) => new(new KubernetesSdConfig { Role = role });

    /// <summary>Refreshes without a problem, and shows what was found: a line for each group and for each target.</summary>
    public async Task<string> FindAsync()
    {
        await Provider.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Provider.Problems);
        return Show(Provider.Groups);
    }

    /// <summary>Refreshes, which must change nothing but the one problem that is returned.</summary>
    public async Task<string> FailAsync()
    {
        var (before, failures) = (Provider.Groups, Provider.Failures);
        Assert.False(await Provider.RefreshAsync(TestContext.Current.CancellationToken));
        Assert.Same(before, Provider.Groups);
        Assert.Equal(failures + 1, Provider.Failures);
        var problem = Assert.Single(Provider.Problems);
        Assert.DoesNotContain(KubernetesDouble.Token, problem, StringComparison.Ordinal);
        return problem;
    }

    public void Dispose()
    {
        Provider.Dispose();
        clients.ForEach(client => client.Dispose());
    }

    /// <summary>Groups as text, with <c>~</c> for what the names of labels begin with.</summary>
    public static string Show(IEnumerable<TargetGroup> groups) =>
        string.Join(
                '\n',
                groups.SelectMany(group =>
                    group.Targets.Select(target => $"- {target}").Prepend($"{group.Source} {group.Labels}")
                )
            )
            .Replace("__meta_kubernetes_", "~", StringComparison.Ordinal);

    private HttpMessageInvoker Connect(HttpClientConfig config)
    {
        Assert.Null(config.Authorization);
        var client = new HttpMessageInvoker(new TokenHandler(Server), disposeHandler: false);
        clients.Add(client);
        return client;
    }

    /// <summary>Adds what a client with credentials adds.</summary>
    private sealed class TokenHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            // The path that api_server has in front of its own.
            Assert.StartsWith("/k8s/", request.RequestUri!.AbsolutePath, StringComparison.Ordinal);
            request.RequestUri = new Uri(
                request.RequestUri.AbsoluteUri.Replace("/k8s/", "/", StringComparison.Ordinal)
            );
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {KubernetesDouble.Token}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
