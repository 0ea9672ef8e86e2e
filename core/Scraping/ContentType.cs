using System.Net.Http.Headers;
using System.Text;
using Tributary.Configuration;
using Tributary.Exposition;

namespace Tributary.Scraping;

/// <summary>The <c>Content-Type</c> of an answer, and the format that it stands for.</summary>
/// <remarks>As Prometheus 3: what is missing, malformed or unknown is an error, unless the job has a fallback.</remarks>
internal readonly struct ContentType
{
    private const string Fallback =
        "set fallback_scrape_protocol (PrometheusText0.0.4 for instance) if the source cannot be mended";
    private const int MaxShownBytes = 100;

    private readonly string header;
    private readonly string mediaType;

    private ContentType(string header)
    {
        this.header = header;
        mediaType = MediaTypeText.Parse(header) ?? "";
    }

    /// <summary>The content type of an answer.</summary>
    public static ContentType Of(HttpContentHeaders headers) =>
        new(headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.FirstOrDefault() ?? "" : "");

    /// <summary>Whether the answer is plain text, which an error may quote.</summary>
    public bool IsPlainText => mediaType is "text/plain";

    /// <summary>The format to read a body in.</summary>
    /// <param name="fallback">The job's format for types that are no use.</param>
    /// <returns>The format, and an empty text; or what is wrong, in words for the user.</returns>
    public (ExpositionFormat Format, string Problem) FormatFor(ScrapeProtocol? fallback) =>
        mediaType switch
        {
            "text/plain" => (ExpositionFormat.Text, ""),
            "application/openmetrics-text" => (ExpositionFormat.OpenMetrics, ""),
            "application/vnd.google.protobuf" => (ExpositionFormat.Protobuf, ""),
            _ => fallback switch
            {
                null => (ExpositionFormat.Text, Problem()),
                ScrapeProtocol.PrometheusProto => (ExpositionFormat.Protobuf, ""),
                ScrapeProtocol.OpenMetricsText0_0_1 or ScrapeProtocol.OpenMetricsText1_0_0 => (
                    ExpositionFormat.OpenMetrics,
                    ""
                ),
                _ => (ExpositionFormat.Text, ""),
            },
        };

    private string Problem()
    {
        if (header.Length == 0)
        {
            return $"the source answered without a Content-Type: {Fallback}";
        }
        var shown = ExpositionException.Excerpt(Encoding.UTF8.GetBytes(header), MaxShownBytes);
        return mediaType switch
        {
            "" => $"the source answered with the malformed Content-Type {shown}: {Fallback}",
            "text/html" or "application/xhtml+xml" =>
                $"the source answered with a web page ({mediaType}) instead of metrics: check host, port and metrics_path, and whether a login page or proxy answers in its place; or {Fallback}",
            _ =>
                $"the source answered with content type {shown} instead of text/plain or application/openmetrics-text: check metrics_path, or {Fallback}",
        };
    }
}
