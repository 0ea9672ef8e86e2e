using Tributary.Configuration.Http;
using Tributary.Identities;

namespace Tributary.HttpClients;

/// <summary>Makes HTTP clients as configurations describe them.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config</remarks>
public static class HttpClientFactory
{
    /// <summary>
    /// A client that keeps connections. Files of secrets and certificates are read again whenever they are used. Requests
    /// end in an <see cref="HttpRequestException"/> that <see cref="ConnectionProblem"/> describes, never with a secret.
    /// </summary>
    /// <param name="config">Credentials, TLS, proxies, headers.</param>
    /// <param name="time">The clock of tokens.</param>
    /// <param name="unixSocket">The path of a socket that every connection goes to; null is the address of the request.</param>
    public static HttpMessageInvoker Create(HttpClientConfig config, TimeProvider time, string? unixSocket = null) =>
        Create(config, time, unixSocket, Environment.GetEnvironmentVariable);

    internal static HttpMessageInvoker Create(
        HttpClientConfig config,
        TimeProvider time,
        string? unixSocket,
        Func<string, string?> environment
    )
    {
        var transport = new Transport(
            new TlsFiles(config.Tls, "tls_config"),
            ProxyRules.Of(config.Proxy, "", environment),
            config.EnableHttp2,
            unixSocket,
            time
        );
        var authorization = AuthorizationHeader.Of(
            config,
            oauth2 => CreateTokens(oauth2, time, environment),
            azure => new EntraTokens(azure, TokenPool.For(time))
        );
        return new HttpMessageInvoker(new SourceHandler(config, transport, authorization));
    }

    private static TokenSource CreateTokens(OAuth2Config config, TimeProvider time, Func<string, string?> environment)
    {
        var transport = new Transport(
            new TlsFiles(config.Tls, "oauth2.tls_config"),
            ProxyRules.Of(config.Proxy, "oauth2.", environment),
            isHttp2Enabled: false,
            unixSocket: null,
            time
        );
        return new TokenSource(config, new HttpMessageInvoker(transport), time);
    }
}
