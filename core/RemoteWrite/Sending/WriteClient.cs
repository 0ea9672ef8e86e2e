using System.Globalization;
using System.Net;
using Tributary.Configuration;
using Tributary.HttpClients;
using Tributary.Scraping;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Sends one request to a destination.</summary>
/// <param name="config">The destination.</param>
/// <param name="http">How it is asked.</param>
/// <param name="time">The clock of the limit, and of pauses until a date.</param>
internal sealed class WriteClient(RemoteWriteConfig config, HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>Sends a message. Does not throw but when it is to end.</summary>
    /// <param name="message">The message.</param>
    /// <param name="attempt">How often it was sent before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of it, and how long it was.</returns>
    public async Task<(WriteOutcome Outcome, int Bytes)> SendAsync(
        WriteMessage message,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var hasSamples = message.Samples + message.Histograms > 0;
        // A copy: after the limit, a connection may still be reading it.
        var body = message.Finish().ToArray();
        using var request = RequestOf(message, body, attempt);
        using var late = new CancellationTokenSource(config.Timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var response = await http.SendAsync(request, end.Token);
            var outcome = await WriteAnswer.ReadAsync(
                response,
                (message is WriteRequestV2Writer, hasSamples),
                config.Queue.RetryOnTooMany,
                time.GetUtcNow(),
                end.Token
            );
            return (outcome, body.Length);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var limit = config.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return (new WriteOutcome(WriteOutcomeKind.Later, $"no answer within {limit} s"), body.Length);
        }
        catch (HttpRequestException exception)
        {
            var problem = ConnectionProblem.Describe(exception, config.Url, "destination");
            return (new WriteOutcome(WriteOutcomeKind.Later, problem), body.Length);
        }
        catch (IOException)
        {
            return (new WriteOutcome(WriteOutcomeKind.Later, "the connection broke"), body.Length);
        }
    }

    private HttpRequestMessage RequestOf(WriteMessage message, byte[] body, int attempt)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, config.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", WriteProtocol.Encoding);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", message.ContentType);
        request.Headers.TryAddWithoutValidation("User-Agent", ScrapeRequest.UserAgent);
        request.Headers.TryAddWithoutValidation(WriteProtocol.VersionHeader, message.Version);
        if (attempt > 0)
        {
            request.Headers.TryAddWithoutValidation("Retry-Attempt", attempt.ToString(CultureInfo.InvariantCulture));
        }
        foreach (var (name, value) in config.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }
}
