using System.Collections.Frozen;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Upstream;

/// <summary>Checks Prometheus' kinds of service discovery as Prometheus does when it starts; most of them are not served.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/</remarks>
internal static class UpstreamDiscovery
{
    /// <summary>What names of fields end with.</summary>
    private const string Suffix = "_sd_configs";

    private const string Aws = """
        access_key endpoint external_id port:integer profile refresh_interval:duration region role_arn secret_key:secret
        @http
        """;

    private const string Zookeeper = "!servers:texts !paths:texts timeout:duration";

    private static readonly Schema Filter = Schema.Of("name values:texts");

    private static readonly FrozenDictionary<string, Schema> Kinds = new Dictionary<string, Schema>
    {
        ["aws"] = Schema
            .Of("!role=ec2|ecs|elasticache|lightsail|msk|rds clusters:texts " + Aws)
            .WithList("filters", Filter),
        ["azure"] = Schema.Of(
            """
            environment port:integer !subscription_id tenant_id client_id client_secret:secret
            refresh_interval:duration authentication_method=OAuth|ManagedIdentity|SDK|WorkloadIdentity resource_group
            @http
            """,
            DiscoveryRules.Azure
        ),
        ["consul"] = Schema.Of(
            """
            +server path_prefix token:secret datacenter namespace partition tag_separator scheme username
            password:secret allow_stale:flag refresh_interval:duration services:texts tags:texts node_meta:map filter
            health_filter @http
            """,
            DiscoveryRules.Consul
        ),
        ["digitalocean"] = Schema.Of("refresh_interval:duration port:integer role=droplets|databases @http"),
        ["dns"] = Schema.Of("!names:texts refresh_interval:duration type port:integer", DiscoveryRules.Dns),
        ["docker"] = Schema
            .Of(
                """
                !host:url port:integer host_networking_host refresh_interval:duration match_first_network:flag @http
                """
            )
            .WithList("filters", Filter),
        ["dockerswarm"] = Schema
            .Of("!host:url !role=services|nodes|tasks port:integer refresh_interval:duration @http")
            .WithList("filters", Filter),
        ["ec2"] = Schema.Of(Aws, null).WithList("filters", Schema.Of("name !values:texts")),
        ["ecs"] = Schema.Of("clusters:texts request_concurrency:integer " + Aws),
        ["elasticache"] = Schema.Of("clusters:texts request_concurrency:integer " + Aws),
        ["eureka"] = Schema.Of("!server:url refresh_interval:duration @http", DiscoveryRules.WholeServer),
        ["gce"] = Schema.Of("!project !zone filter refresh_interval:duration port:integer tag_separator"),
        ["hetzner"] = Schema.Of("!role=robot|hcloud refresh_interval:duration port:integer label_selector @http"),
        ["ionos"] = Schema.Of("!datacenter_id refresh_interval:duration port:integer @http"),
        ["kubernetes"] = KubernetesRules.Schema,
        ["kuma"] = Schema.Of(
            "!server:url client_id refresh_interval:duration fetch_timeout:duration @http",
            DiscoveryRules.WholeServer
        ),
        ["lightsail"] = Schema.Of(Aws),
        ["linode"] = Schema.Of("refresh_interval:duration port:integer tag_separator region @http"),
        ["marathon"] = Schema.Of(
            "!servers:texts refresh_interval:duration auth_token:secret auth_token_file @http",
            DiscoveryRules.Marathon
        ),
        ["msk"] = Schema.Of("clusters:texts request_concurrency:integer " + Aws),
        ["nerve"] = Schema.Of(Zookeeper, DiscoveryRules.Zookeeper),
        ["nomad"] = Schema.Of(
            "allow_stale:flag namespace refresh_interval:duration region +server tag_separator @http"
        ),
        ["oci"] = Schema.Of(
            """
            auth=api_key|instance_principal tenancy user fingerprint key_file key_passphrase:secret key_passphrase_file
            !region compartments:texts port:integer refresh_interval:duration @http
            """,
            DiscoveryRules.Oci
        ),
        ["openstack"] = Schema.Of(
            """
            identity_endpoint username userid password:secret project_name project_id domain_name domain_id
            application_credential_name application_credential_id application_credential_secret:secret
            !role=hypervisor|instance|loadbalancer !region refresh_interval:duration port:integer all_tenants:flag
            availability=public|admin|internal @tls
            """
        ),
        ["outscale"] = Schema.Of(
            """
            endpoint +region !access_key secret_key:secret secret_key_file refresh_interval:duration port:integer @http
            """,
            DiscoveryRules.OneSecretKey
        ),
        ["ovhcloud"] = Schema.Of(
            """
            +endpoint !application_key !application_secret:secret !consumer_key:secret refresh_interval:duration
            !service=dedicated_server|vps
            """
        ),
        ["puppetdb"] = Schema.Of(
            "!url:url !query include_parameters:flag refresh_interval:duration port:integer @http",
            DiscoveryRules.HttpUrl
        ),
        ["rds"] = Schema.Of("clusters:texts request_concurrency:integer " + Aws).WithList("filters", Filter),
        ["scaleway"] = Schema.Of(
            """
            !project_id api_url zone !access_key secret_key:secret secret_key_file name_filter tags_filter:texts
            !role=instance|baremetal refresh_interval:duration port:integer @http
            """,
            DiscoveryRules.OneSecretKey
        ),
        ["serverset"] = Schema.Of(Zookeeper, DiscoveryRules.Zookeeper),
        ["stackit"] = Schema.Of(
            """
            project +region endpoint:url service_account_key:secret private_key:secret service_account_key_path
            private_key_path credentials_file_path refresh_interval:duration port:integer @http
            """
        ),
        ["triton"] = Schema.Of(
            """
            !account role=container|cn !dns_suffix !endpoint groups:texts port:integer refresh_interval:duration
            version:integer @tls
            """,
            DiscoveryRules.PositiveRefreshInterval
        ),
        ["uyuni"] = Schema.Of(
            "!server:url !username !password:secret entitlement separator refresh_interval:duration @http"
        ),
        ["vultr"] = Schema.Of("refresh_interval:duration port:integer @http"),
    }.ToFrozenDictionary();

    /// <summary>The kinds of <see cref="Kinds"/> that are served for jobs.</summary>
    private static readonly FrozenSet<string> ServedKinds = FrozenSet.Create(
        "azure_sd_configs",
        "dns_sd_configs",
        "kubernetes_sd_configs"
    );

    /// <summary>The kinds that have readers of their own for jobs, which stand below Alertmanagers, too.</summary>
    private static readonly FrozenDictionary<string, Schema> Others = new Dictionary<string, Schema>
    {
        ["file_sd_configs"] = Schema.Of("!files:texts refresh_interval:duration", DiscoveryRules.Files),
        ["http_sd_configs"] = Schema.Of("!url:url refresh_interval:duration @http", DiscoveryRules.HttpUrl),
        ["static_configs"] = Schema.Of("targets:texts labels:labels"),
    }.ToFrozenDictionary();

    /// <summary>The names of the fields, sorted.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    [.. Kinds.Keys.Select(kind => kind + Suffix).Order(StringComparer.Ordinal)];

    /// <summary>The same, with those of the other kinds.</summary>
    public static IReadOnlyList<string> AllFields { get; } =
    [.. Fields.Concat(Others.Keys).Order(StringComparer.Ordinal)];

    /// <summary>The names of fields that hold secrets.</summary>
    public static IEnumerable<string> Secrets => Kinds.Values.SelectMany(schema => schema.Secrets);

    /// <summary>The fields of a kind that <see cref="Check"/> knows, by the name of its field in a job.</summary>
    public static Schema SchemaOf(string field) => Kinds[field[..^Suffix.Length]];

    /// <summary>Checks the kinds that a job has, and warns of each that is not served.</summary>
    public static void Check(Section job)
    {
        foreach (var field in Fields)
        {
            if (CheckList(job, field, SchemaOf(field)) && !ServedKinds.Contains(field))
            {
                job.Warn(job.Field(field)!.At, $"{field} is checked, but not served yet: it finds no targets");
            }
        }
    }

    /// <summary>Checks every kind that a section has, and warns of each that is not served.</summary>
    public static void CheckAll(Section section)
    {
        foreach (var field in AllFields)
        {
            var isThere = CheckList(section, field, Others.GetValueOrDefault(field) ?? SchemaOf(field));
            if (isThere && !Others.ContainsKey(field) && !ServedKinds.Contains(field))
            {
                section.Warn(section.Field(field)!.At, $"{field} is checked, but not served yet: it finds nothing");
            }
        }
    }

    /// <returns>Whether there is something in the list.</returns>
    private static bool CheckList(Section section, string field, Schema schema)
    {
        var items = section.List(field);
        foreach (var node in items)
        {
            if (section.Item(node, field, schema.Table) is { } item)
            {
                schema.CheckValues(item);
            }
        }
        return items.Count > 0;
    }
}
