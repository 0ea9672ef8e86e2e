using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Exposition;

namespace Tributary.Scraping;

/// <summary>What is asked of a source, and whether its answer's head is one to read on after.</summary>
internal static class ScrapeRequest
{
    private const int MaxErrorBytes = 200;

    /// <summary>The first format's weight in tenths: one more than there are formats, as in Prometheus.</summary>
    private const int MaxWeight = 6;

    /// <summary>What requests to sources say of us.</summary>
    public static readonly string UserAgent =
        $"Tributary/{typeof(ScrapeRequest).Assembly.GetName().Version?.ToString(3) ?? "0"}";

    /// <summary>The request for a target, with the headers that Prometheus sends.</summary>
    public static HttpRequestMessage Create(Target target)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, target.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        if (target.ClosesConnection)
        {
            // A connection of HTTP/2 stays open, and leads to the same server again.
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.ConnectionClose = true;
        }
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Accept", Accept(target.Config));
        headers.TryAddWithoutValidation("Accept-Encoding", target.Config.EnableCompression ? "gzip" : "identity");
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        headers.TryAddWithoutValidation(
            "X-Prometheus-Scrape-Timeout-Seconds",
            target.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        );
        return request;
    }

    /// <summary>The formats that a job asks for, the best first, and anything rather than nothing.</summary>
    internal static string Accept(ScrapeConfig config)
    {
        var header = new StringBuilder();
        var weight = MaxWeight;
        foreach (var protocol in config.ScrapeProtocols)
        {
            var type = protocol switch
            {
                ScrapeProtocol.PrometheusProto =>
                    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
                ScrapeProtocol.PrometheusText0_0_4 => "text/plain;version=0.0.4",
                ScrapeProtocol.PrometheusText1_0_0 => "text/plain;version=1.0.0;escaping=",
                ScrapeProtocol.OpenMetricsText0_0_1 => "application/openmetrics-text;version=0.0.1",
                ScrapeProtocol.OpenMetricsText1_0_0 => "application/openmetrics-text;version=1.0.0;escaping=",
                _ => "",
            };
            if (type.Length > 0)
            {
                header.Append(type).Append(type[^1] == '=' ? MetricNames.NameOf(config.NameEscaping) : "");
                header.Append(CultureInfo.InvariantCulture, $";q=0.{weight--},");
            }
        }
        return header.Append(CultureInfo.InvariantCulture, $"*/*;q=0.{weight}").ToString();
    }

    /// <summary>Passes an answer of status 200 in a compression that is read.</summary>
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
                return $": check metrics_path, it is {CredentialText.Hide(target.Url.AbsolutePath)}";
            case 407:
                return ": the proxy wants credentials in proxy_url, or others than it got";
            case 301 or 302 or 303 or 307 or 308 when !target.Config.Http.FollowRedirects:
                return ": it leads elsewhere, and follow_redirects is false";
            case 400 when ContentType.Of(response.Content.Headers).IsPlainText:
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
        var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = IsCompressed(response) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        await using (body)
        {
            var count = 0;
            try
            {
                count = await body.ReadAtLeastAsync(bytes, bytes.Length, false, cancellationToken);
            }
            catch (InvalidDataException)
            {
                return "its reason is in a damaged gzip body";
            }
            return ExpositionException.Excerpt(bytes.AsSpan(0, count).TrimEnd("\r\n"u8), MaxErrorBytes);
        }
    }
}
