using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The host's web server: routes to functions, what the host answers itself, and the way to the handler.</summary>
internal sealed class FrontEnd : IAsyncDisposable
{
    private const string RunPrefix = "/admin/functions/";
    private const long MaxBodyBytes = 104_857_600;
    private static readonly string[] OwnPrefixes = ["/admin", "/runtime/webhooks"];

    private readonly FunctionHost owner;
    private readonly HostOptions options;
    private readonly HandlerProcess handler;
    private readonly HostLog log;
    private readonly bool isProxying;
    private readonly RouteTable routes;
    private readonly WebApplication application;

    /// <summary>Passes everything on as it is.</summary>
    private readonly HttpMessageInvoker http = new(
        new SocketsHttpHandler
        {
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        }
    );

    public FrontEnd(FunctionHost owner, HostJson host, HostOptions options, HandlerProcess handler, HostLog log)
    {
        this.owner = owner;
        this.options = options;
        this.handler = handler;
        this.log = log;
        isProxying = host.IsProxying && options.KnowsProxying;
        routes = new RouteTable(host, owner.Functions);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            })
            .UseUrls("http://127.0.0.1:0");
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    public Uri Address =>
        new(
            application
                .Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.Single()
        );

    public Task StartAsync() => application.StartAsync(CancellationToken.None);

    /// <summary>As a machine that goes away: nothing under way is waited for.</summary>
    public Task StopAsync() => application.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (!owner.IsRunning)
        {
            await RefuseAsync(context);
        }
        else if (
            Array.Exists(OwnPrefixes, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
        )
        {
            RunByHand(context);
        }
        else if (routes.Find(context.Request.Method, path) is not { } route)
        {
            AnswerWithoutFunction(context);
        }
        else if (!route.Trigger.IsAnonymous)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            await PassAsync(context, route.Function);
        }
    }

    private async Task PassAsync(HttpContext context, FunctionJson function)
    {
        var done = await owner.LimitAsync(
            function.Name,
            async stop =>
            {
                if (!await handler.ReadyAsync().WaitAsync(stop))
                {
                    await RefuseAsync(context);
                }
                else if (isProxying)
                {
                    await HttpProxying.SendAsync(context, http, handler.Port, stop);
                }
                else
                {
                    await HttpForwarding.SendAsync(context, http, handler.Port, stop);
                }
                return "done";
            }
        );
        log.Write($"Executed 'Functions.{function.Name}' ({(done is null ? "Failed" : "Succeeded")})");
        if (done is null)
        {
            context.Abort();
        }
    }

    /// <summary>An operator's call of a function.</summary>
    private void RunByHand(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var name = path.StartsWith(RunPrefix, StringComparison.OrdinalIgnoreCase) ? path[RunPrefix.Length..] : "";
        var function = owner.Functions.FirstOrDefault(function =>
            string.Equals(function.Name, name, StringComparison.OrdinalIgnoreCase)
        );
        if (function?.Trigger is not TimerTrigger || !HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        _ = owner.CallTimerAsync(function.Name);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private void AnswerWithoutFunction(HttpContext context)
    {
        var isHomepage = context.Request.Path.Value is null or "" or "/";
        var isDisabled = string.Equals(
            options.Settings.GetValueOrDefault("AzureWebJobsDisableHomepage"),
            "true",
            StringComparison.OrdinalIgnoreCase
        );
        context.Response.StatusCode =
            !isHomepage ? StatusCodes.Status404NotFound
            : isDisabled ? StatusCodes.Status204NoContent
            : StatusCodes.Status200OK;
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("Function host is not running.", context.RequestAborted);
    }
}
