using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.HttpClients;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Asks the HTTP API that stands beside a federate target's <c>/federate</c>, with the credentials of its job.</summary>
/// <param name="scraper">Has the clients and the clock.</param>
internal sealed class SourceInquiry(Scraper scraper)
{
    private const string FederatePath = "/federate";
    private const string MatchParameter = "match[]";
    private const int MaxReasonChars = 500;

    /// <summary>The answer to a GET, as far as it is 200.</summary>
    /// <param name="target">The target.</param>
    /// <param name="path">The path behind the target's prefix, with a slash in front.</param>
    /// <param name="query">Parameters, escaped; may be empty.</param>
    /// <param name="patience">How long the whole answer may take.</param>
    /// <param name="read">Reads the body, not compressed.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="InquiryException">There is no answer; the message says why, without secrets.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<T> GetAsync<T>(
        Target target,
        string path,
        string query,
        TimeSpan patience,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(patience, scraper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HttpRequestMessage? sent = null;
        try
        {
            using var request = CreateRequest(target, path, query);
            using var response = await scraper.HttpOf(target).SendAsync(request, both.Token);
            sent = response.RequestMessage;
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                throw new InquiryException($"the source answered {(int)response.StatusCode} to {path}");
            }
            var raw = await response.Content.ReadAsStreamAsync(both.Token);
            await using var rawDisposal = raw;
            var body = ScrapeRequest.IsCompressed(response)
                ? new GZipStream(raw, CompressionMode.Decompress, true)
                : raw;
            await using var bodyDisposal = body;
            return await read(body, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InquiryException($"no whole answer from {path} within {patience.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            throw new InquiryException(Shown(ConnectionProblem.Describe(exception, target.Url), sent), exception);
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or InvalidDataException or JsonException)
        {
            throw new InquiryException(
                Shown($"the answer of {path} is not usable: {exception.Message}", sent),
                exception
            );
        }
    }

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

    private static string Shown(string problem, HttpRequestMessage? sent) =>
        Words.Clean(SentSecrets.Hide(problem, sent), MaxReasonChars);

    private static HttpRequestMessage CreateRequest(Target target, string path, string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, UrlOf(target, path, query))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(
            "Accept-Encoding",
            target.Config.EnableCompression ? "gzip" : "identity"
        );
        request.Headers.TryAddWithoutValidation("User-Agent", ScrapeRequest.UserAgent);
        return request;
    }
}

/// <summary>A source's API gave no answer; the message says why, without secrets.</summary>
internal sealed class InquiryException(string message, Exception? inner = null) : Exception(message, inner);
