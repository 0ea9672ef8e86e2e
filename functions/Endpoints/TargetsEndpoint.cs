using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/targets</c>: the targets and how their last scrapes went.</summary>
internal static class TargetsEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        var query = context.Request.Query;
        var body = new ArrayBufferWriter<byte>(4096);
        await using (var json = new Utf8JsonWriter(body))
        {
            TargetsJson.Write(
                json,
                state.Targets(),
                query["state"].FirstOrDefault(),
                query["scrapePool"].FirstOrDefault()
            );
        }
        await ResponseBody.SendAsync(context, StatusCodes.Status200OK, "application/json", body.WrittenMemory);
    }
}
