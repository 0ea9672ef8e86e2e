using System.Text.Json;
using Tributary.Discovery;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Asks single questions of the HTTP API that stands beside a federate target's <c>/federate</c>.</summary>
/// <param name="scraper">Has the clients, the clock and the limits.</param>
internal sealed class SourceInquiry(Scraper scraper)
{
    private const string FederatePath = "/federate";
    private const string MatchParameter = "match[]";

    private readonly SourceApi api = new(scraper.Http, scraper.Time, scraper.Limits);

    /// <summary>The answer to a GET, as far as it is 200.</summary>
    /// <param name="target">The target.</param>
    /// <param name="path">The path behind the target's prefix, with a slash in front.</param>
    /// <param name="query">Parameters, escaped; may be empty.</param>
    /// <param name="patience">How long the whole answer may take.</param>
    /// <param name="read">Reads the body, not compressed.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="SourceApiException">There is no answer; the message says why, without secrets.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<T> GetAsync<T>(
        Target target,
        string path,
        string query,
        TimeSpan patience,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) =>
        api.SendAsync(
            target with
            {
                Timeout = patience,
            },
            new PullGuard(1),
            () => new HttpRequestMessage(HttpMethod.Get, UrlOf(target, path, query)),
            async (_, body, bounded) =>
            {
                try
                {
                    return await read(body, bounded);
                }
                catch (Exception exception) when (exception is JsonException or InvalidDataException)
                {
                    throw new SourceApiException(
                        SourceApiProblem.Damaged,
                        $"the answer of {path} is not usable: {exception.Message}"
                    );
                }
            },
            cancellationToken
        );

    /// <summary>The answer to a GET, whole.</summary>
    /// <exception cref="SourceApiException">There is no answer; the message says why, without secrets.</exception>
    public Task<byte[]> GetWholeAsync(Target target, string path, string query, CancellationToken cancellationToken) =>
        GetAsync(
            target,
            path,
            query,
            target.Timeout,
            async (body, bounded) => await api.ReadWholeAsync(target, body, bounded),
            cancellationToken
        );

    /// <summary>The address of a part of the API: beside the target's <c>/federate</c>, with its parameters but the selectors.</summary>
    internal static Uri UrlOf(Target target, string path, string query = "")
    {
        var place = target.Url.AbsolutePath;
        var parameters = target
            .Url.Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => Uri.UnescapeDataString(pair.Split('=')[0]) is not MatchParameter);
        return new UriBuilder(target.Url)
        {
            Path =
                (place.EndsWith(FederatePath, StringComparison.Ordinal) ? place[..^FederatePath.Length] : place) + path,
            Query = string.Join('&', query.Length == 0 ? parameters : [.. parameters, query]),
        }.Uri;
    }
}
