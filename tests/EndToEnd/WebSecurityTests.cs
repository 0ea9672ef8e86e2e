using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Functions.Security;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Users, tokens and TLS of the executable, by its configuration.</summary>
public sealed class WebSecurityTests(TributaryExecutable executable, AzuriteFixture azurite) : IDisposable
{
    private const string Password = "correct horse";
    private const string BearerToken = "token-0123456789";
    private const string SecretWord = "hunter2hunter2";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Serve_Credentials_OpenEverythingAndAreNeverShown(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var hash = await HashAsync(Password);
        installation.Folder.Write("token", BearerToken + "\n");
        await using var source = await FakeSource.StartAsync(_ => "fine 1\n");
        await using var server = await installation.StartAsync(
            $$"""
            scrape_configs:
              - job_name: a
                scrape_interval: 1s
                scrape_timeout: 1s
                static_configs: [{targets: ["{{source.Authority}}"]}]
            tributary:
              web:
                users: {anna: "{{hash}}"}
                bearer_tokens: [{file: token}, "{{SecretWord}}"]
            """
        );
        var shown = new StringBuilder();
        string[] paths = ["/status", "/federate?match[]=fine", "/metrics", "/api/v1/targets", "/api/v1/status/config"];
        foreach (var path in paths)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, path, null, shown));
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, path, Basic("anna", "wrong"), shown));
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, path, Basic("bert", Password), shown));
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, path, new("Bearer", "wrong"), shown));
            AuthenticationHeaderValue[] right =
            [
                Basic("anna", Password),
                new("Bearer", BearerToken),
                new("Bearer", SecretWord),
            ];
            foreach (var credentials in right)
            {
                var status = await AskAsync(server, path, credentials, shown);
                Assert.NotEqual(HttpStatusCode.Unauthorized, status);
            }
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, "/-/reload", null, shown, HttpMethod.Post));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "/", null, shown));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "/-/healthy", null, shown));
        installation.Folder.Write("token", "another-token-456\n");
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, "/status", new("Bearer", BearerToken), shown));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "/status", new("Bearer", "another-token-456"), shown));
        var all = $"{shown}\n{server.Log}";
        foreach (var secret in new[] { hash, Password, BearerToken, SecretWord, "another-token-456" })
        {
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Serve_Tls_IsTrustedByWhoTrustsTheRootAndIsRenewed()
    {
        using var certificates = new TestCertificates();
        Write(certificates.Issue("first"));
        await using var server = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder,
            """
            scrape_configs: []
            tributary:
              web:
                bearer_tokens: [token-0123456789]
                tls_server_config: {cert_file: tls.crt, key_file: tls.key}
            """
        );
        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal("CN=first", await SubjectAsync(server.Address, certificates.Root));
        Write(certificates.Issue("renewed"));
        Assert.Equal("CN=renewed", await SubjectAsync(server.Address, certificates.Root));
        using var others = new TestCertificates();
        await Assert.ThrowsAsync<HttpRequestException>(() => SubjectAsync(server.Address, others.Root));
    }

    public static TheoryData<string, string[]> Mistakes { get; } =
        new()
        {
            { $"users: {{anna: {SecretWord}}}", ["anna", "tributary hash-password"] },
            { "users: {anna: {file: nowhere}}", ["\"anna\"", "nowhere", "cannot be read"] },
            { "bearer_tokens: [{file: nowhere}]", ["bearer_tokens", "nowhere", "cannot be read"] },
            { "bearer_tokens: [{file: empty}]", ["bearer_tokens", "the token is empty", "openssl rand"] },
            {
                "tls_server_config: {cert_file: nowhere, key_file: empty}",
                ["tls_server_config", "cert_file", "nowhere", "cannot be read", "PEM"]
            },
            {
                "tls_server_config: {cert_file: empty, key_file: empty}",
                ["tls_server_config", "cert_file", "has no certificate", "PEM"]
            },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Serve_WrongSection_EndsWithFieldFileAndRemedy(string web, string[] messages)
    {
        folder.Write("empty", "\n");
        folder.Write("tributary.yml", $"scrape_configs: []\ntributary:\n  web:\n    {web}\n");
        var (code, output, errors) = await ChildProcess.RunAsync(
            await executable.PathAsync(),
            ["--listen", "127.0.0.1:0"],
            folder.Path
        );
        Assert.Equal(1, code);
        Assert.All(messages, message => Assert.Contains(message, errors, StringComparison.Ordinal));
        Assert.DoesNotContain(SecretWord, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Tributary is at", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    private static async Task<HttpStatusCode> AskAsync(
        TributaryInstance server,
        string path,
        AuthenticationHeaderValue? credentials,
        StringBuilder shown,
        HttpMethod? method = null
    )
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Authorization = credentials;
        using var response = await server.Http.SendAsync(request, Token);
        shown.Append(response).Append(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(
            response.StatusCode == HttpStatusCode.Unauthorized ? 2 : 0,
            response.Headers.WwwAuthenticate.Count
        );
        return response.StatusCode;
    }

    /// <summary>The certificate that answered a request with a token.</summary>
    private static async Task<string?> SubjectAsync(Uri address, X509Certificate2 root)
    {
        string? subject = null;
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { root },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    {
                        subject = certificate?.Subject;
                        return errors == SslPolicyErrors.None;
                    },
                },
            }
        );
        client.DefaultRequestHeaders.Authorization = new("Bearer", BearerToken);
        await client.GetStringAsync(new Uri(address, "/metrics"), Token);
        return subject;
    }

    /// <summary>By the executable, from its standard input.</summary>
    private async Task<string> HashAsync(string password)
    {
        var (code, output, errors) = await ChildProcess.RunAsync(
            "/bin/sh",
            ["-c", "printf '%s\\n' \"$1\" | \"$0\" hash-password", await executable.PathAsync(), password],
            folder.Path
        );
        Assert.Equal((0, ""), (code, errors));
        return output.Trim();
    }

    private void Write((string Chain, string Key) issued)
    {
        folder.Write("tls.crt", issued.Chain);
        folder.Write("tls.key", issued.Key);
    }
}
