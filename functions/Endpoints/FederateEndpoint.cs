using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Exposition;
using Tributary.Functions.Hosting;
using Tributary.Model;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/federate?match[]=SELECTOR</c>: the newest sample of each selected series.</summary>
internal static class FederateEndpoint
{
    /// <summary>199: a warning of our own, in the form of RFC 7234.</summary>
    private const string NothingSelected = "199 tributary \"no match[] parameter: nothing is selected\"";

    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        var selectors = context.Request.Query["match[]"].Select(text => text ?? "").ToList();
        var nowMs = state.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var range = new TimeRange(nowMs - (long)state.Lookback.TotalMilliseconds, nowMs);
        var samples = selectors.Count == 0 ? [] : state.SelectLatest(selectors, range);
        if (selectors.Count == 0)
        {
            context.Response.Headers.Warning = NothingSelected;
        }
        context.Response.ContentType = TextFormatWriter.ContentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        var writer = new FederationWriter(samples, state.ExternalLabels());
        await using var body = ResponseBody.Begin(context);
        while (writer.WritePiece(body))
        {
            await body.FlushAsync(context.RequestAborted);
        }
    }
}
