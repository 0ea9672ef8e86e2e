namespace Tributary.Functions.CommandLine;

/// <summary>The options as they were typed; null where one was not given.</summary>
/// <param name="Config">The value of <c>--config</c>.</param>
/// <param name="Storage">The value of <c>--storage</c>.</param>
/// <param name="Listen">The value of <c>--listen</c>.</param>
/// <param name="ExternalUrl">The value of <c>--web.external-url</c>.</param>
/// <param name="RoutePrefix">The value of <c>--web.route-prefix</c>.</param>
/// <param name="CorsOrigin">The value of <c>--web.cors.origin</c>.</param>
/// <param name="EnableAdminApi">Whether <c>--web.enable-admin-api</c> was given.</param>
internal sealed record CommandOptions(
    string? Config = null,
    string? Storage = null,
    string? Listen = null,
    string? ExternalUrl = null,
    string? RoutePrefix = null,
    string? CorsOrigin = null,
    bool EnableAdminApi = false
)
{
    public const string ConfigName = "--config";
    public const string StorageName = "--storage";
    public const string ListenName = "--listen";
    public const string ExternalUrlName = "--web.external-url";
    public const string RoutePrefixName = "--web.route-prefix";
    public const string CorsOriginName = "--web.cors.origin";
    public const string EnableAdminApiName = "--web.enable-admin-api";
}
