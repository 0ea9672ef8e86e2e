using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A source inside the test: answers each scrape with what a function says.</summary>
internal sealed class FakeSource : IAsyncDisposable
{
    public const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly WebApplication application;

    private FakeSource(WebApplication application, Uri address)
    {
        this.application = application;
        Authority = address.Authority;
    }

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority { get; }

    /// <summary>Starts it.</summary>
    /// <param name="answer">The body for a path; called by one request at a time.</param>
    /// <param name="contentType">The content type of all answers.</param>
    public static Task<FakeSource> StartAsync(Func<string, string> answer, string contentType = MetricsType) =>
        StartAsync(path => Encoding.UTF8.GetBytes(answer(path)), contentType);

    /// <summary>Starts it.</summary>
    /// <param name="answer">The body for a path; called by one request at a time.</param>
    /// <param name="contentType">The content type of all answers.</param>
    public static async Task<FakeSource> StartAsync(Func<string, byte[]> answer, string contentType)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var gate = new Lock();
        application.Run(context =>
        {
            if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            {
                // It has no HTTP API, and a question to it is no scrape.
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }
            byte[] body;
            lock (gate)
            {
                body = answer(context.Request.Path.Value ?? "");
            }
            context.Response.ContentType = contentType;
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
        });
        await application.StartAsync(CancellationToken.None);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new FakeSource(application, new Uri(addresses.Addresses.Single()));
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
