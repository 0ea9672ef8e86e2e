using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery.Kubernetes;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>Whom a discovery asks, and how: in a pod, by a kubeconfig.</summary>
public sealed class KubernetesConnectionTests : IDisposable
{
    private const string Pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";

    private readonly TestFolder folder = new();
    private readonly Dictionary<string, string?> variables = new(StringComparer.Ordinal)
    {
        ["KUBERNETES_SERVICE_HOST"] = "10.96.0.1",
        ["KUBERNETES_SERVICE_PORT"] = "443",
    };
    private readonly KubernetesDouble server = new();
    private readonly List<HttpClientConfig> clients = [];

    public KubernetesConnectionTests() => Directory.CreateDirectory(folder.Path);

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task InAPod_TheServiceAccountAsks()
    {
        Write("token", KubernetesDouble.Token);
        Write("ca.crt", Pem);
        Write("namespace", "own\n");
        using var provider = Provider(
            new KubernetesSdConfig
            {
                Role = KubernetesRole.Pod,
                HasOwnNamespace = true,
                Namespaces = ["other", "own"],
            }
        );
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Equal(
            ["/api/v1/namespaces/other/pods?limit=500", "/api/v1/namespaces/own/pods?limit=500"],
            server.Requests
        );
        var http = Assert.Single(clients);
        Assert.Equal(("Bearer", PathOf("token")), (http.Authorization!.Type, http.Authorization.Credentials.File));
        Assert.Equal(PathOf("ca.crt"), http.Tls.Ca!.File);
        Assert.False(http.Tls.InsecureSkipVerify);
    }

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1:443")]
    [InlineData("fd00::1", "https://[fd00::1]:443")]
    public void InAPod_TheAddressIsThatOfTheEnvironment(string host, string address)
    {
        variables["KUBERNETES_SERVICE_HOST"] = host;
        Write("token", "t");
        Assert.Equal(address, Account().Connect().Server);
    }

    [Fact]
    public async Task RejectedToken_IsNamedByItsFile()
    {
        Write("token", "old");
        using var provider = Provider(new KubernetesSdConfig { Role = KubernetesRole.Pod });
        server.Intercept = _ => KubernetesDouble.Status(401, "Unauthorized");
        await provider.RefreshAsync(default);
        Assert.Equal(
            "kubernetes_sd: https://10.96.0.1: the API server answered 401 to a list of pods: it does not accept the token of "
                + $"this pod's service account ({PathOf("token")}); are they there, right, and not expired?; it says: Unauthorized",
            Assert.Single(provider.Problems)
        );
    }

    [Theory]
    [InlineData(null, "t", null, "this process is in no pod of Kubernetes (KUBERNETES_SERVICE_HOST")]
    [InlineData("h", null, null, "this pod has no token")]
    [InlineData("h", "t", null, "own_namespace: Could not find file")]
    [InlineData("h", "t", "", "has no name of a namespace in it")]
    [InlineData("h", "t", " \n", "has no name of a namespace in it")]
    public async Task NotInAPod_IsAProblem(string? host, string? token, string? nameSpace, string problem)
    {
        variables["KUBERNETES_SERVICE_HOST"] = host;
        if (token is not null)
        {
            Write("token", token);
        }
        if (nameSpace is not null)
        {
            Write("namespace", nameSpace);
        }
        using var provider = Provider(new KubernetesSdConfig { Role = KubernetesRole.Pod, HasOwnNamespace = true });
        Assert.False(await provider.RefreshAsync(default));
        Assert.Contains(problem, Assert.Single(provider.Problems), StringComparison.Ordinal);
        Assert.Equal(1, provider.Failures);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void Kubeconfig_WithFiles_AsksWithThem()
    {
        var connection = Read(
            """
            apiVersion: v1
            kind: Config
            current-context: b
            contexts:
            - {name: a, context: {cluster: none, user: none}}
            - name: b
              context: {cluster: c, user: u, namespace: ignored}
            clusters:
            - name: c
              cluster:
                server: https://k8s.example:6443/prefix/
                certificate-authority: ca.pem
                tls-server-name: other.example
                proxy-url: http://proxy:3128
            users:
            - name: u
              user: {client-certificate: u.pem, client-key: /abs/u.key, tokenFile: t, token: ignored, username: x}
            """
        );
        var http = connection.Http;
        Assert.Equal("https://k8s.example:6443/prefix", connection.Server);
        Assert.Equal(PathOf("ca.pem"), http.Tls.Ca!.File);
        Assert.Equal((PathOf("u.pem"), "/abs/u.key"), (http.Tls.Certificate!.File, http.Tls.Key!.File));
        Assert.Equal("other.example", http.Tls.ServerName);
        Assert.Equal("http://proxy:3128/", http.Proxy.Url!.ToString());
        Assert.Equal(PathOf("t"), http.Authorization!.Credentials.File);
        Assert.Null(http.BasicAuth);
        Assert.Equal($"the credentials of user \"u\" in {PathOf("config")}", connection.Credentials);
    }

    [Fact]
    public void Kubeconfig_WithDataAndImpersonation_AsksWithThem()
    {
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(Pem));
        var http = Read(
            Config(
                $"server: k8s.example, certificate-authority-data: {data}, certificate-authority: x, insecure-skip-tls-verify: true",
                $"client-certificate-data: {data}, client-key-data: {data}, username: n, password: p, as: admin, as-groups: [g, h]"
            )
        ).Http;
        Assert.Equal((Pem, Pem), (http.Tls.Ca!.Text, http.Tls.Key!.Text));
        Assert.True(http.Tls.InsecureSkipVerify);
        Assert.Equal(("n", "p"), (http.BasicAuth!.Username.Text, http.BasicAuth.Password!.Text));
        Assert.Equal(["Impersonate-Group", "Impersonate-User"], http.HttpHeaders.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["g", "h"], http.HttpHeaders["Impersonate-Group"].Values.Select(value => value.Text));
    }

    /// <summary>A file, and what is told of it behind its path.</summary>
    public static TheoryData<string, string> BadConfigs =>
        new()
        {
            { "", ": the file is empty" },
            { "a: [", ":1" },
            { "[]", ":1:1: a configuration must be a mapping" },
            { "clusters: []", ": it has no current-context; choose one with kubectl config use-context" },
            { "current-context: a", ": contexts has none with the name \"a\"" },
            { "current-context: [a]", ":1:18: current-context must be a single value" },
            { "current-context: a\ncontexts: [{name: a, context: x}]", ":2:31: context \"a\" must be a mapping" },
            { "current-context: a\ncontexts: [{name: a}]", ": the current context names no cluster" },
            { Config("server: ''", "token: t"), ": cluster \"c\" has no server" },
            {
                Config("server: 'ftp://x'", "token: t"),
                ": cluster \"c\": server must begin with https:// and have a host"
            },
            {
                Config("server: h, proxy-url: x", "token: t"),
                ": cluster \"c\": proxy-url must begin with http:// or https://"
            },
            {
                Config("server: h, certificate-authority-data: '!'", "token: t"),
                "certificate-authority-data is not PEM in base64"
            },
            {
                Config("server: h, certificate-authority-data: YWJj", "token: t"),
                "certificate-authority-data is not PEM in base64"
            },
            {
                Config("server: h, insecure-skip-tls-verify: 7", "token: t"),
                "insecure-skip-tls-verify must be true or false"
            },
            {
                Config("server: h", "client-certificate: x"),
                ": user \"u\": client-certificate and client-key go together"
            },
            {
                Config("server: h", "exec: {command: aws}"),
                ": user \"u\" has exec, which is not served: make a service account, and use its token"
            },
            {
                Config("server: h", "auth-provider: {name: gcp}"),
                ": user \"u\" has auth-provider, which is not served"
            },
            { Config("server: h", "as-user-extra: {a: [b]}"), ": user \"u\" has as-user-extra, which is not served" },
        };

    [Theory]
    [MemberData(nameof(BadConfigs))]
    public async Task BadKubeconfig_IsAProblem(string text, string problem)
    {
        using var provider = Provider(
            new KubernetesSdConfig { Role = KubernetesRole.Node, KubeconfigFile = PathOf("config") }
        );
        Write("config", text);
        Assert.False(await provider.RefreshAsync(default));
        var told = Assert.Single(provider.Problems);
        Assert.StartsWith($"kubernetes_sd: {PathOf("config")}:", told, StringComparison.Ordinal);
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task KubeconfigThatIsMissing_IsAProblem()
    {
        using var provider = Provider(
            new KubernetesSdConfig { Role = KubernetesRole.Node, KubeconfigFile = PathOf("none") }
        );
        Assert.False(await provider.RefreshAsync(default));
        Assert.StartsWith(
            $"kubernetes_sd: kubeconfig_file {PathOf("none")}: Could not find file",
            Assert.Single(provider.Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task HugeKubeconfig_IsAProblem()
    {
        await using (var huge = File.Create(PathOf("config")))
        {
            huge.SetLength(Kubeconfig.MaxBytes + 1);
        }
        using var provider = Provider(
            new KubernetesSdConfig { Role = KubernetesRole.Node, KubeconfigFile = PathOf("config") }
        );
        Assert.False(await provider.RefreshAsync(default));
        Assert.Contains($"longer than {Kubeconfig.MaxBytes} bytes", provider.Problems[0], StringComparison.Ordinal);
    }

    /// <summary>A new client where the file has changed, and only there; the versions of another server do not count.</summary>
    [Fact]
    public async Task KubeconfigThatChanges_IsReadAgain()
    {
        using var provider = Provider(
            new KubernetesSdConfig { Role = KubernetesRole.Node, KubeconfigFile = PathOf("config") }
        );
        server.Intercept = _ => (200, """{"kind":"NodeList","metadata":{"resourceVersion":"5"},"items":[]}""");
        Write("config", Config("server: a", "token: one"));
        await provider.RefreshAsync(default);
        await provider.RefreshAsync(default);
        Write("config", Config("server: b", "token: two"));
        await provider.RefreshAsync(default);
        Write("config", "broken");
        await provider.RefreshAsync(default);
        Assert.Equal(["one", "two"], clients.Select(http => http.Authorization!.Credentials.Text));
        Assert.Equal(
            [false, true, false],
            server.Requests.Select(request => request.Contains("resourceVersion", StringComparison.Ordinal))
        );
        Assert.Single(provider.Problems);
    }

    private static string Config(string cluster, string user) =>
        $$$"""
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {{{{cluster}}}}}]
            users: [{name: u, user: {{{{user}}}}}]
            """;

    private KubernetesConnection Read(string text) => Kubeconfig.Read(PathOf("config"), Encoding.UTF8.GetBytes(text));

    private KubernetesDiscovery Provider(KubernetesSdConfig config) =>
        new(
            config,
            http =>
            {
                clients.Add(http);
                return new HttpMessageInvoker(new OwnToken(server, http), disposeHandler: false);
            },
            TimeProvider.System,
            Account()
        );

    private ServiceAccount Account() => new(variables.GetValueOrDefault, folder.Path);

    private string PathOf(string name) => Path.Combine(folder.Path, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    /// <summary>Sends the token of a configuration.</summary>
    private sealed class OwnToken(HttpMessageHandler inner, HttpClientConfig http) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var token = http.Authorization?.Credentials is { File: { } file }
                ? await File.ReadAllTextAsync(file, cancellationToken)
                : "";
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
