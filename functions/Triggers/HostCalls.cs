using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Triggers;

/// <summary>Answers what the Functions host itself asks for: its pings, and the invocations of functions that are not HTTP.</summary>
/// <param name="port">Where the host calls us.</param>
/// <param name="triggers">What a function does, by its name: the name of its folder, in its letters.</param>
internal sealed class HostCalls(int port, IReadOnlyDictionary<string, Func<HttpContext, Task>> triggers)
{
    private readonly string ownHost = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>Answers the host. False: somebody else asks, through the host or past it, or for no function.</summary>
    public async Task<bool> TryTakeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsFromHost(request) || request.Path.Value is not { Length: > 0 } path)
        {
            return false;
        }
        if (path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            // Every 25 ms until the first answer, and now and then later.
            await ResponseBody.SendAsync(context, StatusCodes.Status200OK, "text/plain", "Tributary.\n"u8.ToArray());
            return true;
        }
        if (HttpMethods.IsPost(request.Method) && triggers.TryGetValue(path[1..], out var trigger))
        {
            await trigger(context);
            return true;
        }
        return false;
    }

    /// <summary>
    /// The host forwards the requests of others with the host name that they asked for, and marks those that it proxies.
    /// Its other headers prove nothing: a client can send them, too.
    /// </summary>
    private bool IsFromHost(HttpRequest request) =>
        string.Equals(request.Host.Value, ownHost, StringComparison.Ordinal)
        && !request.Headers.ContainsKey(FunctionsSeam.ProxiedHeader);
}
