using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary>One endpoint.</summary>
/// <param name="Handle">Answers a request.</param>
/// <param name="Methods">The methods it takes, as the header <c>Allow</c> has them.</param>
/// <param name="NeedsData">Whether it has no answer before the recent log has been read.</param>
/// <param name="WantsData">Whether it tells of the log, and has an answer without it, too.</param>
/// <param name="IsPublic">Whether it answers anybody; it must tell nothing.</param>
/// <param name="IsMutating">Whether it changes something: then it needs credentials wherever others can reach us.</param>
/// <param name="Ping">What answers those without credentials instead; it must tell nothing. Null: they are refused.</param>
internal sealed record Route(
    Func<HttpContext, ServerState, Task> Handle,
    string Methods = Route.Get,
    bool NeedsData = false,
    bool WantsData = false,
    bool IsPublic = false,
    bool IsMutating = false,
    Func<HttpContext, ServerState, Task>? Ping = null
)
{
    public const string Get = "GET, HEAD";
    public const string GetOrPost = "GET, HEAD, POST";
    public const string Post = "POST";
    public const string PostOrPut = "POST, PUT";

    /// <summary>Whether it takes a method.</summary>
    public bool Takes(string method) => Methods.Split(", ").Contains(method, StringComparer.OrdinalIgnoreCase);
}
