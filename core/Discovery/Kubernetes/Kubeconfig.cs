using System.Text;
using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Kubernetes;

/// <summary>Reads a kubeconfig: the cluster and the user of its current context.</summary>
/// <remarks>https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/</remarks>
internal sealed class Kubeconfig
{
    /// <summary>The longest file.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string BeginPem = "-----BEGIN";

    private static readonly UTF8Encoding Strict = new(false, true);

    private readonly string path;
    private readonly ErrorList errors;

    private Kubeconfig(string path)
    {
        this.path = path;
        errors = new ErrorList(path);
    }

    /// <summary>How the API server of a file is asked.</summary>
    /// <param name="path">The file; paths in it begin at its folder.</param>
    /// <param name="utf8">What is in it.</param>
    /// <exception cref="DiscoveryException">It does not say so.</exception>
    public static KubernetesConnection Read(string path, byte[] utf8)
    {
        var file = new Kubeconfig(path);
        try
        {
            var connection = file.Read(utf8);
            file.errors.ThrowIfAny();
            return connection;
        }
        catch (ConfigException exception)
        {
            throw new DiscoveryException(exception.Errors[0].ToString(), exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw new DiscoveryException($"{path}: not valid UTF-8", exception);
        }
    }

    private KubernetesConnection Read(byte[] utf8)
    {
        if (YamlTree.Read(Strict.GetString(utf8).TrimStart('\ufeff'), errors) is not { } node)
        {
            errors.ThrowIfAny();
            throw Refuse("the file is empty");
        }
        var root = Section.Open(node, "", errors) ?? throw Errors();
        if (root.NonEmptyText("current-context") is not { } current)
        {
            throw Refuse("it has no current-context; choose one with kubectl config use-context");
        }
        var context = Named(root, "contexts", current, "context");
        var clusterName = context.NonEmptyText("cluster") ?? throw Refuse("the current context names no cluster");
        var cluster = Named(root, "clusters", clusterName, "cluster");
        var server = ServerOf(cluster);
        var userName = context.NonEmptyText("user");
        var http = new HttpClientConfig { Tls = TlsOf(cluster), Proxy = ProxyOf(cluster) };
        if (userName is not null)
        {
            http = WithUser(http, Named(root, "users", userName, "user"));
        }
        return new KubernetesConnection(
            server,
            http,
            userName is null
                ? $"a request without credentials (the current context of {path} names no user)"
                : $"the credentials of user {Words.Quote(userName)} in {path}"
        );
    }

    private Section Named(Section root, string list, string name, string field)
    {
        foreach (var mapping in root.List(list).OfType<YamlMapping>())
        {
            var item = new Section(mapping, list, errors);
            if (string.Equals(item.Text("name"), name, StringComparison.Ordinal))
            {
                var inner = item.Field(field) ?? new YamlBuilder().Build();
                return Section.Open(inner, $"{field} {Words.Quote(name)}", errors) ?? throw Errors();
            }
        }
        throw Refuse($"{list} has none with the name {Words.Quote(name)}");
    }

    private string ServerOf(Section cluster)
    {
        var text = cluster.NonEmptyText("server") ?? throw Refuse($"{cluster.Name} has no server");
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        return
            Uri.TryCreate(full, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0
            ? url.GetLeftPart(UriPartial.Path).TrimEnd('/')
            : throw Refuse($"{cluster.Name}: server must begin with https:// and have a host");
    }

    private TlsConfig TlsOf(Section cluster) =>
        new()
        {
            Ca = Pem(cluster, "certificate-authority"),
            ServerName = cluster.NonEmptyText("tls-server-name"),
            InsecureSkipVerify = cluster.Flag("insecure-skip-tls-verify", false),
        };

    private ProxyConfig ProxyOf(Section cluster)
    {
        if (cluster.NonEmptyText("proxy-url") is not { } text)
        {
            return new ProxyConfig { FromEnvironment = true };
        }
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new ProxyConfig { Url = url }
            : throw Refuse($"{cluster.Name}: proxy-url must begin with http:// or https://");
    }

    private HttpClientConfig WithUser(HttpClientConfig http, Section user)
    {
        foreach (var field in (string[])["exec", "auth-provider", "as-user-extra"])
        {
            if (user.Has(field))
            {
                throw Refuse(
                    $"{user.Name} has {field}, which is not served: make a service account, and use its token "
                        + "(tokenFile here, or api_server with authorization in the configuration)"
                );
            }
        }
        var certificate = Pem(user, "client-certificate");
        var key = Pem(user, "client-key");
        if (certificate is null != key is null)
        {
            throw Refuse($"{user.Name}: client-certificate and client-key go together");
        }
        var authorization =
            user.NonEmptyText("tokenFile") is { } file ? Secret.InFile(errors.PathOf(file))
            : user.NonEmptyText("token") is { } token ? Secret.Of(token)
            : null;
        return http with
        {
            Tls = http.Tls with { Certificate = certificate, Key = key },
            Authorization = authorization is null ? null : new AuthorizationConfig("Bearer", authorization),
            BasicAuth =
                authorization is null && user.NonEmptyText("username") is { } name
                    ? new BasicAuthConfig(Secret.Of(name), Secret.Of(user.Text("password") ?? ""))
                    : null,
            HttpHeaders = ImpersonationOf(user),
        };
    }

    /// <summary>As whom the user acts; https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/.</summary>
    private static Dictionary<string, HttpHeaderConfig> ImpersonationOf(Section user)
    {
        var headers = new Dictionary<string, HttpHeaderConfig>(StringComparer.OrdinalIgnoreCase);
        Add("Impersonate-User", [user.Text("as") ?? ""]);
        Add("Impersonate-Uid", [user.Text("as-uid") ?? ""]);
        Add("Impersonate-Group", user.Texts("as-groups").Select(group => group.Text));
        return headers;

        void Add(string name, IEnumerable<string> values)
        {
            var said = values.Where(value => value.Length > 0).Select(Secret.Of).ToArray();
            if (said.Length > 0)
            {
                headers[name] = new HttpHeaderConfig(said);
            }
        }
    }

    /// <summary>A certificate or key: in the file itself as base64, or in a file of its own.</summary>
    private Secret? Pem(Section section, string field)
    {
        if (section.NonEmptyText(field + "-data") is not { } data)
        {
            return section.NonEmptyText(field) is { } file ? Secret.InFile(errors.PathOf(file)) : null;
        }
        var pem = new byte[data.Length];
        if (Convert.TryFromBase64String(data, pem, out var length))
        {
            var text = Encoding.UTF8.GetString(pem, 0, length);
            if (text.Contains(BeginPem, StringComparison.Ordinal))
            {
                return Secret.Of(text);
            }
        }
        throw Refuse($"{section.Name}: {field}-data is not PEM in base64");
    }

    /// <summary>An error of the file; one that has a place goes before.</summary>
    private DiscoveryException Refuse(string problem)
    {
        errors.ThrowIfAny();
        return new DiscoveryException($"{path}: {problem}");
    }

    private ConfigException Errors()
    {
        errors.ThrowIfAny();
        throw new InvalidOperationException("a section that cannot be opened is an error");
    }
}
