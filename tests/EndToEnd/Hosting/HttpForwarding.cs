using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// The older way of passing requests on: a new request is made of the one that came. Values of one key are joined, a path
/// ends at an encoded question mark, bodies need a length and lose their coding, answers are read whole before they are
/// sent, and nobody hears of a client that went away.
/// </summary>
internal static class HttpForwarding
{
    public static async Task SendAsync(HttpContext context, HttpMessageInvoker http, int port, CancellationToken stop)
    {
        var request = context.Request;
        if (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), Address(request, port));
        foreach (var (name, values) in request.Headers)
        {
            if (!HttpHeaders.IsOfContent(name) && !HttpHeaders.IsOfConnection(name))
            {
                message.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }
        message.Headers.Host = request.Host.Value;
        message.Headers.TryAddWithoutValidation(HostVersion.InvocationIdHeader, Guid.NewGuid().ToString());
        message.Headers.TryAddWithoutValidation(HostVersion.VersionHeader, HostVersion.Version);
        message.Headers.TryAddWithoutValidation("User-Agent", HostVersion.UserAgent);
        if (request.ContentLength > 0)
        {
            message.Content = new StreamContent(request.Body);
            message.Content.Headers.ContentLength = request.ContentLength;
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }
        try
        {
            using var answer = await http.SendAsync(message, stop);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            HttpHeaders.CopyAnswer(answer, context.Response);
            if (body.Length > 0)
            {
                await context.Response.Body.WriteAsync(body, stop);
            }
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static Uri Address(HttpRequest request, int port)
    {
        var merged = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, values) in request.Query)
        {
            merged[key] = values.ToString();
        }
        // The path is decoded here but for its %2F, and not encoded again.
        var path = request.Path.Value ?? "/";
        var cut = path.AsSpan().IndexOfAny('?', '#');
        var query = new QueryBuilder(merged).ToQueryString();
        return new Uri(
            string.Create(
                CultureInfo.InvariantCulture,
                $"http://{IPAddress.Loopback}:{port}{(cut < 0 ? path : path[..cut])}{query}"
            )
        );
    }
}
