using System.Net;
using Tributary.Configuration.Http;

namespace Tributary.HttpClients;

/// <summary>Sends a request with the headers and credentials of a configuration, and follows redirects.</summary>
internal sealed class SourceHandler : HttpMessageHandler
{
    private const int MaxRedirects = 10;

    private readonly HttpMessageInvoker transport;
    private readonly AuthorizationHeader? authorization;
    private readonly IReadOnlyList<(string Name, SecretText Value)> headers;
    private readonly bool followsRedirects;
    private readonly bool isHttp2Enabled;

    public SourceHandler(HttpClientConfig config, HttpMessageHandler transport, AuthorizationHeader? authorization)
    {
        this.transport = new HttpMessageInvoker(transport);
        this.authorization = authorization;
        followsRedirects = config.FollowRedirects;
        isHttp2Enabled = config.EnableHttp2;
        headers =
        [
            .. config.HttpHeaders.SelectMany(header =>
                header.Value.Values.Select(value => (header.Key, new SecretText(value, $"http_headers.{header.Key}")))
            ),
        ];
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var original = request.RequestUri ?? throw new ArgumentException("the request has no address", nameof(request));
        var url = original;
        // Once a redirect has led away, what follows is never trusted again.
        var isTrusted = true;
        for (var redirects = 0; ; redirects++)
        {
            var hop = await PrepareAsync(request, url, isTrusted, cancellationToken);
            hop.Content = request.Content;
            var response = await transport.SendAsync(hop, cancellationToken);
            if (await HasNewTokenAsync(hop, response, cancellationToken))
            {
                response.Dispose();
                hop = await PrepareAsync(request, url, isTrusted, cancellationToken);
                hop.Content = request.Content;
                response = await transport.SendAsync(hop, cancellationToken);
            }
            var next = followsRedirects ? NextOf(response, request, url, redirects) : null;
            if (next is null)
            {
                return response;
            }
            response.Dispose();
            isTrusted &= RedirectRules.IsTrusted(original, next);
            url = next;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            authorization?.Dispose();
            transport.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Whether there is another token now in place of the one that was not accepted.</summary>
    private async ValueTask<bool> HasNewTokenAsync(
        HttpRequestMessage sent,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    ) =>
        response.StatusCode == HttpStatusCode.Unauthorized
        && authorization is not null
        && sent.Headers.NonValidated.TryGetValues("Authorization", out var values)
        && await authorization.ReplaceAsync(values.ToString(), cancellationToken) is not null;

    private static Uri? NextOf(HttpResponseMessage response, HttpRequestMessage request, Uri url, int redirects)
    {
        try
        {
            var next = RedirectRules.Next(response, url);
            if (next is not null && !RedirectRules.KeepsMethod(response.StatusCode, request.Method))
            {
                throw new HttpClientException(
                    $"{url.Authority} redirected to {next.GetLeftPart(UriPartial.Authority)} by {(int)response.StatusCode}, where only a GET without a body would go: write the address that it leads to"
                );
            }
            return next is null || redirects < MaxRedirects
                ? next
                : throw new HttpClientException($"{url.Authority} redirected once more after {MaxRedirects} redirects");
        }
        catch (HttpClientException)
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>A request for one address, so that the caller's stays as it is.</summary>
    private async ValueTask<HttpRequestMessage> PrepareAsync(
        HttpRequestMessage request,
        Uri url,
        bool isTrusted,
        CancellationToken cancellationToken
    )
    {
        var hop = new HttpRequestMessage(request.Method, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = isHttp2Enabled
                ? HttpVersionPolicy.RequestVersionOrHigher
                : HttpVersionPolicy.RequestVersionExact,
        };
        var isFirst = ReferenceEquals(url, request.RequestUri);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if ((isFirst || !name.Equals("Host", StringComparison.OrdinalIgnoreCase)) && IsSent(name, isTrusted))
            {
                hop.Headers.TryAddWithoutValidation(name, values);
            }
        }
        foreach (var (name, value) in headers)
        {
            if (IsSent(name, isTrusted) && !hop.Headers.TryAddWithoutValidation(name, value.ReadHeader()))
            {
                throw new HttpClientException(
                    $"http_headers.{name} can not be sent with a request: it is no request header"
                );
            }
        }
        if (isTrusted && await CredentialsAsync(request, hop, cancellationToken) is { } credentials)
        {
            hop.Headers.Remove("Authorization");
            hop.Headers.TryAddWithoutValidation("Authorization", credentials);
        }
        return hop;
    }

    /// <summary>The value of <c>Authorization</c>; null to leave the request as it is.</summary>
    private async ValueTask<string?> CredentialsAsync(
        HttpRequestMessage request,
        HttpRequestMessage hop,
        CancellationToken cancellationToken
    )
    {
        if (hop.Headers.NonValidated.Contains("Authorization"))
        {
            return null;
        }
        var user = hop.RequestUri!.UserInfo;
        if (user.Length > 0)
        {
            return AuthorizationHeader.OfUserInfo(user);
        }
        return authorization is null ? null : await authorization.ReadAsync(request, cancellationToken);
    }

    private static bool IsSent(string name, bool isTrusted) => isTrusted || !RedirectRules.IsSensitive(name);
}
