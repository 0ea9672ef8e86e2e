namespace Tributary.Configuration.Http;

/// <summary>How another server is asked over HTTP: credentials, TLS, proxies, headers. At most one way to authenticate is set.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config</remarks>
public sealed record HttpClientConfig
{
    /// <summary>What holds where nothing is said.</summary>
    public static readonly HttpClientConfig Default = new();

    /// <summary>User name and password; null without.</summary>
    public BasicAuthConfig? BasicAuth { get; init; }

    /// <summary>The header <c>Authorization</c>, from <c>authorization</c> or <c>bearer_token</c>; null without.</summary>
    public AuthorizationConfig? Authorization { get; init; }

    /// <summary>Tokens from a token endpoint; null without.</summary>
    public OAuth2Config? OAuth2 { get; init; }

    /// <summary>Tokens of Microsoft Entra; null without.</summary>
    public AzureAdConfig? AzureAd { get; init; }

    /// <summary>TLS of <c>https</c> addresses.</summary>
    public TlsConfig Tls { get; init; } = TlsConfig.Default;

    /// <summary>Proxies between us and the server.</summary>
    public ProxyConfig Proxy { get; init; } = ProxyConfig.None;

    /// <summary>Whether answers 301, 302, 303, 307 and 308 are followed.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Whether HTTP/2 may be spoken over TLS.</summary>
    public bool EnableHttp2 { get; init; } = true;

    /// <summary>Headers of every request, by name.</summary>
    public IReadOnlyDictionary<string, HttpHeaderConfig> HttpHeaders { get; init; } =
        new Dictionary<string, HttpHeaderConfig>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>User name and password.</summary>
/// <param name="Username">The user; a file is possible though it is no secret.</param>
/// <param name="Password">The password; null is an empty one.</param>
public sealed record BasicAuthConfig(Secret Username, Secret? Password);

/// <summary>The header <c>Authorization: TYPE CREDENTIALS</c>.</summary>
/// <param name="Type">The scheme, <c>Bearer</c> unless said otherwise; never <c>basic</c>.</param>
/// <param name="Credentials">What follows it.</param>
public sealed record AuthorizationConfig(string Type, Secret Credentials);

/// <summary>A header of every request.</summary>
/// <param name="Values">Its values in the order plain values, secrets, files.</param>
public sealed record HttpHeaderConfig(IReadOnlyList<Secret> Values);

/// <summary>Proxies between us and a server; at most one of the first two is set.</summary>
public sealed record ProxyConfig
{
    /// <summary>No proxy.</summary>
    public static readonly ProxyConfig None = new();

    /// <summary>The proxy's address, <c>http</c> or <c>https</c>; it may hold credentials, so it is never shown whole.</summary>
    public Uri? Url { get; init; }

    /// <summary>Whether <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> decide.</summary>
    public bool FromEnvironment { get; init; }

    /// <summary>Hosts, domains, addresses and CIDR ranges that are asked without the proxy, by commas; empty is none.</summary>
    public string NoProxy { get; init; } = "";

    /// <summary>Headers for the proxy in a CONNECT request, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Secret>> ConnectHeaders { get; init; } =
        new Dictionary<string, IReadOnlyList<Secret>>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>The client side of TLS.</summary>
public sealed record TlsConfig
{
    /// <summary>The system's authorities, no client certificate.</summary>
    public static readonly TlsConfig Default = new();

    /// <summary>PEM certificates of the authorities to believe instead of the system's; null is the system's.</summary>
    public Secret? Ca { get; init; }

    /// <summary>The PEM client certificate, with <see cref="Key"/>; null without.</summary>
    public Secret? Certificate { get; init; }

    /// <summary>The PEM key of the client certificate; null without.</summary>
    public Secret? Key { get; init; }

    /// <summary>The name that the server's certificate must have; null is the host of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether any certificate of the server is accepted.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>The lowest version, <c>TLS10</c> … <c>TLS13</c>; null is TLS 1.2.</summary>
    public string? MinVersion { get; init; }

    /// <summary>The highest version; null is the highest there is.</summary>
    public string? MaxVersion { get; init; }
}

/// <summary>OAuth 2.0: client credentials, or a signed JWT as <c>urn:ietf:params:oauth:grant-type:jwt-bearer</c>.</summary>
public sealed record OAuth2Config
{
    /// <summary>The client's name; may be empty with a JWT.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The client's secret; null with a JWT.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>The PEM private key that signs the JWT; null without.</summary>
    public Secret? ClientCertificateKey { get; init; }

    /// <summary>The header <c>kid</c> of the JWT; may be empty.</summary>
    public string ClientCertificateKeyId { get; init; } = "";

    /// <summary><c>client_credentials</c>, or <c>urn:ietf:params:oauth:grant-type:jwt-bearer</c>.</summary>
    public string GrantType { get; init; } = "client_credentials";

    /// <summary>The JWT's algorithm: <c>RS256</c>, <c>RS384</c> or <c>RS512</c>.</summary>
    public string SignatureAlgorithm { get; init; } = "RS256";

    /// <summary>The JWT's issuer; empty is the client's name.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>The JWT's audience; empty is <see cref="TokenUrl"/>.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Further claims of the JWT, by name.</summary>
    public IReadOnlyDictionary<string, string> Claims { get; init; } = new Dictionary<string, string>();

    /// <summary>The scopes that are asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Where tokens are had.</summary>
    public required Uri TokenUrl { get; init; }

    /// <summary>Further parameters of a token request, by name.</summary>
    public IReadOnlyDictionary<string, string> EndpointParams { get; init; } = new Dictionary<string, string>();

    /// <summary>TLS of the token endpoint.</summary>
    public TlsConfig Tls { get; init; } = TlsConfig.Default;

    /// <summary>Proxies between us and the token endpoint.</summary>
    public ProxyConfig Proxy { get; init; } = ProxyConfig.None;
}
