using System.Globalization;
using System.Net;
using System.Text.Json;
using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Azure;

/// <summary>Asks Azure Resource Manager, for one refresh.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/azure/</remarks>
/// <param name="client">Sends the requests.</param>
/// <param name="cloud">Which cloud.</param>
/// <param name="tokens">Who asks.</param>
internal sealed class ArmClient(ApiClient client, AzureCloud cloud, ArmTokens tokens)
{
    /// <summary>The longest page.</summary>
    public const int MaxPageBytes = 32 * 1024 * 1024;

    /// <summary>The most pages of all lists of a refresh.</summary>
    public const int MaxPages = 5000;

    /// <summary>The most objects of all lists of a refresh.</summary>
    public const int MaxObjects = 100_000;

    /// <summary>The longest answer with one object.</summary>
    private const int MaxObjectBytes = 4 * 1024 * 1024;

    private const int MaxMessageChars = 300;

    private int pages;
    private int objects;

    /// <summary>All objects of a list.</summary>
    /// <param name="pathAndQuery">The list.</param>
    /// <param name="what">What errors call it.</param>
    /// <param name="read">Reads an object; what it returns must not hold on to the JSON.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="DiscoveryException">The list is not to be had.</exception>
    public async Task<List<T>> ListAsync<T>(
        string pathAndQuery,
        string what,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken
    )
    {
        var all = new List<T>();
        var next = cloud.Manager + pathAndQuery;
        while (next.Length > 0)
        {
            var answer = await GetAsync(new Uri(next), MaxPageBytes, cancellationToken);
            if (answer.Status is not HttpStatusCode.OK)
            {
                throw Refuse(answer, what);
            }
            var (found, link) = JsonFields.Read(answer, $"a list of {what}", page => ReadPage(page, read));
            all.AddRange(found);
            objects += found.Count;
            if (++pages > MaxPages || objects > MaxObjects)
            {
                var limit = string.Create(CultureInfo.InvariantCulture, $"{MaxPages} pages or {MaxObjects} objects");
                throw new DiscoveryException($"the lists have more than {limit}; choose fewer by resource_group");
            }
            next = Check(answer, link, next);
        }
        return all;
    }

    /// <summary>One object; null where there is none.</summary>
    /// <param name="pathAndQuery">The object.</param>
    /// <param name="what">What errors call it.</param>
    /// <param name="read">Reads it; what it returns must not hold on to the JSON.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="DiscoveryException">It is not to be had.</exception>
    public async Task<T?> GetAsync<T>(
        string pathAndQuery,
        string what,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var answer = await GetAsync(new Uri(cloud.Manager + pathAndQuery), MaxObjectBytes, cancellationToken);
        return answer.Status switch
        {
            HttpStatusCode.OK => JsonFields.Read(answer, what, read),
            HttpStatusCode.NotFound => null,
            _ => throw Refuse(answer, what),
        };
    }

    /// <summary>One answer; a token that is not accepted is replaced once.</summary>
    private async Task<ApiAnswer> GetAsync(Uri url, int maxBytes, CancellationToken cancellationToken)
    {
        var authorization = await tokens.GetAsync(cancellationToken);
        var answer = await client.GetAsync(url, authorization, maxBytes, cancellationToken);
        return
            answer.Status is HttpStatusCode.Unauthorized
            && await tokens.ReplaceAsync(authorization, cancellationToken) is { } other
            ? await client.GetAsync(url, other, maxBytes, cancellationToken)
            : answer;
    }

    private static (List<T> Objects, string Next) ReadPage<T>(JsonElement page, Func<JsonElement, T> read) =>
        ([.. page.Items("value").Select(read)], page.Text("nextLink"));

    /// <summary>The address of the next page: the token goes nowhere else than where it went before.</summary>
    private string Check(ApiAnswer answer, string link, string former)
    {
        var isOurs =
            link.Length == 0
            || (
                link.StartsWith(cloud.Manager + "/", StringComparison.OrdinalIgnoreCase)
                || link.StartsWith(cloud.Manager + ":443/", StringComparison.OrdinalIgnoreCase)
            ) && Uri.TryCreate(link, UriKind.Absolute, out _);
        if (!isOurs)
        {
            throw answer.Fail($"a nextLink leads away from {cloud.Manager}");
        }
        return string.Equals(link, former, StringComparison.Ordinal)
            ? throw answer.Fail("a list does not end: a nextLink leads to its own page")
            : link;
    }

    private static DiscoveryException Refuse(ApiAnswer answer, string what)
    {
        var advice = answer.Status switch
        {
            HttpStatusCode.Unauthorized =>
                ": it does not accept the token; is the subscription in this tenant and cloud (tenant_id, environment)?",
            HttpStatusCode.Forbidden =>
                ": give the identity the role Reader on the subscription, or on the resource group",
            HttpStatusCode.NotFound => ": check subscription_id and resource_group",
            HttpStatusCode.TooManyRequests => ": too many requests; refresh_interval may be longer",
            _ => "",
        };
        return answer.Fail($"Azure answered {(int)answer.Status} to {what}{advice}{Said(answer)}");
    }

    /// <summary>Azure's own words: code and message of the error.</summary>
    private static string Said(ApiAnswer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            var root = document.RootElement;
            var error = root.ValueKind is JsonValueKind.Object ? root.Child("error") : null;
            var said = $"{error.Text("code")}: {error.Text("message")}".Trim(':', ' ');
            return said.Length == 0 ? "" : $"; it says: {Words.Clean(said, MaxMessageChars)}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A proxy's page: the status says what is to be said.
            return "";
        }
    }
}
