using Microsoft.AspNetCore.Http;

namespace Tributary.Functions.Hosting;

/// <summary>
/// What is different behind the Functions host: it calls functions by their names, and nothing runs between requests, so
/// that what a request needs is read when it comes.
/// </summary>
internal sealed record FunctionsSeam
{
    /// <summary>The header of all requests that the host proxies, with their queries as they came.</summary>
    public const string ProxiedHeader = "x-ms-invocation-id";

    /// <summary>Answers what the host itself asks; false for what it passes on from others.</summary>
    public required Func<HttpContext, Task<bool>> TryTakeAsync { get; init; }

    /// <summary>Looks at the configuration if the last look is some seconds old. Does not throw; waits some seconds at most.</summary>
    public required Func<CancellationToken, Task> FreshConfigAsync { get; init; }

    /// <summary>
    /// Reads on in the log if the last reading is some seconds old. Null, or why the data is older than that. Throws an
    /// error that can be shown when it is too old to be served, or not read yet.
    /// </summary>
    public required Func<CancellationToken, Task<string?>> FreshDataAsync { get; init; }

    /// <summary>Answers what others ask through the host: an invocation of a function, too.</summary>
    public required Func<Func<Task>, Task> InvokeAsync { get; init; }

    /// <summary>Whether repeated parameters of a request can be joined by commas: the host's older way to pass it on.</summary>
    public static bool MayBeJoined(HttpRequest request) => !request.Headers.ContainsKey(ProxiedHeader);
}
