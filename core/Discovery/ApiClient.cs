using System.Net;
using Tributary.HttpClients;

namespace Tributary.Discovery;

/// <summary>Asks an API that answers in JSON: one GET at a time, again when it is told to come back soon.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="time">The clock of timeouts and waits.</param>
internal sealed class ApiClient(HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>So much of an answer that is an error is read.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>How often a request is sent that is told to come back.</summary>
    private const int MaxTries = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait before a request is sent again; who wants longer is left alone until then.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    /// <summary>Fetches.</summary>
    /// <param name="url">What.</param>
    /// <param name="authorization">The header <c>Authorization</c>; null leaves it to the client.</param>
    /// <param name="maxBytes">The longest answer; that of an error is cut.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>An answer of any status.</returns>
    /// <exception cref="DiscoveryException">There is none.</exception>
    public async Task<ApiAnswer> GetAsync(
        Uri url,
        string? authorization,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await SendAsync(url, authorization, maxBytes, cancellationToken);
            var wantsPatience = answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            if (!wantsPatience || tries == MaxTries || answer.RetryAfter is not { } wait || wait > MaxWait)
            {
                return answer;
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<ApiAnswer> SendAsync(
        Uri url,
        string? authorization,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        request.Headers.TryAddWithoutValidation("User-Agent", DiscoveryRequest.UserAgent);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
        return await DiscoveryRequest.SendAsync(
            http,
            request,
            "server",
            (Timeout, time),
            async (response, token) =>
            {
                var isFine = response.StatusCode is HttpStatusCode.OK;
                var bytes = isFine ? maxBytes : MaxErrorBytes;
                return new ApiAnswer(
                    response.StatusCode,
                    await DiscoveryRequest.ReadAsync(response, bytes, !isFine, token),
                    RetryAfterOf(response),
                    response.RequestMessage ?? request
                );
            },
            cancellationToken
        );
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}

/// <summary>What an API answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body; of an error its beginning.</param>
/// <param name="RetryAfter">After which time it wants to be asked again; null where it does not say.</param>
/// <param name="Sent">The request as it was sent.</param>
internal sealed record ApiAnswer(
    HttpStatusCode Status,
    ReadOnlyMemory<byte> Body,
    TimeSpan? RetryAfter,
    HttpRequestMessage Sent
)
{
    /// <summary>An error of this answer: without what the server repeats of the secrets that it was asked with.</summary>
    public DiscoveryException Fail(string problem, Exception? inner = null) =>
        new(SentSecrets.Hide(problem, Sent), inner) { RetryAfter = RetryAfter };
}
