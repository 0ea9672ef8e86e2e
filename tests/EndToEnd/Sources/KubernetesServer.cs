using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Tests.Unit.Discovery.Kubernetes;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>The double of an API server, over the network.</summary>
internal sealed class KubernetesServer : IAsyncDisposable
{
    private readonly WebApplication application;

    private KubernetesServer(WebApplication application) => this.application = application;

    /// <summary>What it answers.</summary>
    public KubernetesDouble Double { get; } = new();

    /// <summary>Where it is.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public static async Task<KubernetesServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var server = new KubernetesServer(application);
        application.Run(server.AnswerAsync);
        await application.StartAsync(CancellationToken.None);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = new Uri(addresses.Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        Double.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        // As it came: the path of ASP.NET Core is unescaped.
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var authorization = context.Request.Headers.Authorization.ToString();
        var (status, body) = Double.Answer(path, authorization);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }
}
