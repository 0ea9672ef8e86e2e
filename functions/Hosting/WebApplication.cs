using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tributary.Functions.Endpoints;
using Tributary.Functions.Security;
using Tributary.PromQL.Sources;
using Tributary.Stores;

namespace Tributary.Functions.Hosting;

/// <summary>Finds the endpoint of each request and turns what it throws into an answer.</summary>
/// <param name="state">What the endpoints ask for.</param>
/// <param name="isLoopback">Whether only programs of this machine can ask.</param>
/// <param name="logger">Takes what fails.</param>
internal sealed partial class WebApplication(ServerState state, bool isLoopback, ILogger logger)
    : IHttpApplication<HttpContext>
{
    /// <summary>111: could not be made young again, in the form of RFC 7234.</summary>
    private const string OlderData =
        "111 tributary \"the log cannot be read at this moment: the data is a little older\"";

    private readonly Authenticator authenticator = new(state.Web, state.RequireCredentials, state.Time, logger);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception) { }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await DispatchAsync(context);
        }
        catch (Exception e)
            when (context.RequestAborted.IsCancellationRequested
                && e is OperationCanceledException or QueryException { Kind: QueryFailure.Canceled }
            )
        {
            // The client has gone; there is nobody to tell.
            context.Abort();
        }
        catch (Exception e)
        {
            await AnswerAsync(context, e);
        }
    }

    private async Task DispatchAsync(HttpContext context)
    {
        context.Features.Set(state.Meter);
        if (state.Functions is not { } functions)
        {
            using var paid = Payers.By(Payer.Query);
            await AnswerAsync(context);
        }
        else if (!await functions.TryTakeAsync(context))
        {
            await functions.InvokeAsync(async () =>
            {
                await AnswerAsync(context);
                // What is done behind it, whoever asked does not wait for.
                await context.Response.CompleteAsync();
            });
        }
    }

    /// <summary>Answers what others ask.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers.Vary = "Accept-Encoding";
        if (IsBelowPrefix(request, out var path))
        {
            request.PathBase = state.RoutePrefix;
            request.Path = path;
        }
        else if (IsRead(request) && request.Path == "/")
        {
            context.Response.Redirect(new PathString(state.RoutePrefix).ToUriComponent());
            return;
        }
        if (request.Path.StartsWithSegments("/api"))
        {
            CrossOrigin.SetHeaders(context, state.CorsOrigin);
            if (HttpMethods.IsOptions(request.Method))
            {
                // A browser asks this by itself, without credentials, before it sends them.
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }
        var route = path is null ? null : Routes.Find(path);
        var access = route is { IsPublic: true } ? Access.Granted : await CheckAsync(request);
        if (access == Access.Granted)
        {
            await HandleAsync(context, route);
        }
        else if (access is not (Access.Wrong or Access.Busy) && IsRead(request) && route?.Ping is { } ping)
        {
            await ping(context, state);
        }
        else
        {
            await Refusals.WriteAsync(context, access);
        }
    }

    /// <summary>By the configuration as it is now: who may ask can have changed while nothing ran.</summary>
    private async Task<Access> CheckAsync(HttpRequest request)
    {
        if (state.Functions is { } functions)
        {
            await functions.FreshConfigAsync(request.HttpContext.RequestAborted);
        }
        return await authenticator.CheckAsync(request.Headers.Authorization);
    }

    private async Task HandleAsync(HttpContext context, Route? route)
    {
        if (route is null || !route.Takes(context.Request.Method))
        {
            await WriteNotServedAsync(context, route);
            return;
        }
        if (route.IsMutating && !isLoopback && !authenticator.HasCredentials)
        {
            await Refusals.WriteOpenAsync(context);
            return;
        }
        if (route.IsMutating && CrossOrigin.IsForeign(context.Request, state.ExternalUrl()))
        {
            await Refusals.WriteForeignAsync(context);
            return;
        }
        if ((route.NeedsData || route.WantsData) && state.Functions is { } functions)
        {
            await FreshenAsync(context, route, functions);
        }
        if (route.NeedsData && !state.IsReady())
        {
            context.Response.Headers.RetryAfter = "1";
            await ApiErrors.WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                ApiErrors.Unavailable,
                "not ready yet: the recent log is being read"
            );
            return;
        }
        await route.Handle(context, state);
    }

    private Task WriteNotServedAsync(HttpContext context, Route? route)
    {
        if (route is null)
        {
            var request = context.Request;
            var path = request.Path.Value ?? "";
            if (Routes.WithoutDoubledSlashes(path) is { } found)
            {
                // What comes of a base address that ends with a slash. Unlike upstream's 301 this keeps a POST with its form.
                var target = request.PathBase.Add(found).ToUriComponent() + request.QueryString.ToUriComponent();
                context.Response.Redirect(target, permanent: true, preserveMethod: true);
                return Task.CompletedTask;
            }
            return ApiErrors.WriteTextAsync(context, StatusCodes.Status404NotFound, Routes.Unknown(path, state));
        }
        context.Response.Headers.Allow = route.Methods;
        return ApiErrors.WriteTextAsync(
            context,
            StatusCodes.Status405MethodNotAllowed,
            $"only {route.Methods.Replace(", ", " or ", StringComparison.Ordinal)} requests are allowed here"
        );
    }

    /// <summary>
    /// Has the log read on before the answer. What is a little older all the same is marked so; what is too old is an error,
    /// where the data is all that is asked for.
    /// </summary>
    private static async Task FreshenAsync(HttpContext context, Route route, FunctionsSeam functions)
    {
        try
        {
            if (await functions.FreshDataAsync(context.RequestAborted) is not null)
            {
                context.Response.Headers.Append("Warning", OlderData);
            }
        }
        catch (StoreException) when (!route.NeedsData)
        {
            // It is noted where it was read, and the answer is about that, too.
            context.Response.Headers.Append("Warning", OlderData);
        }
    }

    /// <summary>The path without the prefix; the prefix alone is its root.</summary>
    private bool IsBelowPrefix(HttpRequest request, [NotNullWhen(true)] out string? path)
    {
        var whole = request.Path.Value ?? "";
        path =
            !whole.StartsWith(state.RoutePrefix, StringComparison.Ordinal) ? null
            : whole.Length == state.RoutePrefix.Length ? "/"
            : whole[state.RoutePrefix.Length] == '/' ? whole[state.RoutePrefix.Length..]
            : null;
        return path is not null;
    }

    private static bool IsRead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private Task AnswerAsync(HttpContext context, Exception exception)
    {
        var (status, errorType) = ApiErrors.Classify(exception);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            Log.RequestFailed(logger, context.Request.Method, context.Request.Path, exception);
        }
        if (context.Response.HasStarted)
        {
            // A cut connection is the only way left to say that the answer is not whole.
            context.Abort();
            return Task.CompletedTask;
        }
        return ApiErrors.WriteAsync(context, status, errorType, exception.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
        public static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);
    }
}
