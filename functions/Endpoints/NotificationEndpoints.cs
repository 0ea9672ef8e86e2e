using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/notifications</c>: what people should know of this server, now or as it comes.</summary>
internal static class NotificationEndpoints
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Task ListAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartArray();
                if (state.Runtime().Config is { IsLastReloadSuccessful: false } config)
                {
                    Write(json, config, true);
                }
                json.WriteEndArray();
            }
        );

    /// <summary>
    /// Server-sent events. Behind the Functions host there are none, as when Prometheus has enough listeners: an open answer
    /// keeps a paid instance.
    /// </summary>
    public static async Task LiveAsync(HttpContext context, ServerState state)
    {
        if (state.Functions is not null || !await state.Listeners.WaitAsync(TimeSpan.Zero, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            ConfigStatus? told = null;
            while (true)
            {
                var config = state.Runtime().Config;
                if ((told is null || told.IsLastReloadSuccessful) != config.IsLastReloadSuccessful)
                {
                    await SendAsync(context, config);
                }
                told = config;
                await Task.Delay(LookEvery, state.Time, context.RequestAborted);
            }
        }
        finally
        {
            state.Listeners.Release();
        }
    }

    private static async Task SendAsync(HttpContext context, ConfigStatus config)
    {
        using var text = new MemoryStream();
        text.Write("data: "u8);
        await using (var json = new Utf8JsonWriter(text))
        {
            Write(json, config, !config.IsLastReloadSuccessful);
        }
        text.Write("\n\n"u8);
        await context.Response.Body.WriteAsync(text.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, ConfigStatus config, bool isActive)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, "Configuration reload has failed.");
        json.WriteString("date"u8, TimeJson.Format(config.LastAttemptMs));
        json.WriteBoolean("active"u8, isActive);
        json.WriteEndObject();
    }
}
