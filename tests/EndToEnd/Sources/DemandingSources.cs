using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.HttpClients;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Servers that demand credentials, in every way there is.</summary>
internal sealed class DemandingSources : IAsyncDisposable
{
    /// <summary>Every secret that is right.</summary>
    public const string Right = "right horse battery";

    private static readonly string ProxyUser = DemandingServer.Basic("proxy user", Right);

    private readonly TestCertificates authority = TestCertificates.Create();
    private readonly TestCertificates stranger = TestCertificates.Create("stranger");
    private readonly TemporaryFolder folder;
    private DemandingServer? elsewhere;

    private DemandingSources(TemporaryFolder folder) => this.folder = folder;

    public DemandingServer Plain { get; private set; } = null!;

    /// <summary>TLS by the private authority, whose certificate is <c>ca.pem</c>.</summary>
    public DemandingServer Secure { get; private set; } = null!;

    /// <summary>As <see cref="Secure"/>, with a certificate for <c>source.test</c>.</summary>
    public DemandingServer Named { get; private set; } = null!;

    /// <summary>TLS by an authority that nobody knows.</summary>
    public DemandingServer Strange { get; private set; } = null!;

    /// <summary>As <see cref="Secure"/>; wants certificates of clients.</summary>
    public DemandingServer Mutual { get; private set; } = null!;

    /// <summary>To <see cref="Plain"/>.</summary>
    public TestProxy PlainProxy { get; private set; } = null!;

    /// <summary>To <see cref="Secure"/>.</summary>
    public TestProxy SecureProxy { get; private set; } = null!;

    /// <summary>The token that the path <c>bearer_file</c> wants.</summary>
    public string Bearer { get; set; } = "first-token";

    /// <summary>The client whose certificate is wanted.</summary>
    public string Client { get; set; } = "CN=first";

    /// <summary>What gives tokens.</summary>
    public TokenIssuer Tokens { get; } = new("client", Right, "sources");

    /// <summary>The values of <c>Authorization</c> that came behind the redirect.</summary>
    public ConcurrentQueue<string> Landed { get; } = new();

    /// <summary>The ways past all of them.</summary>
    public IReadOnlyList<AuthenticationCase> Cases => new AuthenticationCases(this, folder.Path).All;

    /// <summary>The variables that the jobs need.</summary>
    public IReadOnlyDictionary<string, string> Variables =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["E2E_RIGHT"] = Right,
            ["E2E_WRONG"] = "wrong",
            ["HTTP_PROXY"] = $"http://proxy%20user:{Uri.EscapeDataString(Right)}@127.0.0.1:{PlainProxy.Port}",
            ["HTTPS_PROXY"] = $"http://proxy%20user:wrong@127.0.0.1:{SecureProxy.Port}",
            ["NO_PROXY"] = "",
        };

    /// <summary>Starts them, and writes the files that the jobs need.</summary>
    public static async Task<DemandingSources> StartAsync(TemporaryFolder folder)
    {
        var sources = new DemandingSources(folder);
        await sources.StartAsync();
        sources.WriteFiles();
        sources.Demand();
        return sources;
    }

    /// <summary>Writes a certificate of a client as <c>mine</c>.</summary>
    public void WriteClient(string name) => WriteClient("mine", authority.Client(name));

    public async ValueTask DisposeAsync()
    {
        await PlainProxy.DisposeAsync();
        await SecureProxy.DisposeAsync();
        await Plain.DisposeAsync();
        await Secure.DisposeAsync();
        await Named.DisposeAsync();
        await Strange.DisposeAsync();
        await Mutual.DisposeAsync();
        await elsewhere!.DisposeAsync();
        authority.Dispose();
        stranger.Dispose();
    }

    private async Task StartAsync()
    {
        var own = authority.Server(["127.0.0.1"]);
        Plain = await DemandingServer.StartAsync();
        elsewhere = await DemandingServer.StartAsync();
        Secure = await DemandingServer.StartAsync(own);
        Named = await DemandingServer.StartAsync(authority.Server(["source.test"]));
        Strange = await DemandingServer.StartAsync(stranger.Server(["127.0.0.1"]));
        Mutual = await DemandingServer.StartAsync(own, DemandClient);
        PlainProxy = new TestProxy(Plain.Port, ProxyUser);
        SecureProxy = new TestProxy(Secure.Port, ProxyUser);
    }

    private void WriteFiles()
    {
        folder.Write("ca.pem", authority.AuthorityPem);
        folder.Write("secret", Right + "\n");
        folder.Write("wrong", "wrong\n");
        folder.Write("bearer", Bearer + "\n");
        folder.Write("targets.json", $"[{{\"targets\": [\"{Plain.Authority}\"]}}]");
        WriteClient("first");
        WriteClient("theirs", stranger.Client("first"));
    }

    private void Demand()
    {
        var basic = DemandingServer.Basic("anna", Right);
        foreach (var path in (string[])["basic", "basic_file", "basic_environment", "file_sd"])
        {
            Plain.Demand(path, basic);
        }
        foreach (var path in (string[])["oauth2", "oauth2_parameter", "oauth2_tls"])
        {
            Plain.Demand(path, Tokens.Takes);
        }
        Plain.Answer("token", Tokens.AnswerAsync);
        Secure.Answer("token", Tokens.AnswerAsync);
        Plain.Demand("authorization", $"Token {Right}");
        Plain.Demand("bearer_file", context => context.Request.Headers.Authorization == $"Bearer {Bearer}");
        Plain.Demand(
            "headers",
            context =>
                context.Request.Headers["X-Plain"] == "one"
                && context.Request.Headers["X-Secret"] == Right
                && context.Request.Headers["X-File"] == Right
        );
        Plain.Answer("redirect", context => RedirectAsync(context, basic));
        elsewhere!.Answer("landing", LandAsync);
        foreach (var path in (string[])["proxy", "proxy_environment", "no_proxy", "http_sd"])
        {
            Plain.Demand(path, context => !context.Request.Headers.ContainsKey("Authorization"));
        }
        Plain.Answer("targets", context => TargetsAsync(context, basic));
        Secure.Demand("tls_basic", basic);
        Secure.Demand("proxy_tunnel", basic);
        Secure.Demand("tls_scheme", _ => true);
        Named.Demand("server_name", _ => true);
        Strange.Demand("insecure", _ => true);
        foreach (var path in (string[])["mutual", "mutual_stranger", "mutual_pair"])
        {
            Mutual.Demand(path, context => context.Connection.ClientCertificate?.Subject == Client);
        }
    }

    private Task RedirectAsync(HttpContext context, string basic)
    {
        if (context.Request.Headers.Authorization != basic)
        {
            return DemandingServer.TextAsync(context, 401, "");
        }
        context.Response.Redirect($"http://localhost:{elsewhere!.Port}/landing");
        return Task.CompletedTask;
    }

    private Task LandAsync(HttpContext context)
    {
        Landed.Enqueue(context.Request.Headers.Authorization.ToString());
        return DemandingServer.TextAsync(context, 200, "Landed 1\n");
    }

    private Task TargetsAsync(HttpContext context, string basic) =>
        context.Request.Headers.Authorization == basic
            ? DemandingServer.TextAsync(context, 200, $"[{{\"targets\": [\"{Plain.Authority}\"]}}]", "application/json")
            : DemandingServer.TextAsync(context, 401, "");

    private void DemandClient(HttpsConnectionAdapterOptions options)
    {
        options.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        options.ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == authority.Authority.Subject;
    }

    private void WriteClient(string name, X509Certificate2 certificate)
    {
        folder.Write(name + ".crt", certificate.ExportCertificatePem());
        folder.Write(name + ".key", TestCertificates.KeyPem(certificate));
        certificate.Dispose();
    }
}
