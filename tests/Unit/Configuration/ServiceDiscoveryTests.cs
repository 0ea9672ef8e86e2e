using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration;

/// <summary>Kubernetes, DNS and Azure discovery: what is read of a job, and how it is shown.</summary>
public sealed class ServiceDiscoveryTests
{
    /// <summary>A kind, an item of it, and how it is shown.</summary>
    public static TheoryData<string, string, string> Shown =>
        new()
        {
            {
                "kubernetes",
                "{role: endpoints}",
                """
                    - role: endpoints
                      kubeconfig_file: ""
                      follow_redirects: true
                      enable_http2: true
                    """
            },
            {
                "kubernetes",
                "{attach_metadata: {node: true}, selectors: [{role: pod, label: 'a=b', field: 'c=d'}, {role: node}], role: pod, namespaces: {own_namespace: true}}",
                """
                    - role: pod
                      kubeconfig_file: ""
                      follow_redirects: true
                      enable_http2: true
                      namespaces:
                        own_namespace: true
                        names: []
                      selectors:
                      - role: pod
                        label: a=b
                        field: c=d
                      - role: node
                      attach_metadata:
                        node: true
                        namespace: false
                        deployment: false
                        job: false
                        cronjob: false
                    """
            },
            {
                "kubernetes",
                "{api_server: 'https://u:hunter22@h:6443/p', role: ingress, bearer_token: hunter22, tls_config: {ca_file: ca.crt}, namespaces: {names: [a, b]}}",
                """
                    - api_server: https://u:xxxxx@h:6443/p
                      role: ingress
                      kubeconfig_file: ""
                      authorization:
                        type: Bearer
                        credentials: <secret>
                      tls_config:
                        ca_file: etc/ca.crt
                        insecure_skip_verify: false
                      follow_redirects: true
                      enable_http2: true
                      namespaces:
                        own_namespace: false
                        names:
                        - a
                        - b
                    """
            },
            {
                "kubernetes",
                "{role: node, kubeconfig_file: kube/config}",
                """
                    - role: node
                      kubeconfig_file: etc/kube/config
                      follow_redirects: true
                      enable_http2: true
                    """
            },
            {
                "dns",
                "{names: [a, _b._tcp.c]}",
                """
                    - names:
                      - a
                      - _b._tcp.c
                      refresh_interval: 30s
                      type: SRV
                      port: 0
                    """
            },
            {
                "dns",
                "{type: mx, names: [a], port: 0x10, refresh_interval: 1m30s}",
                """
                    - names:
                      - a
                      refresh_interval: 1m30s
                      type: mx
                      port: 16
                    """
            },
            {
                "azure",
                "{subscription_id: s, tenant_id: t, client_id: c, client_secret: hunter22}",
                """
                    - environment: AzurePublicCloud
                      port: 80
                      subscription_id: s
                      tenant_id: t
                      client_id: c
                      client_secret: <secret>
                      refresh_interval: 5m
                      authentication_method: OAuth
                      follow_redirects: true
                      enable_http2: true
                    """
            },
            {
                "azure",
                "{subscription_id: s, authentication_method: SDK, resource_group: g, port: 9100, environment: AzureChinaCloud, refresh_interval: 1h}",
                """
                    - environment: AzureChinaCloud
                      port: 9100
                      subscription_id: s
                      refresh_interval: 1h
                      authentication_method: SDK
                      resource_group: g
                      follow_redirects: true
                      enable_http2: true
                    """
            },
        };

    [Theory]
    [MemberData(nameof(Shown))]
    public void Items_AreShownWithDefaultsInPrometheusOrder(string kind, string item, string shown)
    {
        var config = ConfigReader.Read(Job(kind, item), "etc/t.yml");
        Assert.DoesNotContain(
            config.Warnings,
            warning => warning.Message.Contains("not served", StringComparison.Ordinal)
        );
        var yaml = config.ScrapeConfigs[0].EffectiveYaml;
        Assert.EndsWith($"\n{kind}_sd_configs:\n{shown}\n", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", yaml, StringComparison.Ordinal);
        // What is shown is accepted again, but for the paths, and shown alike.
        var again = ConfigReader.Read($"scrape_configs:\n- {yaml.TrimEnd().Replace("\n", "\n  ")}\n", "t.yml");
        Assert.Equal(yaml, again.ScrapeConfigs[0].EffectiveYaml);
    }

    [Fact]
    public void Items_BelowAlertmanagers_AreShownAlike()
    {
        var yaml = ConfigReader
            .Read("alerting: {alertmanagers: [{dns_sd_configs: [{names: [a]}]}]}", "f")
            .EffectiveYaml;
        Assert.Contains("refresh_interval: 30s\n      type: SRV\n      port: 0\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubernetes_IsRead()
    {
        var read = Assert.Single(
            Read(
                "kubernetes",
                """
                {role: endpointslice, api_server: 'h:6443', authorization: {credentials_file: t}, namespaces: {names: [a]},
                 selectors: [{role: service, label: x}], attach_metadata: {namespace: true, deployment: true, job: true, cronjob: true}}
                """
            ).KubernetesSdConfigs
        );
        Assert.Equal(KubernetesRole.EndpointSlice, read.Role);
        Assert.Equal("http://h:6443/", read.ApiServer!.ToString());
        Assert.Equal("etc/t", read.Http.Authorization!.Credentials.File);
        Assert.Equal(["a"], read.Namespaces);
        Assert.Equal([new KubernetesSelector(KubernetesRole.Service, "x", "")], read.Selectors);
        Assert.Equal(
            new KubernetesMetadata
            {
                Namespace = true,
                Deployment = true,
                Job = true,
                CronJob = true,
            },
            read.AttachMetadata
        );
        Assert.False(read.HasOwnNamespace);
    }

    [Theory]
    [InlineData("{names: [a]}", DnsRecordType.Srv, 0, 30)]
    [InlineData("{names: [a], type: A, port: 1, refresh_interval: 5s}", DnsRecordType.A, 1, 5)]
    [InlineData("{names: [a], type: aaaa, port: 1}", DnsRecordType.Aaaa, 1, 30)]
    [InlineData("{names: [a], type: Mx, port: 1}", DnsRecordType.Mx, 1, 30)]
    [InlineData("{names: [a], type: NS, port: 1}", DnsRecordType.Ns, 1, 30)]
    public void Dns_IsRead(string item, DnsRecordType type, long port, int seconds)
    {
        var read = Assert.Single(Read("dns", item).DnsSdConfigs);
        Assert.Equal((type, port, seconds), (read.Type, read.Port, (int)read.RefreshInterval.TotalSeconds));
        Assert.Equal(["a"], read.Names);
    }

    [Theory]
    [InlineData("ManagedIdentity", AzureAuthenticationMethod.ManagedIdentity)]
    [InlineData("SDK", AzureAuthenticationMethod.Sdk)]
    [InlineData("WorkloadIdentity", AzureAuthenticationMethod.WorkloadIdentity)]
    public void Azure_IsRead(string method, AzureAuthenticationMethod expected)
    {
        var read = Assert.Single(
            Read(
                "azure",
                $"{{subscription_id: s, client_id: c, client_secret: '${{env:SECRET}}', authentication_method: {method}}}"
            ).AzureSdConfigs
        );
        Assert.Equal((expected, "s", "c"), (read.AuthenticationMethod, read.SubscriptionId, read.ClientId));
        Assert.Equal(Secret.Of("value of SECRET"), read.ClientSecret);
        Assert.Equal((80L, "", "AzurePublicCloud"), (read.Port, read.ResourceGroup, read.Environment));
    }

    /// <summary>Each error once, though the fields are looked at twice.</summary>
    [Theory]
    [InlineData("kubernetes", "{role: x}", "3:34: job \"a\": kubernetes_sd_configs: role \"x\" must be node, pod,")]
    [InlineData(
        "kubernetes",
        "{role: pod, api_server: 'ftp://h'}",
        "api_server must begin with http:// or https:// and have a host"
    )]
    [InlineData("kubernetes", "{role: pod, namespaces: {own_namespace: maybe}}", "own_namespace must be true or false")]
    [InlineData(
        "kubernetes",
        "{role: pod, selectors: [{role: pod, label: [x]}]}",
        "label must be a single value, not a list"
    )]
    [InlineData("dns", "{names: [a], port: x}", "port \"x\" must be a whole number")]
    [InlineData("dns", "{names: [a], refresh_interval: x}", "refresh_interval \"x\": not a valid duration")]
    [InlineData(
        "azure",
        "{subscription_id: s, authentication_method: SDK, client_secret: '${env:NO}'}",
        "the environment variable \"NO\" is not set"
    )]
    public void BadItem_IsOneError(string kind, string item, string problem)
    {
        var exception = Assert.Throws<ConfigException>(() => ConfigReader.Read(Job(kind, item), "f"));
        Assert.Contains(problem, Assert.Single(exception.Errors).ToString(), StringComparison.Ordinal);
    }

    private static string Job(string kind, string item) =>
        $"scrape_configs:\n- job_name: a\n  {kind}_sd_configs: [{item.ReplaceLineEndings(" ")}]\n";

    private static ScrapeConfig Read(string kind, string item) =>
        ConfigReader
            .Read(Job(kind, item), "etc/t.yml", name => name == "SECRET" ? $"value of {name}" : null)
            .ScrapeConfigs[0];
}
