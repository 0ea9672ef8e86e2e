using System.IO.Compression;
using System.Net.Sockets;
using Tributary.Configuration.Yaml;
using Tributary.HttpClients;

namespace Tributary.Discovery;

/// <summary>Requests of discoveries: bounded in time and size, and what goes wrong with one is a <see cref="DiscoveryException"/>.</summary>
internal static class DiscoveryRequest
{
    /// <summary>Who asks.</summary>
    public static readonly string UserAgent =
        $"Tributary/{typeof(DiscoveryRequest).Assembly.GetName().Version?.ToString(3) ?? "0"}";

    private const int MaxReasonChars = 500;
    private const int FirstBuffer = 64 * 1024;

    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="http">Sends it.</param>
    /// <param name="request">The request; its address is that of errors.</param>
    /// <param name="asked">Who is asked, as people call it.</param>
    /// <param name="timeout">The limit of both, and the clock that it is measured by.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <exception cref="DiscoveryException">There is no whole answer.</exception>
    public static async Task<T> SendAsync<T>(
        HttpMessageInvoker http,
        HttpRequestMessage request,
        string asked,
        (TimeSpan Limit, TimeProvider Time) timeout,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var timer = new CancellationTokenSource(timeout.Limit, timeout.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, both.Token);
            return await read(response, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DiscoveryException($"no whole answer within {timeout.Limit.TotalSeconds} s");
        }
        catch (InvalidDataException exception)
        {
            throw new DiscoveryException($"the gzip body is damaged: {exception.Message}", exception);
        }
        catch (HttpRequestException exception)
        {
            var reason = ConnectionProblem.Describe(exception, request.RequestUri!, asked);
            throw new DiscoveryException(Words.Clean(reason, MaxReasonChars), exception);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new DiscoveryException($"the request failed: {exception.Message}", exception);
        }
    }

    /// <summary>The body of an answer, unpacked.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="maxBytes">The longest body, unpacked.</param>
    /// <param name="isCut">Whether a longer body is cut there; else it is an error.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DiscoveryException">It is longer.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpResponseMessage response,
        int maxBytes,
        bool isCut,
        CancellationToken cancellationToken
    )
    {
        var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var rawDisposal = raw;
        var isGzip = response.Content.Headers.ContentEncoding.Contains("gzip", StringComparer.OrdinalIgnoreCase);
        var body = isGzip ? new GZipStream(raw, CompressionMode.Decompress, true) : raw;
        await using var bodyDisposal = body;
        var bytes = new byte[FirstBuffer];
        var length = 0;
        while (await body.ReadAsync(bytes.AsMemory(length), cancellationToken) is > 0 and var count)
        {
            length += count;
            if (length > maxBytes)
            {
                return isCut
                    ? bytes.AsMemory(0, maxBytes)
                    : throw new DiscoveryException($"the answer is longer than {maxBytes} bytes");
            }
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, 2 * length);
            }
        }
        return bytes.AsMemory(0, length);
    }
}
