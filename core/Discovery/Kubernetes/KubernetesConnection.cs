using Tributary.Configuration;
using Tributary.Configuration.Http;

namespace Tributary.Discovery.Kubernetes;

/// <summary>Which API server is asked, and how.</summary>
/// <param name="Server">Its address, without a slash at its end.</param>
/// <param name="Http">How it is asked.</param>
/// <param name="Credentials">What errors call the credentials.</param>
internal sealed record KubernetesConnection(string Server, HttpClientConfig Http, string Credentials)
{
    /// <summary>Of a user, who may have its name and password in the address.</summary>
    public static KubernetesConnection OfServer(KubernetesSdConfig config) =>
        new(
            config.ApiServer!.GetLeftPart(UriPartial.Path).TrimEnd('/'),
            config.Http,
            config.ApiServer.UserInfo.Length == 0
            && config.Http is { BasicAuth: null, Authorization: null, OAuth2: null, Tls.Certificate: null }
                ? "a request without credentials (give authorization, or a certificate in tls_config)"
                : "the credentials of this item"
        );

    /// <summary>The address as it may be shown.</summary>
    public string ShownServer =>
        new Uri(Server)
            .GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            .TrimEnd('/');
}
