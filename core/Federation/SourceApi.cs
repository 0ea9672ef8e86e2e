using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Tributary.Binary;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Exposition;
using Tributary.HttpClients;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Asks a source's HTTP API, with the credentials and limits of its job.</summary>
/// <param name="http">What sends the requests of a target.</param>
/// <param name="time">The clock.</param>
/// <param name="limits">What a source may send.</param>
internal sealed class SourceApi(Func<Target, HttpMessageInvoker> http, TimeProvider time, ScrapeLimits limits)
{
    /// <summary>The longest piece of an answer that has to be at hand whole: labels of a series, or a frame of chunks.</summary>
    public const int MaxPieceBytes = 16 << 20;

    /// <summary>The longest answer that is read whole: a configuration, or samples of remote read.</summary>
    public const int MaxWholeBytes = 64 << 20;

    /// <summary>A timer takes no longer times.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(45);

    private static readonly string UserAgent =
        $"Tributary/{typeof(SourceApi).Assembly.GetName().Version?.ToString(3) ?? "0"}";

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="target">Whose client and timeout are used.</param>
    /// <param name="guard">The source's guard.</param>
    /// <param name="makeRequest">Makes the request.</param>
    /// <param name="read">Reads an answer of status 200; the stream is decompressed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="SourceApiException">There is no usable answer.</exception>
    public async Task<T> SendAsync<T>(
        Target target,
        PullGuard guard,
        Func<HttpRequestMessage> makeRequest,
        Func<HttpResponseMessage, Stream, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken
    )
    {
        await guard.EnterAsync(cancellationToken);
        try
        {
            using var timeout = new CancellationTokenSource(
                target.Timeout < LongestTimeout ? target.Timeout : LongestTimeout,
                time
            );
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            using var request = makeRequest();
            Prepare(request, target);
            return await SendAsync(target, guard, request, read, both.Token, cancellationToken);
        }
        finally
        {
            guard.Leave();
        }
    }

    /// <summary>Reads a stream piece by piece.</summary>
    /// <param name="target">Whose job's limit of a body holds.</param>
    /// <param name="body">The stream.</param>
    /// <param name="consume">Reads what it can of the bytes at hand, and returns how many those were.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many bytes the answer had, and what was left at its end.</returns>
    public async ValueTask<(long Bytes, int Left)> ReadPiecesAsync(
        Target target,
        Stream body,
        Func<BodyBuffer, int> consume,
        CancellationToken cancellationToken
    )
    {
        using var buffer = new BodyBuffer(MaxPieceBytes);
        var most = MostBytes(target);
        while (await buffer.FillAsync(body, 0, cancellationToken))
        {
            if (buffer.TotalBytes > most)
            {
                throw TooLarge(target, most);
            }
            buffer.Consume(consume(buffer));
        }
        return (buffer.TotalBytes, buffer.Unread.Length);
    }

    /// <summary>Reads a stream whole.</summary>
    public async ValueTask<byte[]> ReadWholeAsync(Target target, Stream body, CancellationToken cancellationToken)
    {
        var most = Math.Min(MostBytes(target), MaxWholeBytes);
        var bytes = new ByteWriter(64 * 1024);
        var piece = new byte[64 * 1024];
        int count;
        while ((count = await body.ReadAsync(piece, cancellationToken)) > 0)
        {
            bytes.WriteBytes(piece.AsSpan(0, count));
            if (bytes.Length > most)
            {
                throw TooLarge(target, most);
            }
        }
        return bytes.WrittenSpan.ToArray();
    }

    private long MostBytes(Target target) =>
        target.Config.Limits.BodySizeLimit > 0
            ? Math.Min(target.Config.Limits.BodySizeLimit - 1, limits.MaxBodyBytes)
            : limits.MaxBodyBytes;

    private static SourceApiException TooLarge(Target target, long most) =>
        new(
            SourceApiProblem.TooMuch,
            most == target.Config.Limits.BodySizeLimit - 1
                ? $"body_size_limit exceeded: an answer has {most + 1} bytes or more, decompressed"
                : $"an answer is larger than the limit of {most} bytes"
        );

    private static void Prepare(HttpRequestMessage request, Target target)
    {
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
        var headers = request.Headers;
        if (!headers.NonValidated.Contains("Accept-Encoding"))
        {
            headers.TryAddWithoutValidation("Accept-Encoding", target.Config.EnableCompression ? "gzip" : "identity");
        }
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
    }

    private async Task<T> SendAsync<T>(
        Target target,
        PullGuard guard,
        HttpRequestMessage request,
        Func<HttpResponseMessage, Stream, CancellationToken, ValueTask<T>> read,
        CancellationToken bounded,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var response = await http(target).SendAsync(request, bounded);
            try
            {
                return await AnswerAsync(target, response, read, bounded);
            }
            catch (SourceApiException problem)
            {
                if (problem.Problem is SourceApiProblem.Throttled)
                {
                    guard.Block(time.GetUtcNow().ToUnixTimeMilliseconds() + (long)problem.RetryAfter.TotalMilliseconds);
                }
                // Errors quote the source, which may repeat what it was asked with.
                var text = SentSecrets.Hide(
                    Words.Clean(problem.Message, PullLimits.MaxErrorChars),
                    response.RequestMessage
                );
                throw new SourceApiException(problem.Problem, text) { Status = problem.Status };
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceApiException(
                SourceApiProblem.TimedOut,
                $"the answer did not end within the scrape timeout of {target.Timeout.TotalSeconds} s"
            );
        }
        catch (HttpRequestException problem)
        {
            throw new SourceApiException(SourceApiProblem.Failed, ConnectionProblem.Describe(problem, target.Url));
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            throw new SourceApiException(
                SourceApiProblem.Failed,
                $"the connection to {target.Url.Authority} broke: {problem.Message}"
            );
        }
    }

    private static async Task<T> AnswerAsync<T>(
        Target target,
        HttpResponseMessage response,
        Func<HttpResponseMessage, Stream, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
            await using var rawDisposal = raw;
            var isCompressed = ScrapeRequest.IsCompressed(response);
            var body = isCompressed ? new GZipStream(raw, CompressionMode.Decompress, true) : raw;
            await using var bodyDisposal = body;
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                throw await ApiErrors.OfAsync(target, response, body, cancellationToken);
            }
            return await read(response, body, cancellationToken);
        }
        catch (InvalidDataException problem)
        {
            throw new SourceApiException(SourceApiProblem.Damaged, $"the gzip body is damaged: {problem.Message}");
        }
        catch (ExpositionException problem)
        {
            throw new SourceApiException(SourceApiProblem.Damaged, problem.Message);
        }
        catch (ScrapeException problem)
        {
            throw new SourceApiException(
                problem.IsPullSize ? SourceApiProblem.TooMuch : SourceApiProblem.Damaged,
                problem.Message
            );
        }
    }
}
