using Microsoft.AspNetCore.Http;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>Headers between a client and a handler.</summary>
internal static class HttpHeaders
{
    private static readonly HashSet<string> Connection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
    };

    private static readonly HashSet<string> Content = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-Location",
        "Content-MD5",
        "Content-Range",
        "Content-Type",
        "Expires",
        "Last-Modified",
    };

    /// <summary>Whether a header is for the next hop alone, and whether it is about the body.</summary>
    public static bool IsOfConnection(string name) => Connection.Contains(name);

    public static bool IsOfContent(string name) => Content.Contains(name);

    /// <summary>Copies status and headers of a handler's answer.</summary>
    public static void CopyAnswer(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (!IsOfConnection(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }
    }
}
