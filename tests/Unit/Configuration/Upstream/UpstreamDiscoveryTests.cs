using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration.Upstream;

/// <summary>Kinds of service discovery that are checked by tables; most of them are not served.</summary>
public sealed class UpstreamDiscoveryTests
{
    /// <summary>Kind, and a whole item of it without an error.</summary>
    public static TheoryData<string, string> Good =>
        new()
        {
            { "aws", "{role: msk, region: r, clusters: [a], filters: [{name: n, values: [v]}]}" },
            { "azure", "{subscription_id: s, tenant_id: t, client_id: c, client_secret: x, port: 9100}" },
            { "azure", "{subscription_id: s, authentication_method: SDK, resource_group: g}" },
            { "consul", "{token: t, services: [a], tags: [b], node_meta: {rack: 1}, allow_stale: false}" },
            { "consul", "{server: 's:8500', username: u, password: p}" },
            { "digitalocean", "{role: databases, bearer_token: t}" },
            { "dns", "{names: [a]}" },
            { "dns", "{names: [a], type: mx, port: 9100}" },
            { "docker", "{host: 'unix:///var/run/docker.sock', filters: [{name: n, values: [v]}]}" },
            { "dockerswarm", "{host: 'http://h:2375', role: tasks}" },
            { "ec2", "{region: r, access_key: a, secret_key: s, filters: [{name: n, values: [v]}]}" },
            { "ecs", "{clusters: [c], request_concurrency: 5}" },
            { "elasticache", "{}" },
            { "eureka", "{server: 'http://h/eureka'}" },
            { "gce", "{project: p, zone: z, filter: f}" },
            { "hetzner", "{role: hcloud, label_selector: a}" },
            { "ionos", "{datacenter_id: d}" },
            { "kubernetes", "{role: node}" },
            {
                "kubernetes",
                "{role: pod, api_server: 'https://h', basic_auth: {username: u}, namespaces: {names: [a]}}"
            },
            { "kubernetes", "{role: pod, kubeconfig_file: f, follow_redirects: true}" },
            { "kubernetes", "{role: pod, kubeconfig_file: '', namespaces: {own_namespace: true}}" },
            {
                "kubernetes",
                "{role: pod, namespaces: {own_namespace: true}, attach_metadata: {node: true, cronjob: false}}"
            },
            {
                "kubernetes",
                "{role: service, selectors: [{role: service, label: '!a, b in (c,d),e.f/g!=h', field: 'a=b,c!=d'}]}"
            },
            { "kuma", "{server: 'http://h:5676', client_id: c, fetch_timeout: 2m}" },
            { "lightsail", "{endpoint: e}" },
            { "linode", "{region: r, tag_separator: ';'}" },
            { "marathon", "{servers: ['https://h'], auth_token: t}" },
            { "msk", "{}" },
            { "nerve", "{servers: [s], paths: [/a], timeout: 5s}" },
            { "nomad", "{namespace: n, region: r}" },
            { "oci", "{region: r, tenancy: t, user: u, fingerprint: f, key_file: k, compartments: [c]}" },
            { "oci", "{region: r, auth: instance_principal}" },
            { "openstack", "{role: instance, region: r, availability: admin, tls_config: {ca_file: f}}" },
            { "outscale", "{access_key: a, secret_key_file: f}" },
            { "ovhcloud", "{application_key: a, application_secret: b, consumer_key: c, service: vps}" },
            { "puppetdb", "{url: 'https://h', query: q, include_parameters: true}" },
            { "rds", "{filters: [{name: n}]}" },
            { "scaleway", "{project_id: p, access_key: a, secret_key: s, role: instance, tags_filter: [t]}" },
            { "serverset", "{servers: [s], paths: [/a]}" },
            { "stackit", "{project: p, service_account_key_path: f}" },
            { "triton", "{account: a, dns_suffix: d, endpoint: e, groups: [g], version: 1}" },
            { "uyuni", "{server: 'http://h', username: u, password: p}" },
            { "vultr", "{port: 80, refresh_interval: 1m}" },
        };

    /// <summary>Kind, an item of it, and what errors say of it.</summary>
    public static TheoryData<string, string, string[]> Bad =>
        new()
        {
            { "aws", "{}", ["role is missing"] },
            { "aws", "{role: s3}", ["role \"s3\" must be ec2, ecs, elasticache, lightsail, msk or rds"] },
            {
                "azure",
                "{subscription_id: s}",
                ["tenant_id is missing", "client_id is missing", "client_secret is missing"]
            },
            {
                "azure",
                "{subscription_id: s, authentication_method: Key}",
                ["authentication_method \"Key\" must be OAuth, ManagedIdentity, SDK or WorkloadIdentity"]
            },
            {
                "azure",
                "{authentication_method: SDK, port: a}",
                ["subscription_id is missing", "port \"a\" must be a whole number"]
            },
            { "consul", "{server: ' '}", ["server is empty"] },
            {
                "consul",
                "{token: t, oauth2: {client_id: c, token_url: 'http://t'}}",
                ["token and oauth2 exclude each other; keep one of them"]
            },
            {
                "consul",
                "{password: p, basic_auth: {}}",
                ["password and basic_auth exclude each other; keep one of them"]
            },
            { "consul", "{sevices: [a]}", ["unknown field \"sevices\"; did you mean services?"] },
            { "digitalocean", "{role: ''}", ["role \"\" must be droplets or databases"] },
            { "dns", "{names: []}", ["names is missing"] },
            { "dns", "{names: [a], type: A}", ["port is missing; only SRV records have one"] },
            { "dns", "{names: [a], type: TXT}", ["type \"TXT\" must be SRV, A, AAAA, MX or NS"] },
            { "dockerswarm", "{host: h}", ["role is missing"] },
            { "docker", "{host: '127.0.0.1:80'}", ["host is not a valid address"] },
            {
                "ec2",
                "{filters: [{name: n, values: []}, null]}",
                ["filters: values is missing", "filters has an empty item"]
            },
            {
                "ec2",
                "{bearer_token: a, bearer_token_file: b}",
                ["bearer_token and bearer_token_file exclude each other; keep one of them"]
            },
            { "eureka", "{server: eureka.com}", ["server must be an address with a scheme and a host"] },
            {
                "gce",
                "{project: p, refresh_interval: 5}",
                [
                    "zone is missing",
                    "refresh_interval \"5\": not a valid duration; write for example 15s, 1m30s or 500ms",
                ]
            },
            {
                "kubernetes",
                "{role: vms}",
                ["role \"vms\" must be node, pod, service, endpoints, endpointslice or ingress"]
            },
            {
                "kubernetes",
                "{role: pod, api_server: 'https://h', kubeconfig_file: f}",
                ["kubeconfig_file and api_server exclude each other; keep one of them"]
            },
            {
                "kubernetes",
                "{role: pod, kubeconfig_file: f, enable_http2: false}",
                ["kubeconfig_file goes without settings of the HTTP client: it has its own"]
            },
            {
                "kubernetes",
                "{role: pod, tls_config: {server_name: s}}",
                ["settings of the HTTP client need api_server beside them"]
            },
            {
                "kubernetes",
                "{role: pod, api_server: 'https://h', namespaces: {own_namespace: true}}",
                ["namespaces: own_namespace and api_server exclude each other; keep one of them"]
            },
            { "kubernetes", "{role: pod, selectors: [{label: a}]}", ["selectors: role is missing"] },
            {
                "kubernetes",
                "{role: pod, selectors: [{role: pod}, {role: pod}]}",
                ["selectors: role \"pod\" is there twice"]
            },
            {
                "kubernetes",
                "{role: service, selectors: [{role: pod}]}",
                ["selectors: role \"pod\" does not go with this role, which takes service"]
            },
            {
                "kubernetes",
                "{role: pod, selectors: [{role: pod, label: 'a b', field: 'a-b'}]}",
                ["selectors: label \"a b\" is not a label selector", "selectors: field \"a-b\" is not a field selector"]
            },
            {
                "kubernetes",
                "{role: pod, namespaces: {name: [a]}}",
                ["namespaces: unknown field \"name\"; did you mean names?"]
            },
            {
                "marathon",
                "{servers: [s], auth_token: a, auth_token_file: b}",
                ["auth_token and auth_token_file exclude each other; keep one of them"]
            },
            {
                "marathon",
                "{servers: [s], auth_token_file: a, basic_auth: {}}",
                ["auth_token_file and basic_auth exclude each other; keep one of them"]
            },
            {
                "marathon",
                "{servers: [s], auth_token: '${env:NO}'}",
                ["auth_token: the environment variable \"NO\" is not set"]
            },
            { "nerve", "{servers: [s], paths: [a]}", ["paths: \"a\" must begin with /"] },
            { "oci", "{region: r, auth: instance_principal, user: u}", ["user is only for auth: api_key"] },
            {
                "oci",
                "{region: r, auth: instance_principal, compartments: [''], refresh_interval: 0s}",
                ["compartments has an empty item", "refresh_interval must be longer than 0"]
            },
            {
                "openstack",
                "{role: instance, region: r, availability: x}",
                ["availability \"x\" must be public, admin or internal"]
            },
            {
                "outscale",
                "{access_key: a, region: ''}",
                ["secret_key or secret_key_file is missing", "region is empty"]
            },
            {
                "ovhcloud",
                "{application_key: a, application_secret: b, service: x}",
                ["consumer_key is missing", "service \"x\" must be dedicated_server or vps"]
            },
            {
                "puppetdb",
                "{url: 'ftp://h', query: q}",
                ["url must be an address with http:// or https:// and a host"]
            },
            {
                "scaleway",
                "{project_id: p, access_key: a, secret_key: s, secret_key_file: f, role: x}",
                [
                    "secret_key and secret_key_file exclude each other; keep one of them",
                    "role \"x\" must be instance or baremetal",
                ]
            },
            {
                "triton",
                "{account: a, dns_suffix: d, endpoint: e, role: x, tls_config: {cert: c}}",
                [
                    "role \"x\" must be container or cn",
                    "tls_config: cert needs key or key_file beside it: a certificate and its key go together",
                ]
            },
            { "vultr", "[]", ["vultr_sd_configs must be a mapping of names to values, not a list"] },
        };

    [Theory]
    [MemberData(nameof(Good))]
    public void GoodItems_AreAccepted_WithAWarningWhereTheyAreNotServed(string kind, string item)
    {
        var errors = Check(kind, item);
        errors.ThrowIfAny();
        if (kind is "azure" or "dns" or "kubernetes")
        {
            Assert.DoesNotContain(errors.Warnings, one => one.Message.Contains("not served", StringComparison.Ordinal));
            return;
        }
        var warning = errors.Warnings[0].Message;
        Assert.Equal($"job: {kind}_sd_configs is checked, but not served yet: it finds no targets", warning);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void BadItems_AreErrors(string kind, string item, string[] expected)
    {
        var exception = Assert.Throws<ConfigException>(Check(kind, item).ThrowIfAny);
        var start = $"job: {kind}_sd_configs: ";
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            exception
                .Errors.Select(error => error.Message.Replace(start, "").Replace("job: ", ""))
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void EveryKind_HasAGoodItem()
    {
        var kinds = Good.Select(row => row.Data.Item1 + "_sd_configs").Distinct(StringComparer.Ordinal);
        Assert.Equal(UpstreamDiscovery.Fields, kinds.Order(StringComparer.Ordinal));
    }

    /// <summary>A configuration is shown without what such names hold.</summary>
    [Fact]
    public void SecretFields_HaveNamesThatAreHidden()
    {
        string[] endings = ["key", "passphrase", "password", "secret", "token"];
        string[] names = [.. UpstreamDiscovery.Secrets, .. UpstreamSections.Secrets];
        Assert.Contains("key_passphrase", names);
        Assert.Contains("certificate_password", names);
        Assert.All(names, name => Assert.Contains(endings, ending => name.EndsWith(ending, StringComparison.Ordinal)));
    }

    private static ErrorList Check(string kind, string item)
    {
        var errors = new ErrorList("f", _ => null);
        UpstreamDiscovery.Check(Section.Open(YamlTree.Read($"{kind}_sd_configs: [{item}]", errors)!, "job", errors)!);
        return errors;
    }
}
