using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;
using Tributary.Identities;

namespace Tributary.Tests.Unit.Configuration.Http;

/// <summary>Settings of clients as a user writes them, what they say, and every error.</summary>
public sealed class HttpClientReaderTests
{
    private const string Everything = """
        authorization:
          type: " Token "
          credentials: ${env:TOKEN}
        tls_config:
          ca: pem
          cert_file: c.pem
          key_file: /abs/k.pem
          server_name: s
          insecure_skip_verify: true
          min_version: TLS12
          max_version: TLS13
        proxy_url: http://u:p@proxy:3128
        no_proxy: a,b
        proxy_connect_header:
          X-One: [a, "${env:TOKEN}"]
          x-one: [b]
        follow_redirects: false
        enable_http2: false
        http_headers:
          X-Two:
            values: [v]
            secrets: [s]
            files: [h.txt]
          X-Three:
        """;

    [Fact]
    public void Everything_IsRead()
    {
        var config = Read(Everything, out _);
        Assert.Equal(
            ("Token", "from the environment"),
            (config.Authorization!.Type, Text(config.Authorization.Credentials))
        );
        Assert.Null(config.BasicAuth);
        var tls = new TlsConfig
        {
            Ca = Secret.Of("pem"),
            Certificate = Secret.InFile("/etc/t/c.pem"),
            Key = Secret.InFile("/abs/k.pem"),
            ServerName = "s",
            InsecureSkipVerify = true,
            MinVersion = "TLS12",
            MaxVersion = "TLS13",
        };
        Assert.Equal(tls, config.Tls);
        Assert.Equal(new Uri("http://u:p@proxy:3128"), config.Proxy.Url);
        Assert.Equal("a,b", config.Proxy.NoProxy);
        Assert.Equal(["a", "from the environment", "b"], config.Proxy.ConnectHeaders["X-One"].Select(Text));
        Assert.False(config.FollowRedirects);
        Assert.False(config.EnableHttp2);
        Assert.Equal(["v", "s", "file /etc/t/h.txt"], config.HttpHeaders["x-two"].Values.Select(Text));
        Assert.Empty(config.HttpHeaders["X-Three"].Values);
    }

    [Fact]
    public void Nothing_IsTheDefaults()
    {
        var defaults = new HttpClientConfig
        {
            EnableHttp2 = false,
            Proxy = new ProxyConfig { NoProxy = "a" },
        };
        Assert.Equal(defaults, Read("{}", out _, defaults));
        var config = Read("basic_auth: {username_file: u, password: p}\nenable_http2: true", out _, defaults);
        Assert.Equal(new BasicAuthConfig(Secret.InFile("/etc/t/u"), Secret.Of("p")), config.BasicAuth);
        Assert.True(config.EnableHttp2);
        Assert.Equal(defaults.Proxy, config.Proxy);
    }

    [Theory]
    [InlineData("bearer_token: t", "Bearer", "t")]
    [InlineData("bearer_token_file: t", "Bearer", "file /etc/t/t")]
    [InlineData("authorization: {}", "Bearer", "")]
    [InlineData("authorization: {credentials_file: /c}", "Bearer", "file /c")]
    public void Authorization_IsOneHeader(string text, string type, string credentials)
    {
        var authorization = Read(text, out _).Authorization!;
        Assert.Equal((type, credentials), (authorization.Type, Text(authorization.Credentials)));
    }

    [Fact]
    public void OAuth2_IsRead()
    {
        var text = """
            oauth2:
              client_id: c
              client_certificate_key_file: k
              client_certificate_key_id: kid
              grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer
              signature_algorithm: RS512
              iss: i
              audience: a
              claims: {x: y}
              scopes: [s, t]
              token_url: https://t/token
              endpoint_params: {p: q}
              tls_config: {server_name: n}
              proxy_from_environment: true
            """;
        var config = Read(text, out _).OAuth2!;
        Assert.Equal(
            ("c", "kid", "i", "a"),
            (config.ClientId, config.ClientCertificateKeyId, config.Issuer, config.Audience)
        );
        Assert.Equal(Secret.InFile("/etc/t/k"), config.ClientCertificateKey);
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", config.GrantType);
        Assert.Equal("RS512", config.SignatureAlgorithm);
        Assert.Equal([new("x", "y")], config.Claims);
        Assert.Equal(["s", "t"], config.Scopes);
        Assert.Equal(new Uri("https://t/token"), config.TokenUrl);
        Assert.Equal([new("p", "q")], config.EndpointParams);
        Assert.Equal("n", config.Tls.ServerName);
        Assert.True(config.Proxy.FromEnvironment);
    }

    [Fact]
    public void OAuth2_WithAnUnknownGrant_UsesClientCredentialsAndWarns()
    {
        var text = "oauth2: {client_id: c, client_secret: s, token_url: 'http://t', grant_type: password}";
        var config = Read(text, out var errors).OAuth2!;
        Assert.Equal("client_credentials", config.GrantType);
        Assert.Equal("s", Text(config.ClientSecret!));
        var warning = errors.Warnings[^1];
        Assert.Equal("oauth2: grant_type \"password\" is not known and counts as client_credentials", warning.Message);
    }

    /// <summary>Settings, and the error lines without the file's name.</summary>
    public static TheoryData<string, string[]> Errors =>
        new()
        {
            {
                "basic_auth: {username: u}\noauth2: {client_id: c, token_url: 'http://t'}",
                ["2:9: basic_auth and oauth2 exclude each other; keep one of them"]
            },
            {
                "bearer_token: a\nbearer_token_file: b",
                ["2:20: bearer_token and bearer_token_file exclude each other; keep one of them"]
            },
            {
                "basic_auth: {password: a, password_file: b}",
                ["1:42: basic_auth: password and password_file exclude each other; keep one of them"]
            },
            {
                "basic_auth: {username_ref: a}",
                [
                    "1:28: basic_auth: username_ref needs a secret manager, and there is none; use username_file or username",
                ]
            },
            {
                "basic_auth: {password: '${env:NO}'}",
                ["1:24: basic_auth: password: the environment variable \"NO\" is not set"]
            },
            {
                "basic_auth: {password: '${env:VAULT}'}",
                ["1:24: basic_auth: password: " + KeyVaultReference.Problem("VAULT")]
            },
            { "basic_auth: {usrname: a}", ["1:14: basic_auth: unknown field \"usrname\"; did you mean username?"] },
            {
                "authorization: {type: BASIC}",
                ["1:23: authorization: type cannot be basic; use basic_auth instead of authorization"]
            },
            { "oauth2: {}", ["1:9: oauth2: client_id is missing", "1:9: oauth2: token_url is missing"] },
            {
                "oauth2: {client_id: c, token_url: /t}",
                ["1:35: oauth2: token_url must be an address with http:// or https://"]
            },
            {
                "tls_config: {cert: a}",
                ["1:20: tls_config: cert needs key or key_file beside it: a certificate and its key go together"]
            },
            {
                "tls_config: {min_version: TLS13, max_version: TLS12}",
                ["1:47: tls_config: max_version TLS12 is below min_version TLS13"]
            },
            {
                "tls_config: {min_version: SSL3}",
                ["1:27: tls_config: min_version \"SSL3\" must be TLS10, TLS11, TLS12 or TLS13"]
            },
            {
                "proxy_url: ftp://user:hidden@p",
                ["1:12: proxy_url must be an address with http:// or https://, for example http://proxy.example:3128"]
            },
            {
                "proxy_url: socks5://user:hidden@p:1080",
                [
                    "1:12: proxy_url must be an address with http:// or https://, for example http://proxy.example:3128 (SOCKS is not spoken)",
                ]
            },
            { "no_proxy: a", ["1:11: no_proxy needs proxy_url beside it"] },
            {
                "proxy_from_environment: true\nno_proxy: a",
                ["2:11: no_proxy and proxy_from_environment exclude each other; keep one of them"]
            },
            {
                "proxy_connect_header: {a: [b]}",
                ["1:23: proxy_connect_header needs proxy_url or proxy_from_environment beside it"]
            },
            {
                "http_headers: {host: {values: [a]}}",
                ["1:16: http_headers: host: this header is reserved and cannot be set"]
            },
            {
                "http_headers: {'a b': {values: [a]}}",
                [
                    "1:16: http_headers: a: this is not a valid name of a header: it is empty, or has a character that none can have; is there a space behind the colon?",
                ]
            },
            {
                "http_headers: {a: {values: [\"a\\nb\"]}}",
                ["1:29: http_headers: a: values: a value cannot have line breaks"]
            },
            {
                "http_headers: {a: {value: b}}",
                ["1:20: http_headers: a: unknown field \"value\"; did you mean values?"]
            },
            {
                "http_headers: {a: {values: b}}",
                ["1:28: http_headers: a: values must be a list of texts, not a single value"]
            },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void BadSettings_AreErrors(string text, string[] expected)
    {
        Read(text, out var errors);
        var exception = Assert.Throws<ConfigException>(errors.ThrowIfAny);
        Assert.Equal(expected, exception.Errors.Select(error => $"{error.Line}:{error.Column}: {error.Message}"));
    }

    private static HttpClientConfig Read(string text, out ErrorList errors, HttpClientConfig? defaults = null)
    {
        errors = new ErrorList("/etc/t/t.yml", Variable);
        var section = Section.Open(YamlTree.Read(text, errors)!, "", errors)!;
        section.CheckFields(FieldTable.Of(HttpClientReader.Fields, ""));
        return HttpClientReader.Read(section, defaults);
    }

    private static string Text(Secret secret) => secret.Text ?? $"file {secret.File}";

    private static string? Variable(string name) =>
        name switch
        {
            "TOKEN" => "from the environment",
            "VAULT" => "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)",
            _ => null,
        };
}
