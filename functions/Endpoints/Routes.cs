using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary>The table of all addresses.</summary>
internal static class Routes
{
    /// <summary>The endpoint at a path, or null.</summary>
    public static Route? Find(string path) =>
        path switch
        {
            "/" => new Route(StatusEndpoint.HandleAsync),
            "/federate" => new Route(FederateEndpoint.HandleAsync, NeedsData: true),
            "/metrics" => new Route(MetricsEndpoint.HandleAsync),
            "/-/healthy" => new Route((context, _) => HealthEndpoints.HealthyAsync(context)),
            "/-/ready" => new Route(HealthEndpoints.ReadyAsync),
            "/api/v1/targets" => new Route(TargetsEndpoint.HandleAsync, NeedsData: true),
            _ => null,
        };

    /// <summary>What to say of a path that is not in the table.</summary>
    public static string Unknown(string path) =>
        path.StartsWith("/federation", StringComparison.Ordinal)
            ? "there is no /federation: federation is served at /federate?match[]=SELECTOR"
            : "no such page; the status page is at /";
}

/// <summary>One endpoint; all take GET and HEAD.</summary>
/// <param name="Handle">Answers a request.</param>
/// <param name="NeedsData">Whether it has no answer before the recent log has been read.</param>
internal sealed record Route(Func<HttpContext, ServerState, Task> Handle, bool NeedsData = false);
