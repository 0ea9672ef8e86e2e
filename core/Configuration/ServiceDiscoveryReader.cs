using Tributary.Configuration.Http;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the kinds of discovery whose fields <see cref="UpstreamDiscovery"/> has checked: only the values are left.</summary>
internal static class ServiceDiscoveryReader
{
    public const string AzureKind = "azure_sd_configs";
    public const string DnsKind = "dns_sd_configs";
    public const string KubernetesKind = "kubernetes_sd_configs";

    private static readonly TimeSpan DefaultDnsRefresh = TimeSpan.FromSeconds(30);

    /// <summary>What <c>kubernetes_sd_configs</c> of a job say; an item with an error is left out.</summary>
    public static List<KubernetesSdConfig> ReadKubernetes(Section section) =>
        Read(section, KubernetesKind, KubernetesRules.Schema, ReadKubernetesItem);

    /// <summary>What <c>dns_sd_configs</c> of a job say; an item with an error is left out.</summary>
    public static List<DnsSdConfig> ReadDns(Section section) =>
        Read(section, DnsKind, UpstreamDiscovery.SchemaOf(DnsKind), ReadDnsItem);

    /// <summary>What <c>azure_sd_configs</c> of a job say; an item with an error is left out.</summary>
    public static List<AzureSdConfig> ReadAzure(Section section) =>
        Read(section, AzureKind, UpstreamDiscovery.SchemaOf(AzureKind), ReadAzureItem);

    /// <summary>The name of a role, as the configuration and labels have it.</summary>
    public static string NameOf(KubernetesRole role) =>
        role switch
        {
            KubernetesRole.Node => "node",
            KubernetesRole.Pod => "pod",
            KubernetesRole.Service => "service",
            KubernetesRole.Endpoints => "endpoints",
            KubernetesRole.EndpointSlice => "endpointslice",
            _ => "ingress",
        };

    private static List<T> Read<T>(Section section, string kind, Schema schema, Func<Section, T?> read)
        where T : class
    {
        var configs = new List<T>();
        foreach (var node in section.List(kind))
        {
            if (section.Item(node, kind, schema.Table) is { } item && read(item) is { } config)
            {
                configs.Add(config);
            }
        }
        return configs;
    }

    private static KubernetesSdConfig? ReadKubernetesItem(Section item)
    {
        if (RoleOf(item) is not { } role)
        {
            return null;
        }
        var namespaces = Inner(item, "namespaces");
        var metadata = Inner(item, "attach_metadata");
        return new KubernetesSdConfig
        {
            Role = role,
            ApiServer = ReadServer(item),
            KubeconfigFile = item.NonEmptyText("kubeconfig_file") is { } path ? item.Errors.PathOf(path) : null,
            Http = HttpClientReader.Read(item),
            HasOwnNamespace = namespaces?.Flag("own_namespace", false) ?? false,
            Namespaces = [.. (namespaces?.Texts("names") ?? []).Select(name => name.Text)],
            Selectors = ReadSelectors(item),
            AttachMetadata = new KubernetesMetadata
            {
                Node = metadata?.Flag("node", false) ?? false,
                Namespace = metadata?.Flag("namespace", false) ?? false,
                Deployment = metadata?.Flag("deployment", false) ?? false,
                Job = metadata?.Flag("job", false) ?? false,
                CronJob = metadata?.Flag("cronjob", false) ?? false,
            },
        };
    }

    private static List<KubernetesSelector> ReadSelectors(Section item)
    {
        var selectors = new List<KubernetesSelector>();
        foreach (var mapping in item.List("selectors").OfType<YamlMapping>())
        {
            var selector = new Section(mapping, item.Below("selectors"), item.Errors);
            if (RoleOf(selector) is { } role)
            {
                selectors.Add(new KubernetesSelector(role, selector.Text("label") ?? "", selector.Text("field") ?? ""));
            }
        }
        return selectors;
    }

    private static KubernetesRole? RoleOf(Section section)
    {
        var text = section.Text("role") ?? "";
        foreach (var role in Enum.GetValues<KubernetesRole>())
        {
            if (string.Equals(text, NameOf(role), StringComparison.Ordinal))
            {
                return role;
            }
        }
        return null;
    }

    /// <summary>The address of an API server; without a scheme it is asked over http, as Prometheus does.</summary>
    private static Uri? ReadServer(Section item)
    {
        if (item.NonEmptyText("api_server") is not { } text)
        {
            return null;
        }
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (
            Uri.TryCreate(full, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url.Host.Length > 0
        )
        {
            return url;
        }
        item.Refuse(item.Field("api_server")!.At, "api_server must begin with http:// or https:// and have a host");
        return null;
    }

    private static DnsSdConfig ReadDnsItem(Section item) =>
        new(
            [.. item.Texts("names").Select(name => name.Text)],
            item.NonEmptyText("type")?.ToUpperInvariant() switch
            {
                "A" => DnsRecordType.A,
                "AAAA" => DnsRecordType.Aaaa,
                "MX" => DnsRecordType.Mx,
                "NS" => DnsRecordType.Ns,
                _ => DnsRecordType.Srv,
            },
            item.Integer("port") ?? 0,
            item.Duration("refresh_interval") ?? DefaultDnsRefresh
        );

    private static AzureSdConfig ReadAzureItem(Section item)
    {
        var defaults = new AzureSdConfig { SubscriptionId = "" };
        return new AzureSdConfig
        {
            Environment = item.NonEmptyText("environment") ?? defaults.Environment,
            Port = item.Integer("port") ?? defaults.Port,
            SubscriptionId = item.Text("subscription_id") ?? "",
            TenantId = item.Text("tenant_id") ?? "",
            ClientId = item.Text("client_id") ?? "",
            ClientSecret = SecretReader.ReadText(item, "client_secret"),
            RefreshInterval = item.Duration("refresh_interval") ?? defaults.RefreshInterval,
            AuthenticationMethod = item.Text("authentication_method") switch
            {
                "ManagedIdentity" => AzureAuthenticationMethod.ManagedIdentity,
                "SDK" => AzureAuthenticationMethod.Sdk,
                "WorkloadIdentity" => AzureAuthenticationMethod.WorkloadIdentity,
                _ => AzureAuthenticationMethod.OAuth,
            },
            ResourceGroup = item.Text("resource_group") ?? "",
            Http = HttpClientReader.Read(item),
        };
    }

    private static Section? Inner(Section item, string field) =>
        item.Field(field) is YamlMapping mapping ? new Section(mapping, item.Below(field), item.Errors) : null;
}
