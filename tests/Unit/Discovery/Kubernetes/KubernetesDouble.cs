using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>
/// An API server as far as lists go: paths, selectors, pages, versions, rights. It is as strict as the real one where a
/// client may be wrong.
/// </summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/api-concepts/</remarks>
internal sealed class KubernetesDouble : HttpMessageHandler
{
    /// <summary>The token that it accepts.</summary>
    public const string Token = "token-of-the-test";

    private const string Core = "";

    /// <summary>Its resources: API group, kind of a list, and whether they are in namespaces.</summary>
    private static readonly Dictionary<string, (string Group, string Kind, bool IsNamespaced)> Resources = new(
        StringComparer.Ordinal
    )
    {
        ["nodes"] = (Core, "NodeList", false),
        ["namespaces"] = (Core, "NamespaceList", false),
        ["pods"] = (Core, "PodList", true),
        ["services"] = (Core, "ServiceList", true),
        ["endpoints"] = (Core, "EndpointsList", true),
        ["replicasets"] = ("apps", "ReplicaSetList", true),
        ["jobs"] = ("batch", "JobList", true),
        ["endpointslices"] = ("discovery.k8s.io", "EndpointSliceList", true),
        ["ingresses"] = ("networking.k8s.io", "IngressList", true),
    };

    private readonly Lock gate = new();
    private readonly Dictionary<string, List<string>> objects = new(StringComparer.Ordinal);

    /// <summary>Paths and queries that were asked for.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The most objects of a page, whatever is asked for.</summary>
    public int MaxPage { get; set; } = int.MaxValue;

    /// <summary>Resources that nobody may list.</summary>
    public HashSet<string> Forbidden { get; } = new(StringComparer.Ordinal);

    /// <summary>The version of everything.</summary>
    public long Version { get; set; } = 1000;

    /// <summary>Pages of lists that began before this version are not to be had.</summary>
    public long OldestVersion { get; set; }

    /// <summary>Whether it is one of before 1.19, that does not know <c>resourceVersionMatch</c>.</summary>
    public bool IsOld { get; set; }

    /// <summary>Answers instead of it; null leaves the answer to it. Gets the path and query.</summary>
    public Func<string, (int Status, string Body)?> Intercept { get; set; } = _ => null;

    /// <summary>Headers of what <see cref="Intercept"/> answers.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>Adds objects of a resource, as JSON.</summary>
    public void Add(string resource, params string[] items)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(resource, out var list))
            {
                objects.Add(resource, list = []);
            }
            list.AddRange(items);
            Version++;
        }
    }

    /// <summary>Takes all objects of a resource away.</summary>
    public void Clear(string resource)
    {
        lock (gate)
        {
            objects.Remove(resource);
            Version++;
        }
    }

    /// <summary>The answer to a request.</summary>
    /// <param name="pathAndQuery">What is asked for.</param>
    /// <param name="authorization">The header; null without.</param>
    public (int Status, string Body) Answer(string pathAndQuery, string? authorization)
    {
        lock (gate)
        {
            Requests.Add(pathAndQuery);
            if (Intercept(pathAndQuery) is { } other)
            {
                return other;
            }
            return authorization == $"Bearer {Token}" ? List(pathAndQuery) : Status(401, "Unauthorized");
        }
    }

    /// <summary>A <c>Status</c> object.</summary>
    public static (int Status, string Body) Status(int code, string message) =>
        (
            code,
            $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{Quote(message)}},"code":{{code}}}"""
        );

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var authorization = request.Headers.NonValidated.TryGetValues("Authorization", out var values)
            ? values.ToString()
            : null;
        var (status, body) = Answer(request.RequestUri!.PathAndQuery, authorization);
        var response = new HttpResponseMessage((HttpStatusCode)status)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)),
        };
        foreach (var (name, value) in Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return Task.FromResult(response);
    }

    private (int Status, string Body) List(string pathAndQuery)
    {
        var question = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? pathAndQuery : pathAndQuery[..question];
        var query = question < 0 ? [] : Parameters(pathAndQuery[(question + 1)..]);
        var parts = path.Trim('/').Split('/');
        var resource = parts[^1];
        if (!Resources.TryGetValue(resource, out var known) || NamespaceOf(parts, known.Group) is not { } nameSpace)
        {
            return Status(404, "the server could not find the requested resource");
        }
        if (!known.IsNamespaced && nameSpace.Length > 0)
        {
            return Status(404, "the server could not find the requested resource");
        }
        if (Forbidden.Contains(resource))
        {
            var scope = nameSpace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{nameSpace}\"";
            return Status(
                403,
                $"{resource} is forbidden: User \"system:serviceaccount:m:t\" cannot list resource \"{resource}\" in API group \"{known.Group}\" {scope}"
            );
        }
        return Problem(query) ?? Page(resource, known.Kind, nameSpace, query);
    }

    /// <summary>The namespace of a path; empty for all of them, null where the path is another.</summary>
    private static string? NamespaceOf(string[] parts, string group)
    {
        string[] root = group.Length == 0 ? ["api", "v1"] : ["apis", group, "v1"];
        if (!parts.Take(root.Length).SequenceEqual(root))
        {
            return null;
        }
        return parts[root.Length..] switch
        {
            [_] => "",
            ["namespaces", var name, _] => Uri.UnescapeDataString(name),
            _ => null,
        };
    }

    private (int Status, string Body)? Problem(Dictionary<string, string> query)
    {
        var version = query.GetValueOrDefault("resourceVersion");
        if (version is null != query.GetValueOrDefault("resourceVersionMatch") is null)
        {
            return Status(
                400,
                "resourceVersionMatch is forbidden unless resourceVersion is provided, and needed with it"
            );
        }
        if (version is not null && query.ContainsKey("continue"))
        {
            return Status(400, "specifying resource version is not allowed when using continue");
        }
        if (version is not null && long.Parse(version, CultureInfo.InvariantCulture) > Version)
        {
            return Status(504, $"Timeout: Too large resource version: {version}, current: {Version}");
        }
        return null;
    }

    private (int Status, string Body) Page(
        string resource,
        string kind,
        string nameSpace,
        Dictionary<string, string> query
    )
    {
        var (version, offset) = (Version, 0);
        if (query.GetValueOrDefault("continue") is { } token)
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split(':');
            version = long.Parse(parts[0], CultureInfo.InvariantCulture);
            offset = int.Parse(parts[1], CultureInfo.InvariantCulture);
            if (version < OldestVersion)
            {
                return Status(410, "The provided continue parameter is too old to display a consistent list result.");
            }
        }
        if (IsOld && query.GetValueOrDefault("resourceVersion") is { } exact)
        {
            version = long.Parse(exact, CultureInfo.InvariantCulture);
        }
        var all = (objects.GetValueOrDefault(resource) ?? [])
            .Where(item => nameSpace.Length == 0 || Field(item, "metadata.namespace") == nameSpace)
            .Where(item => IsSelected(item, query.GetValueOrDefault("labelSelector"), isLabel: true))
            .Where(item => IsSelected(item, query.GetValueOrDefault("fieldSelector"), isLabel: false))
            .ToList();
        var limit = int.Parse(query.GetValueOrDefault("limit") ?? "1000000", CultureInfo.InvariantCulture);
        var page = all.Skip(offset).Take(Math.Min(limit, MaxPage)).ToList();
        var rest = all.Count - offset - page.Count;
        var next = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version}:{offset + page.Count}"));
        var more = rest > 0 ? $""","continue":"{next}","remainingItemCount":{rest}""" : "";
        // What Go writes for no objects of a list.
        var items = page.Count == 0 && offset == 0 ? "null" : $"[{string.Join(',', page)}]";
        return (
            200,
            $$"""{"kind":"{{kind}}","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}"{{more}}},"items":{{items}}}"""
        );
    }

    private static bool IsSelected(string item, string? selector, bool isLabel) =>
        (selector ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(condition => condition.Split('='))
            .All(pair => (isLabel ? Label(item, pair[0]) : Field(item, pair[0])) == pair[1]);

    private static string? Label(string item, string name)
    {
        using var document = JsonDocument.Parse(item);
        return
            document.RootElement.GetProperty("metadata").TryGetProperty("labels", out var labels)
            && labels.TryGetProperty(name, out var value)
            ? value.GetString()
            : null;
    }

    private static string? Field(string item, string path)
    {
        using var document = JsonDocument.Parse(item);
        var element = document.RootElement;
        return path.Split('.').All(name => element.TryGetProperty(name, out element)) ? element.GetString() : null;
    }

    private static Dictionary<string, string> Parameters(string query) =>
        query
            .Split('&')
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
