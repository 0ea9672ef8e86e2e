using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/</c>: the status page. Hosts ping it, so it answers at any time.</summary>
internal static class StatusEndpoint
{
    public static Task HandleAsync(HttpContext context, ServerState state) =>
        ResponseBody.SendAsync(
            context,
            StatusCodes.Status200OK,
            "text/html; charset=utf-8",
            Encoding.UTF8.GetBytes(StatusPage.Render(state.Status()))
        );
}
