namespace Tributary.Functions.CommandLine;

/// <summary>The options as they were typed; null where one was not given.</summary>
/// <param name="Config">The value of <c>--config</c>.</param>
/// <param name="Storage">The value of <c>--storage</c>.</param>
/// <param name="Listen">The value of <c>--listen</c>.</param>
/// <param name="ExternalUrl">The value of <c>--web.external-url</c>.</param>
/// <param name="RoutePrefix">The value of <c>--web.route-prefix</c>.</param>
/// <param name="CorsOrigin">The value of <c>--web.cors.origin</c>.</param>
/// <param name="EnableAdminApi">Whether <c>--web.enable-admin-api</c> was given.</param>
/// <param name="EnableRemoteWriteReceiver">Whether <c>--web.enable-remote-write-receiver</c> was given.</param>
/// <param name="LookbackDelta">The value of <c>--query.lookback-delta</c>.</param>
/// <param name="QueryTimeout">The value of <c>--query.timeout</c>.</param>
/// <param name="MaxConcurrency">The value of <c>--query.max-concurrency</c>.</param>
/// <param name="MaxSamples">The value of <c>--query.max-samples</c>.</param>
/// <param name="Features">The values of <c>--enable-feature</c>, with commas between them.</param>
internal sealed record CommandOptions(
    string? Config = null,
    string? Storage = null,
    string? Listen = null,
    string? ExternalUrl = null,
    string? RoutePrefix = null,
    string? CorsOrigin = null,
    bool EnableAdminApi = false,
    bool EnableRemoteWriteReceiver = false,
    string? LookbackDelta = null,
    string? QueryTimeout = null,
    string? MaxConcurrency = null,
    string? MaxSamples = null,
    string? Features = null
)
{
    public const string ConfigName = "--config";
    public const string StorageName = "--storage";
    public const string ListenName = "--listen";
    public const string ExternalUrlName = "--web.external-url";
    public const string RoutePrefixName = "--web.route-prefix";
    public const string CorsOriginName = "--web.cors.origin";
    public const string EnableAdminApiName = "--web.enable-admin-api";
    public const string EnableRemoteWriteReceiverName = "--web.enable-remote-write-receiver";
}
