using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tributary.Functions.Security;

namespace Tributary.Functions.Endpoints;

/// <summary>What those are told who are not let in, and what they can do.</summary>
internal static class Refusals
{
    private const string Missing =
        "this needs credentials: a user and password (Basic) or a token (Bearer) that tributary.web of the "
        + "configuration has";

    private const string Wrong =
        "these credentials open nothing here: neither a user with that password nor a token that tributary.web of the "
        + "configuration has";

    private const string Unset =
        "this server answers only those who have credentials, and none are configured: add users (their hashes are made "
        + "by: tributary hash-password) or bearer_tokens to tributary.web of the configuration";

    private const string Open =
        "this changes the server, and everybody on the network could ask for it: add users or bearer_tokens to "
        + "tributary.web of the configuration, or listen on 127.0.0.1";

    private const string Foreign =
        "this changes the server, and a page of another site asked a browser for it: ask from a page of this server "
        + "(behind a proxy set --web.external-url), or without a browser";

    /// <summary>Two headers: clients read one challenge each.</summary>
    private static readonly StringValues Challenges = new(["Basic realm=\"tributary\", charset=\"UTF-8\"", "Bearer"]);

    /// <summary>Refuses a request that was not granted.</summary>
    public static Task WriteAsync(HttpContext context, Access access)
    {
        switch (access)
        {
            case Access.Busy:
                context.Response.Headers.RetryAfter = "1";
                return ApiErrors.WriteAsync(
                    context,
                    StatusCodes.Status429TooManyRequests,
                    ApiErrors.Unavailable,
                    "too many passwords are being verified: ask again in a second"
                );
            case Access.Starting:
                context.Response.Headers.RetryAfter = "1";
                return ApiErrors.WriteAsync(
                    context,
                    StatusCodes.Status503ServiceUnavailable,
                    ApiErrors.Unavailable,
                    "not ready yet: the configuration is being read; if this lasts, the log of this server says why"
                );
            default:
                context.Response.Headers.WWWAuthenticate = Challenges;
                return ApiErrors.WriteAsync(
                    context,
                    StatusCodes.Status401Unauthorized,
                    ApiErrors.Unauthorized,
                    access == Access.Missing ? Missing
                        : access == Access.Unset ? Unset
                        : Wrong
                );
        }
    }

    /// <summary>Refuses to change something because a page of another site says so.</summary>
    public static Task WriteForeignAsync(HttpContext context) =>
        ApiErrors.WriteAsync(context, StatusCodes.Status403Forbidden, ApiErrors.Forbidden, Foreign);

    /// <summary>Refuses to end the server: whoever runs it does that with a signal.</summary>
    public static Task WriteQuitAsync(HttpContext context) =>
        ApiErrors.WriteTextAsync(
            context,
            StatusCodes.Status403Forbidden,
            "this server is not ended by a request; send its process a signal"
        );

    /// <summary>Refuses to change something for anybody who asks.</summary>
    public static Task WriteOpenAsync(HttpContext context) =>
        ApiErrors.WriteAsync(context, StatusCodes.Status403Forbidden, ApiErrors.Forbidden, Open);
}
