using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary>The table of all addresses.</summary>
internal static class Routes
{
    /// <summary>Every endpoint by its path, without the route prefix.</summary>
    public static IReadOnlyDictionary<string, Route> All { get; } =
        new Dictionary<string, Route>(StringComparer.Ordinal)
        {
            ["/"] = new(StatusEndpoint.HandleAsync, WantsData: true, Ping: StatusEndpoint.PingAsync),
            ["/status"] = new(StatusEndpoint.HandleAsync, WantsData: true),
            ["/federate"] = new(FederateEndpoint.HandleAsync, NeedsData: true),
            ["/metrics"] = new(MetricsEndpoint.HandleAsync),
            ["/-/healthy"] = new((context, _) => HealthEndpoints.HealthyAsync(context), IsPublic: true),
            ["/-/ready"] = new(HealthEndpoints.ReadyAsync, WantsData: true, IsPublic: true),
            ["/-/reload"] = new(ReloadEndpoint.HandleAsync, Route.PostOrPut, IsMutating: true),
            ["/-/quit"] = new((context, _) => Refusals.WriteQuitAsync(context), Route.PostOrPut),
            ["/version"] = new(ServerStatusEndpoints.VersionAsync),
            ["/api/v1/admin/tsdb/clean_tombstones"] = Admin(AdminEndpoints.CleanTombstonesAsync),
            ["/api/v1/admin/tsdb/delete_series"] = Admin(AdminEndpoints.DeleteSeriesAsync) with { NeedsData = true },
            ["/api/v1/admin/tsdb/snapshot"] = Admin(AdminEndpoints.SnapshotAsync),
            ["/api/v1/alertmanagers"] = new(RuleEndpoints.AlertmanagersAsync, NeedsData: true),
            ["/api/v1/alerts"] = new(RuleEndpoints.AlertsAsync, NeedsData: true),
            ["/api/v1/features"] = new(ServerStatusEndpoints.FeaturesAsync),
            ["/api/v1/format_query"] = new(QueryTextEndpoints.FormatAsync, Route.GetOrPost),
            ["/api/v1/labels"] = new(LookUpEndpoints.LabelsAsync, Route.GetOrPost, NeedsData: true),
            ["/api/v1/metadata"] = new(MetadataEndpoints.ByFamilyAsync, NeedsData: true),
            ["/api/v1/notifications"] = new(NotificationEndpoints.ListAsync),
            ["/api/v1/notifications/live"] = new(NotificationEndpoints.LiveAsync, "GET"),
            ["/api/v1/parse_query"] = new(QueryTextEndpoints.ParseAsync, Route.GetOrPost),
            ["/api/v1/query"] = new(QueryEndpoints.InstantAsync, Route.GetOrPost, NeedsData: true),
            ["/api/v1/query_exemplars"] = new(QueryTextEndpoints.ExemplarsAsync, Route.GetOrPost, NeedsData: true),
            ["/api/v1/query_range"] = new(QueryEndpoints.RangeAsync, Route.GetOrPost, NeedsData: true),
            ["/api/v1/rules"] = new(RuleEndpoints.RulesAsync, NeedsData: true),
            ["/api/v1/read"] = new(RemoteReadEndpoint.HandleAsync, Route.Post, NeedsData: true),
            ["/api/v1/scrape_pools"] = new(TargetsEndpoint.PoolsAsync, NeedsData: true),
            ["/api/v1/status/blocks"] = new(ServerStatusEndpoints.BlocksAsync),
            ["/api/v1/series"] = new(LookUpEndpoints.SeriesAsync, Route.GetOrPost, NeedsData: true),
            ["/api/v1/status/buildinfo"] = new(ServerStatusEndpoints.BuildInfoAsync),
            ["/api/v1/status/config"] = new(ServerStatusEndpoints.ConfigAsync, NeedsData: true),
            ["/api/v1/status/cost"] = new(CostEndpoint.HandleAsync, NeedsData: true),
            ["/api/v1/status/exports"] = new(ServerStatusEndpoints.ExportsAsync),
            ["/api/v1/status/flags"] = new(ServerStatusEndpoints.FlagsAsync),
            ["/api/v1/status/gaps"] = new(ServerStatusEndpoints.GapsAsync, NeedsData: true),
            ["/api/v1/status/runtimeinfo"] = new(ServerStatusEndpoints.RuntimeInfoAsync, NeedsData: true),
            ["/api/v1/status/sources"] = new(ServerStatusEndpoints.SourcesAsync, NeedsData: true),
            ["/api/v1/status/tsdb"] = new(TsdbStatusEndpoint.HandleAsync, NeedsData: true),
            ["/api/v1/status/tsdb/blocks"] = new(ServerStatusEndpoints.TsdbBlocksAsync),
            ["/api/v1/status/walreplay"] = new(ServerStatusEndpoints.WalReplayAsync),
            ["/api/v1/targets/metadata"] = new(MetadataEndpoints.ByTargetAsync, NeedsData: true),
            ["/api/v1/write"] = new(RemoteWriteEndpoint.HandleAsync, Route.Post, IsMutating: true),
            ["/api/v1/targets"] = new(TargetsEndpoint.HandleAsync, NeedsData: true),
        };

    private static Route LabelValues { get; } = new(LookUpEndpoints.LabelValuesAsync, NeedsData: true);

    private static Route Admin(Func<HttpContext, ServerState, Task> handle) =>
        new(handle, Route.PostOrPut, IsMutating: true);

    /// <summary>The endpoint at a path (without the route prefix), or null.</summary>
    public static Route? Find(string path) =>
        All.GetValueOrDefault(path) ?? (LookUpEndpoints.IsLabelValues(path) ? LabelValues : null);

    /// <summary>A path with single slashes where it has doubled ones, if something is found at it then; else null.</summary>
    public static string? WithoutDoubledSlashes(string path)
    {
        var single = path;
        while (single.Contains("//", StringComparison.Ordinal))
        {
            single = single.Replace("//", "/", StringComparison.Ordinal);
        }
        return single.Length < path.Length && Find(single) is not null ? single : null;
    }

    /// <summary>What to say of a path that is not in the table.</summary>
    public static string Unknown(string path, ServerState state) =>
        path.StartsWith("/federation", StringComparison.Ordinal)
            ? $"there is no /federation: federation is served at {state.Prefixed("/federate")}?match[]=SELECTOR"
            : $"no such page; the status page is at {state.Prefixed("/")}";
}
