using System.Buffers;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/metrics</c>: our own state.</summary>
internal static class MetricsEndpoint
{
    public static Task HandleAsync(HttpContext context, ServerState state)
    {
        var format = AnswerFormat.ForMetrics(context.Request.Headers.Accept);
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        OwnMetrics.Write(body, state.Metrics(), format);
        return ResponseBody.SendAsync(context, StatusCodes.Status200OK, format.ContentType, body.WrittenMemory);
    }
}
