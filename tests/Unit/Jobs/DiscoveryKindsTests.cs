using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Jobs;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Which discovery is made of which section, and which sections are one.</summary>
public sealed class DiscoveryKindsTests
{
    private const string Azure = "subscription_id: s, tenant_id: t, client_id: c, client_secret: x";

    /// <summary>A kind, and two sections of it that differ.</summary>
    public static TheoryData<string, string, string> Different =>
        new()
        {
            { "file", "files: [a.yml]", "files: [b.yml]" },
            { "http", "url: 'http://a'", "url: 'http://b'" },
            { "http", "url: 'http://a'", "url: 'http://a', bearer_token: t" },
            { "kubernetes", "role: pod", "role: node" },
            { "kubernetes", "role: pod", "role: pod, kubeconfig_file: f" },
            { "kubernetes", "role: pod, api_server: 'http://a'", "role: pod, api_server: 'http://b'" },
            {
                "kubernetes",
                "role: pod, api_server: 'http://a', bearer_token: a",
                "role: pod, api_server: 'http://a', bearer_token: b"
            },
            { "kubernetes", "role: pod, namespaces: {names: [a]}", "role: pod, namespaces: {names: [b]}" },
            { "kubernetes", "role: pod", "role: pod, namespaces: {own_namespace: true}" },
            {
                "kubernetes",
                "role: pod, selectors: [{role: pod, label: a}]",
                "role: pod, selectors: [{role: pod, label: b}]"
            },
            { "kubernetes", "role: pod", "role: pod, attach_metadata: {cronjob: true}" },
            { "dns", "names: [a]", "names: [a, b]" },
            { "dns", "names: [a], port: 1", "names: [a], port: 2" },
            { "dns", "names: [a], port: 1", "names: [a], port: 1, type: A" },
            { "dns", "names: [a]", "names: [a], refresh_interval: 1m" },
            { "azure", Azure, $"{Azure}, port: 1" },
            { "azure", Azure, Azure.Replace("x", "y", StringComparison.Ordinal) },
            { "azure", Azure, $"{Azure}, resource_group: g" },
            { "azure", Azure, $"{Azure}, follow_redirects: false" },
        };

    [Theory]
    [MemberData(nameof(Different))]
    public void Sections_AreOneWhereTheySayTheSame(string kind, string left, string right)
    {
        Assert.True(Of(kind, left).IsSame(Of(kind, left).Config));
        Assert.True(Of(kind, right).IsSame(Of(kind, right).Config));
        Assert.False(Of(kind, left).IsSame(Of(kind, right).Config));
        Assert.False(Of(kind, left).IsSame("another kind"));
        using var provider = Of(kind, left).Create();
        Assert.Equal(kind, provider.Mechanism);
        Assert.Empty(provider.Groups);
    }

    [Fact]
    public async Task Jobs_WithTheSameSection_ShareADiscovery()
    {
        using var server = new Discovery.Kubernetes.KubernetesDouble();
        server.Intercept = _ =>
            (200, $$$"""{"kind":"NodeList","items":[{{{Discovery.Kubernetes.KubernetesObjects.NodeA}}}]}""");
        IReadOnlyList<Target> targets = [];
        using var job = new DiscoverJob(
            _ => new HttpMessageInvoker(server, disposeHandler: false),
            TimeProvider.System,
            all => targets = all
        );
        const string Nodes = "kubernetes_sd_configs: [{role: node, api_server: 'http://h'}]";
        var text = $"scrape_configs: [{{job_name: a, {Nodes}}}, {{job_name: b, {Nodes}}}]";
        job.Configure(ConfigReader.Read(text, "f"));
        await job.RefreshAsync(default);
        Assert.Empty(job.Problems);
        Assert.Equal(
            ["a 10.0.0.1:10250", "b 10.0.0.1:10250"],
            targets.Select(target => $"{target.Job} {target.Url.Authority}")
        );
        Assert.Equal(["node-a", "node-a"], targets.Select(target => target.Labels.Get("instance")));
        Assert.Single(server.Requests);
        job.Configure(ConfigReader.Read(text, "f"));
        await job.RefreshAsync(default);
        Assert.Single(server.Requests);
    }

    private static WantedDiscovery Of(string kind, string item) =>
        Assert.Single(
            new DiscoveryKinds(_ => new HttpMessageInvoker(new SocketsHttpHandler()), TimeProvider.System).Of(
                ConfigReader
                    .Read($"scrape_configs: [{{job_name: a, {kind}_sd_configs: [{{{item}}}]}}]", "f")
                    .ScrapeConfigs[0]
            )
        );
}
