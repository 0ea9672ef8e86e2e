using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Discovery.Kubernetes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>From an API server that lists pods to their samples in <c>/federate</c>.</summary>
public sealed class KubernetesDiscoveryTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public async Task PodsOfAnApiServer_AreScraped()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var source = await FixtureServer.StartAsync([new Fixture("metrics", "orders 7\n")]);
        await using var kubernetes = await KubernetesServer.StartAsync();
        kubernetes.Double.MaxPage = 1;
        var port = new Uri($"http://{source.Authority}").Port;
        kubernetes.Double.Add("pods", Pod("web-1", port, "yes"), Pod("web-2", port, "no"), Pod("web-3", port, "yes"));
        installation.Folder.Write("token", KubernetesDouble.Token + "\n");
        await using var server = await installation.StartAsync(Config(kubernetes.Address));
        var samples = await Patience.ForAsync(
            "the samples of two pods",
            async () =>
            {
                var found = await server.FederateAsync("orders");
                return found.Count == 2 ? found : null;
            },
            () => server.Log
        );
        Assert.Equal(
            ["web-1", "web-3"],
            samples.Select(sample => sample.Series.Get("pod")).Order(StringComparer.Ordinal)
        );
        Assert.All(samples, sample => Assert.Equal("shop", sample.Series.Get("namespace")));
        Assert.Equal(3, kubernetes.Double.Requests.Count);
        Assert.Equal(0, await server.MetricAsync("prometheus_sd_kubernetes_failures_total"));
        await server.StopAsync();
    }

    [Fact]
    public async Task MissingRight_IsOnThePage()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var kubernetes = await KubernetesServer.StartAsync();
        kubernetes.Double.Forbidden.Add("pods");
        installation.Folder.Write("token", KubernetesDouble.Token);
        await using var server = await installation.StartAsync(Config(kubernetes.Address));
        await Patience.UntilAsync(
            "the failure",
            async () => await server.MetricAsync("prometheus_sd_kubernetes_failures_total") == 1,
            () => server.Log
        );
        const string Advice = "bind it to a Role there with apiGroups:";
        var page = await server.Http.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains(Advice, page, StringComparison.Ordinal);
        Assert.DoesNotContain(KubernetesDouble.Token, page + server.Log, StringComparison.Ordinal);
        await server.StopAsync();
    }

    private static string Config(Uri address) =>
        $$"""
            scrape_configs:
            - job_name: pods
              scrape_interval: 200ms
              scrape_timeout: 200ms
              kubernetes_sd_configs:
              - role: pod
                api_server: {{address}}
                namespaces: {names: [shop]}
                authorization: {credentials_file: token}
              relabel_configs:
              - {action: keep, source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: 'yes'}
              - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
              - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
            """;

    private static string Pod(string name, int port, string isScraped) =>
        $$$"""
            {
              "metadata": {
                "name": "{{{name}}}",
                "namespace": "shop",
                "annotations": {"prometheus.io/scrape": "{{{isScraped}}}"}
              },
              "spec": {"containers": [{"name": "c", "ports": [{"containerPort": {{{port}}}}]}]},
              "status": {"phase": "Running", "podIP": "127.0.0.1"}
            }
            """;
}
