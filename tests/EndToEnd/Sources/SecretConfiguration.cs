using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A configuration with a secret wherever one can be.</summary>
/// <param name="markers">Gets the secrets.</param>
/// <param name="folder">Gets the files.</param>
/// <param name="source">The authority of an <see cref="EchoSource"/>.</param>
/// <param name="hash">The hash of the password of the user <c>anna</c>.</param>
internal sealed class SecretConfiguration(Markers markers, TemporaryFolder folder, string source, string hash)
{
    /// <summary>The variables that it names.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["E2E_PASSWORD"] = markers.New("variable of password"),
            ["E2E_TOKEN"] = markers.New("variable of bearer_tokens"),
            ["E2E_UNUSED"] = markers.New("a variable that nothing names"),
            ["HTTP_PROXY"] = $"http://u:{markers.New("HTTP_PROXY")}@{source}",
        };

    /// <summary>A token that opens the server.</summary>
    public string Token { get; } = markers.New("bearer_tokens");

    private string Web =>
        $$"""
            tributary:
              web:
                users: {anna: "{{hash}}", file: {file: {{File("users file", hash)}}} }
                bearer_tokens: [{{Token}}, "${env:E2E_TOKEN}", {file: {{File("bearer_tokens file")}} }]

            """;

    /// <summary>The sections that are not served, with all of their secrets.</summary>
    private string Unserved =>
        $$"""
            remote_write:
              - url: "http://u:{{M("remote_write url")}}@127.0.0.1:1/?token={{M("remote_write query")}}"
                headers: {X-Key: {{M("remote_write headers")}} }
                sigv4: {access_key: {{M("sigv4 access_key")}}, secret_key: {{M("sigv4 secret_key")}} }
              - url: http://127.0.0.1:1/
                basic_auth: {username: u, password: {{M("remote_write password")}} }
                proxy_url: "http://u:{{M("remote_write proxy_url")}}@127.0.0.1:1"
              - url: http://127.0.0.1:1/a
                azuread:
                  oauth: {client_id: 00000000-0000-0000-0000-000000000000, tenant_id: t, client_secret: {{M(
                "azuread"
            )}} }
            remote_read:
              - url: http://127.0.0.1:1/
                authorization: {type: "Bearer {{M("authorization type")}}", credentials: {{M(
                "remote_read credentials"
            )}} }
            tracing: {endpoint: "127.0.0.1:1", headers: {a: {{M("tracing headers")}} } }
            alerting:
              alertmanagers:
                - basic_auth: {username: u, password: {{M("alertmanager password")}} }
                  consul_sd_configs: [{server: "u:{{M("consul server")}}@127.0.0.1:1", token: {{M(
                "alertmanager consul"
            )}} }]
                  http_headers: {X-Key: {secrets: [{{M("alertmanager headers")}}] } }

            """;

    /// <summary>The whole.</summary>
    public string Text =>
        Web
        + Unserved
        + "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
        + string.Concat(Ways())
        + string.Concat(OwnTargets());

    /// <summary>A configuration that lets the same clients in, with something else.</summary>
    public string With(string more) => Web + more;

    /// <summary>A new secret.</summary>
    public string M(string place) => markers.New(place);

    /// <summary>Every way to fail, asked with every kind of secret.</summary>
    private IEnumerable<string> Ways() =>
        from way in EchoSource.Ways
        from kind in Kinds()
        select Job($"{way}-{kind.Name}", $"metrics_path: /{way}\n{kind.Fields}", source);

    private IEnumerable<(string Name, string Fields)> Kinds() =>
        [
            ("basic", $"basic_auth: {{username: u, password: {M("basic_auth password")}}}"),
            ("file", $"basic_auth: {{username: u, password_file: {File("password_file")}}}"),
            ("variable", "basic_auth: {username: u, password: '${env:E2E_PASSWORD}'}"),
            ("authorization", $"authorization: {{type: Token, credentials: {M("credentials")}}}"),
            ("bearer", $"bearer_token: {M("bearer_token")}"),
            ("bearer_file", $"bearer_token_file: {File("bearer_token_file")}"),
            (
                "headers",
                $"http_headers: {{X-One: {{secrets: [{M("http_headers secrets")}]}}, X-Two: {{files: [{File("http_headers files")}]}}}}"
            ),
            ("params", $"params: {{token: [{M("params token")}], 'match[]': ['{{a=\"b\"}}']}}"),
            ("proxy", $"proxy_url: \"http://u:{M("proxy_url")}@{source}\""),
            ("environment", "proxy_from_environment: true"),
        ];

    private IEnumerable<string> OwnTargets() =>
        [
            Job(
                "oauth2",
                $"oauth2: {{client_id: c, client_secret: {M("client_secret")}, token_url: 'http://u:{M("token_url")}@{source}/token', "
                    + $"endpoint_params: {{resource: {M("endpoint_params")}}}}}",
                source
            ),
            Job(
                "key",
                $"scheme: https\ntls_config: {{cert: {M("cert that is none")}, key: {M("key that is none")}}}",
                source
            ),
            Job(
                "pem",
                $"scheme: https\ntls_config: {{cert: \"{Pem("cert with a key in it")}\", key: \"{Pem("key")}\"}}",
                source
            ),
            Job(
                "pem_file",
                $"scheme: https\ntls_config: {{cert_file: {File("cert_file")}, key_file: {File("key_file")}}}",
                source
            ),
            Job("tls", $"scheme: https\nbearer_token: {M("bearer_token over TLS")}", source),
            Job("closed", $"bearer_token: {M("bearer_token to nobody")}", "127.0.0.1:1"),
            Job("unknown", $"bearer_token: {M("bearer_token to nowhere")}", "nowhere.invalid:1"),
            Job("dead_proxy", $"proxy_url: \"http://u:{M("proxy_url to nobody")}@127.0.0.1:1\"", source),
            Job("path", $"metrics_path: \"/missing?token={M("metrics_path")}\"", source),
            Job(
                "file_lines",
                $"bearer_token_file: {File("two lines", "first " + M("line") + "\n" + M("line"))}",
                source
            ),
            Job(
                "relabelled",
                $"relabel_configs: [{{target_label: __param_token, replacement: {M("replacement")}}}]",
                source
            ),
            Job(
                "dropped",
                $"params: {{token: [{M("params of a dropped target")}]}}\nrelabel_configs: [{{action: drop}}]",
                source
            ),
            Job(
                "rejected",
                "relabel_configs: [{target_label: a, replacement: b}]",
                $"u:{M("user of a target")}@{source}"
            ),
            Job(
                "rejected_too",
                "relabel_configs: [{target_label: a, replacement: b}]",
                $"http://{M("token of a target")}@{source}"
            ),
            Job(
                "labels",
                "",
                source,
                $", labels: {{__param_token: {M("label __param_token")}, __param_sig: {M("label __param_sig")}}}"
            ),
            Discovery(
                "http_sd",
                $"http_sd_configs: [{{url: 'http://u:{M("http_sd url")}@{source}/list?token={M("http_sd query")}'}}]"
            ),
            Discovery(
                "http_sd_type",
                $"http_sd_configs: [{{url: 'http://{source}/type', bearer_token: {M("http_sd token")}}}]"
            ),
            Discovery(
                "http_sd_reason",
                $"http_sd_configs: [{{url: 'http://{source}/reason', bearer_token: {M("http_sd token")}}}]"
            ),
            Discovery("http_sd_closed", $"http_sd_configs: [{{url: 'http://u:{M("http_sd closed")}@127.0.0.1:1/'}}]"),
            Discovery(
                "http_sd_label",
                $"http_sd_configs: [{{url: 'http://{source}/label?token={M("http_sd __meta_url")}'}}]\nrelabel_configs: [{{action: drop}}]"
            ),
            Discovery(
                "http_sd_label_too",
                $"http_sd_configs: [{{url: 'http://{source}/label?token={M("http_sd __meta_url")}'}}]"
            ),
            Discovery(
                "consul",
                $"consul_sd_configs: [{{token: {M("consul token")}, password: {M("consul password")}}}]"
            ),
            Discovery(
                "ec2",
                $"ec2_sd_configs: [{{region: r, access_key: {M("ec2 access_key")}, secret_key: {M("ec2 secret_key")}}}]"
            ),
            Discovery("eureka", $"eureka_sd_configs: [{{server: 'http://u:{M("eureka server")}@127.0.0.1:1/v2'}}]"),
        ];

    private static string Job(string name, string fields, string target, string more = "") =>
        Discovery(name, $"{fields}\nstatic_configs: [{{targets: [\"{target}\"]{more}}}]");

    private static string Discovery(string name, string fields) =>
        $"  - job_name: {name}\n"
        + string.Concat(fields.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"    {line}\n"));

    private string Pem(string place) => $"-----BEGIN PRIVATE KEY-----\\n{M(place)}\\n-----END PRIVATE KEY-----\\n";

    /// <summary>Writes a secret into a file.</summary>
    private string File(string place, string? text = null)
    {
        var name = "secret-" + Guid.NewGuid().ToString("N");
        folder.Write(name, (text ?? M(place)) + "\n");
        return name;
    }
}
