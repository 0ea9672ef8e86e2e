using Tributary.Configuration.Http;

namespace Tributary.Discovery.Kubernetes;

/// <summary>The cluster that we run in a pod of, and what a pod is given to ask its API server with.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/</remarks>
/// <param name="Variable">Variables of the environment.</param>
/// <param name="Folder">Where the token, the authority and the namespace are.</param>
internal sealed record ServiceAccount(Func<string, string?> Variable, string Folder)
{
    /// <summary>That of this process.</summary>
    public static readonly ServiceAccount OfProcess = new(
        Environment.GetEnvironmentVariable,
        "/var/run/secrets/kubernetes.io/serviceaccount"
    );

    private const int MaxNamespaceBytes = 1024;

    /// <summary>How the cluster's API server is asked; the token and the authority are read again whenever they are used.</summary>
    /// <exception cref="DiscoveryException">We are in no pod, or it has no token.</exception>
    public KubernetesConnection Connect()
    {
        var host = Variable("KUBERNETES_SERVICE_HOST");
        var port = Variable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new DiscoveryException(
                "this process is in no pod of Kubernetes (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set); "
                    + "give kubeconfig_file or api_server"
            );
        }
        var token = Path.Combine(Folder, "token");
        if (!File.Exists(token))
        {
            throw new DiscoveryException(
                $"this pod has no token ({token}); give it a service account, and set automountServiceAccountToken"
            );
        }
        var authority = Path.Combine(Folder, "ca.crt");
        return new KubernetesConnection(
            $"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}",
            new HttpClientConfig
            {
                Authorization = new AuthorizationConfig("Bearer", Secret.InFile(token)),
                Tls = File.Exists(authority) ? new TlsConfig { Ca = Secret.InFile(authority) } : TlsConfig.Default,
                Proxy = new ProxyConfig { FromEnvironment = true },
            },
            $"the token of this pod's service account ({token})"
        );
    }

    /// <summary>The namespace of the pod.</summary>
    /// <exception cref="DiscoveryException">There is none.</exception>
    public string ReadNamespace()
    {
        var path = Path.Combine(Folder, "namespace");
        try
        {
            if (new FileInfo(path).Length is > 0 and <= MaxNamespaceBytes)
            {
                var name = File.ReadAllText(path).Trim();
                if (name.Length > 0)
                {
                    return name;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiscoveryException($"own_namespace: {exception.Message}", exception);
        }
        throw new DiscoveryException($"own_namespace: {path} has no name of a namespace in it");
    }
}
