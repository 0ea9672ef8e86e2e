using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.HttpClients;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Targets from a web server (<c>http_sd_configs</c>): every refresh fetches them all; after an error the old ones stay.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/http_sd/</remarks>
public sealed class HttpDiscovery : TargetProvider
{
    /// <summary>The longest answer, after decompression.</summary>
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    private const string UrlLabel = "__meta_url";

    private readonly HttpSdConfig config;
    private readonly HttpMessageInvoker http;
    private readonly TimeProvider time;
    private readonly string shownUrl;
    private byte[] hash = [];
    private HttpRequestMessage? sent;

    /// <summary>A discovery that has fetched nothing yet.</summary>
    /// <param name="config">Where the list is.</param>
    /// <param name="http">Sends the requests, with the credentials of the configuration; it is disposed with the discovery.</param>
    /// <param name="time">The clock of the timeout, which is the refresh interval.</param>
    public HttpDiscovery(HttpSdConfig config, HttpMessageInvoker http, TimeProvider time)
        : base(config.RefreshInterval)
    {
        this.config = config;
        this.http = http;
        this.time = time;
        shownUrl = config.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <inheritdoc/>
    public override string Mechanism => "http";

    /// <inheritdoc/>
    public override async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            var body = await FetchAsync(cancellationToken);
            var found = SHA256.HashData(body.Span);
            var hasChanged = !found.AsSpan().SequenceEqual(hash);
            if (hasChanged)
            {
                Groups = TargetGroupReader.Read(body, isJson: true, shownUrl, new Label(UrlLabel, MetaUrl()));
                hash = found;
            }
            Problems = [];
            return hasChanged;
        }
        catch (DiscoveryException problem)
        {
            Fail($"{shownUrl}: {problem.Message}");
        }
        catch (ConfigException problem)
        {
            Fail(problem.Errors[0].ToString());
        }
        return false;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    /// <exception cref="DiscoveryException">There is no list to be had.</exception>
    private async Task<ReadOnlyMemory<byte>> FetchAsync(CancellationToken cancellationToken)
    {
        using var request = CreateRequest();
        return await DiscoveryRequest.SendAsync(http, request, "server", (Timeout, time), ReadAsync, cancellationToken);
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        sent = response.RequestMessage;
        Check(response);
        return await DiscoveryRequest.ReadAsync(response, MaxBodyBytes, isCut: false, cancellationToken);
    }

    /// <summary>The refresh interval; bounded by what a timer takes.</summary>
    private TimeSpan Timeout => Interval < TimeSpan.FromDays(1) ? Interval : TimeSpan.FromDays(1);

    private HttpRequestMessage CreateRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, config.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Accept", "application/json");
        headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        headers.TryAddWithoutValidation("User-Agent", DiscoveryRequest.UserAgent);
        headers.TryAddWithoutValidation(
            "X-Prometheus-Refresh-Interval-Seconds",
            Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        );
        if (config.Url.UserInfo is { Length: > 0 } credentials)
        {
            var plain = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(credentials));
            headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(plain));
        }
        return request;
    }

    private static void Check(HttpResponseMessage response)
    {
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            var hint = (int)response.StatusCode switch
            {
                401 or 403 => ": it wants credentials, or others than it got",
                407 => ": the proxy wants credentials in proxy_url, or others than it got",
                _ => "",
            };
            throw new DiscoveryException($"the server answered {(int)response.StatusCode} instead of 200{hint}");
        }
        var type = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
            ? values.ToString().Trim()
            : "";
        if (!IsJson(type))
        {
            throw new DiscoveryException(
                $"the server answered with content type {Words.Quote(type)} instead of application/json"
            );
        }
    }

    /// <summary><c>application/json</c>, at most with <c>charset=utf-8</c> behind it.</summary>
    private static bool IsJson(string type)
    {
        const string json = "application/json";
        if (!type.StartsWith(json, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        var rest = type[json.Length..];
        return rest.Length == 0
            || (rest[0] == ';' && rest[1..].TrimStart().ToLowerInvariant() is "charset=utf-8" or "charset=\"utf-8\"");
    }

    /// <summary>The URL as it is configured, without credentials.</summary>
    private string MetaUrl() =>
        config.Url.UserInfo.Length == 0
            ? config.Url.OriginalString
            : config.Url.GetComponents(UriComponents.HttpRequestUrl | UriComponents.Fragment, UriFormat.UriEscaped);

    private void Fail(string problem)
    {
        Failures++;
        var kept = Groups.Count > 0 ? "; its former targets are kept" : "";
        // The server may repeat what it was asked with, as a field's name for instance.
        Problems = [$"http_sd: {SentSecrets.Hide(problem, sent)}{kept}"];
    }
}
