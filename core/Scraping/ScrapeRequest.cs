using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Tributary.Discovery;
using Tributary.Exposition;

namespace Tributary.Scraping;

/// <summary>What is asked of a source, and whether its answer's head is one to read on after.</summary>
internal static class ScrapeRequest
{
    private const int MaxErrorBytes = 200;

    private static readonly string UserAgent =
        $"Tributary/{typeof(ScrapeRequest).Assembly.GetName().Version?.ToString(3) ?? "0"}";

    /// <summary>The request for a target: text first, anything else rather than nothing, gzip welcome.</summary>
    public static HttpRequestMessage Create(Target target)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, target.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Accept", "text/plain;version=0.0.4;q=0.6,*/*;q=0.5");
        headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        headers.TryAddWithoutValidation(
            "X-Prometheus-Scrape-Timeout-Seconds",
            target.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        );
        return request;
    }

    /// <summary>Passes an answer of status 200 with metrics as text.</summary>
    /// <exception cref="ScrapeException">It is something else.</exception>
    public static async Task CheckAsync(
        HttpResponseMessage response,
        Target target,
        CancellationToken cancellationToken
    )
    {
        var status = response.StatusCode;
        if (status is not HttpStatusCode.OK)
        {
            var hint = await HintAsync(response, target, cancellationToken);
            throw new ScrapeException($"the source answered {(int)status} {ReasonOf(response)}{hint}");
        }
        var type = MediaType(response.Content.Headers);
        var problem = type switch
        {
            "" or "text/plain" => "",
            "text/html" or "application/xhtml+xml" =>
                $"the source answered with a web page ({type}) instead of metrics: check host, port and metrics_path, and whether a login page or proxy answers in its place",
            "application/openmetrics-text" =>
                "the source answered in OpenMetrics although text 0.0.4 was asked for; only text 0.0.4 is read in this version",
            _ =>
                $"the source answered with content type {ExpositionException.Excerpt(System.Text.Encoding.UTF8.GetBytes(type))} instead of text/plain: check metrics_path",
        };
        if (problem.Length > 0)
        {
            throw new ScrapeException(problem);
        }
        var encodings = response.Content.Headers.ContentEncoding;
        if (encodings.Any(encoding => !IsGzip(encoding) && !IsIdentity(encoding)) || encodings.Count(IsGzip) > 1)
        {
            throw new ScrapeException("the source answered in a compression that was not asked for; only gzip is read");
        }
    }

    /// <summary>Whether the body is compressed with gzip.</summary>
    public static bool IsCompressed(HttpResponseMessage response) =>
        response.Content.Headers.ContentEncoding.Any(IsGzip);

    private static bool IsGzip(string encoding) =>
        encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase)
        || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);

    private static bool IsIdentity(string encoding) => encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);

    private static string ReasonOf(HttpResponseMessage response) =>
        string.IsNullOrEmpty(response.ReasonPhrase) ? response.StatusCode.ToString() : response.ReasonPhrase;

    /// <summary>The content type without parameters, in lower case; also when its parameters are malformed.</summary>
    private static string MediaType(HttpContentHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Content-Type", out var values))
        {
            return "";
        }
        var value = values.ToString();
        var end = value.AsSpan().IndexOfAny(';', ',');
        return (end < 0 ? value : value[..end]).Trim().ToLowerInvariant();
    }

    private static async Task<string> HintAsync(
        HttpResponseMessage response,
        Target target,
        CancellationToken cancellationToken
    )
    {
        switch ((int)response.StatusCode)
        {
            case 401 or 403:
                return ": it wants credentials, or others than it got";
            case 404:
                return $": check metrics_path, it is {target.Url.AbsolutePath}";
            case 400 when MediaType(response.Content.Headers) is "text/plain" && !IsCompressed(response):
                return $": {await BeginningAsync(response, cancellationToken)}";
            case 429 or 503 when response.Headers.RetryAfter is { } retry:
                return $" (Retry-After: {retry})";
            default:
                return "";
        }
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxErrorBytes];
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using (body)
        {
            var count = await body.ReadAtLeastAsync(bytes, bytes.Length, false, cancellationToken);
            return ExpositionException.Excerpt(bytes.AsSpan(0, count).TrimEnd("\r\n"u8), MaxErrorBytes);
        }
    }
}
