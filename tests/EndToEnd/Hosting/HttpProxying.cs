using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// The newer way of passing requests on, a reverse proxy: queries and bodies as they came, answers as they arrive; but an
/// encoded slash is encoded again, the host's name is the handler's, and forwarding headers are the proxy's own.
/// </summary>
internal static class HttpProxying
{
    private const int MaxAttempts = 10;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly UriCreationOptions AsWritten = new()
    {
        DangerousDisablePathAndQueryCanonicalization = true,
    };

    private static readonly SearchValues<byte> PathBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"u8
    );

    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        HostVersion.InvocationIdHeader,
        HostVersion.VersionHeader,
        HostVersion.ProxiedIdHeader,
    };

    public static async Task SendAsync(HttpContext context, HttpMessageInvoker http, int port, CancellationToken stop)
    {
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(stop, context.RequestAborted);
        using var answer = await ConnectAsync(context, http, port, aborted.Token);
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }
        HttpHeaders.CopyAnswer(answer, context.Response);
        await context.Response.StartAsync(aborted.Token);
        try
        {
            await CopyAsync(
                await answer.Content.ReadAsStreamAsync(aborted.Token),
                context.Response.Body,
                aborted.Token
            );
        }
        catch (Exception exception) when (exception is HttpIOException or IOException)
        {
            // The client sees that the answer is not whole.
            context.Abort();
        }
    }

    /// <summary>Refused connections are tried again.</summary>
    private static async Task<HttpResponseMessage?> ConnectAsync(
        HttpContext context,
        HttpMessageInvoker http,
        int port,
        CancellationToken stop
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var message = Message(context, port);
                return await http.SendAsync(message, stop);
            }
            catch (HttpRequestException exception)
            {
                if (exception.InnerException is not SocketException || attempt == MaxAttempts)
                {
                    return null;
                }
                await Task.Delay(RetryPause, stop);
            }
        }
    }

    private static HttpRequestMessage Message(HttpContext context, int port)
    {
        var request = context.Request;
        var authority = string.Create(CultureInfo.InvariantCulture, $"{IPAddress.Loopback}:{port}");
        var address = $"http://{authority}{EncodePath(request.Path.Value ?? "/")}{request.QueryString.Value}";
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(address, in AsWritten));
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            message.Content = new StreamContent(request.Body);
        }
        foreach (var (name, values) in request.Headers)
        {
            if (Own.Contains(name) || HttpHeaders.IsOfConnection(name))
            {
                continue;
            }
            if (!HttpHeaders.IsOfContent(name))
            {
                message.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
            else
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }
        var id = Guid.NewGuid().ToString();
        message.Headers.Add("X-Forwarded-For", $"{context.Connection.RemoteIpAddress}");
        message.Headers.Add("X-Forwarded-Host", request.Host.Value);
        message.Headers.Add("X-Forwarded-Proto", request.Scheme);
        message.Headers.Add(HostVersion.InvocationIdHeader, id);
        message.Headers.Add(HostVersion.VersionHeader, HostVersion.Version);
        message.Headers.Add(HostVersion.ProxiedIdHeader, id);
        return message;
    }

    /// <summary>The decoded path, in which %2F stands as it came, encoded once more.</summary>
    private static string EncodePath(string path)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            _ = PathBytes.Contains(b)
                ? encoded.Append((char)b)
                : encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return encoded.ToString();
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken stop)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, stop) is var read and > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), stop);
            await to.FlushAsync(stop);
        }
    }
}
