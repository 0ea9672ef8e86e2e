using System.Globalization;
using System.Net;
using System.Text.Json;
using Tributary.Configuration;

namespace Tributary.Discovery.Kubernetes;

/// <summary>Lists objects of an API server page by page, for one refresh.</summary>
/// <remarks>
/// The version of a list is remembered, and the next list may be any that is not older: the server may then answer out of
/// its cache, and no server of several takes us back in time. Where the version did not move, the next list is asked for
/// without it, because servers before 1.19 do not know <c>resourceVersionMatch</c> and would repeat that very version.
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
/// </remarks>
/// <param name="client">Sends the requests.</param>
/// <param name="connection">Where to, and how errors call it.</param>
/// <param name="versions">The versions of former lists, by path and selector; new ones are put into it.</param>
internal sealed class KubernetesApi(
    ApiClient client,
    KubernetesConnection connection,
    Dictionary<string, string> versions
)
{
    /// <summary>Objects of a page.</summary>
    public const int PageSize = 500;

    /// <summary>The longest page.</summary>
    public const int MaxPageBytes = 64 * 1024 * 1024;

    /// <summary>The most pages of a list: servers may give fewer objects than they are asked for.</summary>
    public const int MaxPages = 2000;

    /// <summary>The most objects of all lists of a refresh.</summary>
    public const int MaxObjects = 200_000;

    /// <summary>The most bytes of all lists of a refresh.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>How often a list is begun.</summary>
    private const int MaxTries = 4;

    private const int MaxTokenChars = 8192;

    private readonly List<(KubernetesResource Resource, string Namespace, ApiAnswer Answer)> denied = [];
    private int objects;
    private long bytes;

    /// <summary>All objects of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="nameSpace">The namespace; empty is all of them.</param>
    /// <param name="selector">Which objects; null is all of them.</param>
    /// <param name="read">Reads an object; what it returns must not hold on to the JSON.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>Nothing where we have no right to list them; see <see cref="ThrowIfDenied"/>.</returns>
    /// <exception cref="DiscoveryException">The list is not to be had.</exception>
    public async Task<List<T>> ListAsync<T>(
        KubernetesResource resource,
        string nameSpace,
        KubernetesSelector? selector,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken
    )
    {
        var listUrl = UrlOf(resource, nameSpace, selector);
        for (var tries = 1; ; tries++)
        {
            var known = versions.GetValueOrDefault(listUrl);
            var list = new PagedList<T>(resource, read);
            var answer = await ReadAsync(list, listUrl, known, cancellationToken);
            if (answer.Status is HttpStatusCode.OK)
            {
                Remember(listUrl, list.Version, known);
                return list.Objects;
            }
            if (answer.Status is HttpStatusCode.Forbidden)
            {
                denied.Add((resource, nameSpace, answer));
                return [];
            }
            // The version, or the next page, is not to be had any more, or not yet: begin anew with the newest.
            var isExpired = answer.Status is HttpStatusCode.Gone || (known is not null && IsUnknownVersion(answer));
            if (!isExpired || tries == MaxTries)
            {
                throw KubernetesProblem.Of(answer, resource, nameSpace, connection);
            }
            versions.Remove(listUrl);
        }
    }

    /// <summary>Ends a refresh that lacked rights.</summary>
    /// <exception cref="DiscoveryException">There was a list that we may not have.</exception>
    public void ThrowIfDenied()
    {
        if (denied.Count > 0)
        {
            throw KubernetesProblem.OfRights(denied);
        }
    }

    /// <returns>The last answer: of the last page, or of the first that there is not.</returns>
    private async Task<ApiAnswer> ReadAsync<T>(
        PagedList<T> list,
        string listUrl,
        string? version,
        CancellationToken cancellationToken
    )
    {
        for (var pages = 1; ; pages++)
        {
            var url = listUrl + ParameterOf(list.Continue, version);
            var answer = await client.GetAsync(new Uri(url), authorization: null, MaxPageBytes, cancellationToken);
            if (answer.Status is not HttpStatusCode.OK)
            {
                return answer;
            }
            var before = list.Objects.Count;
            list.Read(answer);
            Count(answer, list.Objects.Count - before);
            if (list.Continue.Length == 0)
            {
                return answer;
            }
            if (pages == MaxPages || list.Continue.Length > MaxTokenChars)
            {
                throw answer.Fail($"a list of {list.Resource.Name} does not end: {pages} pages, and there are more");
            }
        }
    }

    private void Count(ApiAnswer answer, int count)
    {
        objects += count;
        bytes += answer.Body.Length;
        if (objects > MaxObjects || bytes > MaxBytes)
        {
            var limit = string.Create(CultureInfo.InvariantCulture, $"{MaxObjects} objects or {MaxBytes >> 20} MiB");
            throw answer.Fail($"the lists have more than {limit}; choose fewer by namespaces or selectors");
        }
    }

    private void Remember(string listUrl, string version, string? known)
    {
        if (version.Length == 0 || string.Equals(version, known, StringComparison.Ordinal))
        {
            versions.Remove(listUrl);
        }
        else
        {
            versions[listUrl] = version;
        }
    }

    private string UrlOf(KubernetesResource resource, string nameSpace, KubernetesSelector? selector)
    {
        var url = $"{connection.Server}{resource.PathIn(nameSpace)}?limit={PageSize}";
        url += Parameter("labelSelector", selector?.Label ?? "");
        return url + Parameter("fieldSelector", selector?.Field ?? "");
    }

    /// <summary>What says where a page begins: behind another, or with the version that is known. The two exclude each other.</summary>
    private static string ParameterOf(string token, string? version) =>
        token.Length > 0 ? Parameter("continue", token)
        : version is null ? ""
        : $"{Parameter("resourceVersion", version)}&resourceVersionMatch=NotOlderThan";

    private static string Parameter(string name, string value) =>
        value.Length == 0 ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    /// <summary>Whether a server may not have the version yet, or not know its form.</summary>
    private static bool IsUnknownVersion(ApiAnswer answer) =>
        answer.Status
            is HttpStatusCode.GatewayTimeout
                or HttpStatusCode.BadRequest
                or HttpStatusCode.InternalServerError;

    /// <summary>A list as far as it is read.</summary>
    private sealed class PagedList<T>(KubernetesResource resource, Func<JsonElement, T> read)
    {
        public KubernetesResource Resource => resource;

        public List<T> Objects { get; } = [];

        /// <summary>The version of the list; empty where the server has none.</summary>
        public string Version { get; private set; } = "";

        /// <summary>What asks for the next page; empty behind the last.</summary>
        public string Continue { get; private set; } = "";

        public void Read(ApiAnswer answer)
        {
            var token = Continue;
            JsonFields.Read(answer, $"a {resource.ListKind}", Take);
            if (Continue.Length > 0 && string.Equals(Continue, token, StringComparison.Ordinal))
            {
                throw answer.Fail($"a list of {resource.Name} does not end: a page leads to itself");
            }
        }

        private bool Take(JsonElement page)
        {
            if (!string.Equals(page.Text("kind"), resource.ListKind, StringComparison.Ordinal))
            {
                throw new FormatException();
            }
            foreach (var item in page.Items("items"))
            {
                Objects.Add(read(item));
            }
            var metadata = page.Child("metadata");
            Version = metadata.Text("resourceVersion");
            Continue = metadata.Text("continue");
            return true;
        }
    }
}
