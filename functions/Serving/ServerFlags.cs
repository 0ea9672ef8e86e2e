using System.Globalization;
using Tributary.Alerting;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Model;

namespace Tributary.Functions.Serving;

/// <summary>How the server was started, as <c>/api/v1/status/flags</c> shows it.</summary>
internal static class ServerFlags
{
    /// <summary>
    /// Our options under their own names, and what they come to under Prometheus' names where it has a flag for the same
    /// thing. The storage is shown without keys.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(Settings settings) =>
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Name(CommandOptions.ConfigName)] = settings.ConfigText,
            [Name(CommandOptions.StorageName)] = settings.StorageText,
            [Name(CommandOptions.ListenName)] = settings.Listen.ToString(),
            ["alertmanager.drain-notification-queue-on-shutdown"] = "true",
            ["alertmanager.notification-batch-size"] = Number(Outbox.MaxBatch),
            ["alertmanager.notification-queue-capacity"] = Number(Outbox.Capacity),
            ["config.file"] = settings.ConfigText,
            ["enable-feature"] = string.Join(',', settings.Query.Features),
            ["query.lookback-delta"] = DurationText.Format(settings.Query.Engine.LookbackDelta),
            ["query.max-concurrency"] = Number(settings.Query.Engine.MaxConcurrency),
            ["query.max-samples"] = Number(settings.Query.Engine.MaxSamples),
            ["query.timeout"] = DurationText.Format(settings.Query.Engine.Timeout),
            ["storage.tsdb.path"] = settings.StorageText,
            ["storage.tsdb.retention.time"] = DurationText.Format(StorageConfig.DefaultRetention),
            ["web.listen-address"] = settings.Listen.ToString(),
            ["web.enable-admin-api"] = settings.Web.EnableAdminApi ? "true" : "false",
            ["web.enable-remote-write-receiver"] = settings.Web.EnableRemoteWriteReceiver ? "true" : "false",
            ["web.external-url"] = settings.Web.ExternalUrl?.AbsoluteUri ?? "",
            ["web.route-prefix"] = settings.Web.RoutePrefix.Length == 0 ? "/" : settings.Web.RoutePrefix,
            ["web.cors.origin"] = settings.Web.CorsOrigin?.Text ?? ".*",
        };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Name(string option) => option.TrimStart('-');
}
