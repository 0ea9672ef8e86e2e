using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Stands in for an Alertmanager: notes every alert that it is sent.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly ConcurrentQueue<ReceivedAlert> received = new();

    private AlertReceiver(WebApplication application) => this.application = application;

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority { get; private set; } = "";

    /// <summary>What it was sent so far.</summary>
    public IReadOnlyList<ReceivedAlert> Received => [.. received];

    public static async Task<AlertReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new AlertReceiver(builder.Build());
        receiver.application.Run(receiver.TakeAsync);
        await receiver.application.StartAsync(CancellationToken.None);
        var addresses = receiver
            .application.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!;
        receiver.Authority = new Uri(addresses.Addresses.Single()).Authority;
        return receiver;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        foreach (var alert in body.RootElement.EnumerateArray())
        {
            var labels = alert.GetProperty("labels");
            received.Enqueue(
                new ReceivedAlert(
                    labels.GetProperty("alertname").GetString()!,
                    labels.TryGetProperty("n", out var n) ? n.GetString()! : "",
                    alert.GetProperty("startsAt").GetDateTimeOffset().ToUnixTimeMilliseconds(),
                    alert.GetProperty("endsAt").GetDateTimeOffset().ToUnixTimeMilliseconds()
                )
            );
        }
    }
}

/// <summary>An alert as it was sent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its label <c>n</c>.</param>
/// <param name="StartsAtMs">When it began, milliseconds since the epoch.</param>
/// <param name="EndsAtMs">When it ends or ended.</param>
internal sealed record ReceivedAlert(string Name, string Number, long StartsAtMs, long EndsAtMs);
