using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/-/healthy</c> and <c>/-/ready</c>, as Prometheus has them.</summary>
internal static class HealthEndpoints
{
    public static Task HealthyAsync(HttpContext context) =>
        SendAsync(context, StatusCodes.Status200OK, "Tributary is Healthy.\n"u8);

    public static Task ReadyAsync(HttpContext context, ServerState state) =>
        state.IsReady()
            ? SendAsync(context, StatusCodes.Status200OK, "Tributary is Ready.\n"u8)
            : SendAsync(context, StatusCodes.Status503ServiceUnavailable, "Tributary is still reading the log.\n"u8);

    private static Task SendAsync(HttpContext context, int status, ReadOnlySpan<byte> text) =>
        ResponseBody.SendAsync(context, status, "text/plain; charset=utf-8", text.ToArray());
}
