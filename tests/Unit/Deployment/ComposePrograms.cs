using System.Globalization;
using Tributary.Functions.CommandLine;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>What the programs in the images take and where they listen, by their documentation.</summary>
internal static class ComposePrograms
{
    public const string Azurite = "mcr.microsoft.com/azure-storage/azurite";
    public const string Prometheus = "prom/prometheus";
    public const string Alertmanager = "prom/alertmanager";
    public const string Grafana = "grafana/grafana";
    public const string Thanos = "quay.io/thanos/thanos";
    public const string Tributary = "tributary";

    private const int GrafanaPort = 3000;

    /// <summary>The options that the files may use; a mistyped one ends the program.</summary>
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        // https://github.com/Azure/Azurite#command-line-options-differences-between-azurite-v2
        [Azurite] =
            "--blobHost --blobPort --queueHost --queuePort --tableHost --tablePort --location --skipApiVersionCheck "
            + "--disableTelemetry",
        // https://prometheus.io/docs/prometheus/latest/command-line/prometheus/
        [Prometheus] = "--config.file --storage.tsdb.path --storage.tsdb.retention.time --web.listen-address",
        // alertmanager --help
        [Alertmanager] = "--config.file --storage.path --web.listen-address --cluster.listen-address",
        [Grafana] = "",
        // https://thanos.io/tip/components/store.md/#flags and …/query.md/#flags
        [Thanos + " store"] =
            "--objstore.config-file --data-dir --http-address --grpc-address --sync-block-duration --index-cache-size "
            + "--chunk-pool-size",
        [Thanos + " query"] = "--http-address --grpc-address --endpoint --query.replica-label",
    };

    /// <summary>https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/: GF_SECTION_KEY.</summary>
    private static readonly HashSet<string> GrafanaVariables = new(
        [
            "GF_AUTH_ANONYMOUS_ENABLED",
            "GF_AUTH_ANONYMOUS_ORG_ROLE",
            "GF_AUTH_DISABLE_LOGIN_FORM",
            "GF_ANALYTICS_REPORTING_ENABLED",
            "GF_ANALYTICS_CHECK_FOR_UPDATES",
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
        ],
        StringComparer.Ordinal
    );

    /// <summary>Adds options and variables that the program does not have.</summary>
    public static void CheckOptions(ComposeService service, List<string> problems)
    {
        var program =
            service.Repository == Thanos ? $"{Thanos} {service.Arguments.FirstOrDefault()}" : service.Repository;
        if (!Options.TryGetValue(program, out var options))
        {
            problems.Add($"{service.Where}: nothing is known of the program '{program}'");
            return;
        }
        var known = options.Split(' ');
        problems.AddRange(
            service
                .Arguments.Where(argument => argument.StartsWith('-'))
                .Select(argument => argument.Split('=', 2)[0])
                .Where(option => !known.Contains(option, StringComparer.Ordinal))
                .Select(option => $"{service.Where}: {program} has no option {option}")
        );
        problems.AddRange(
            service
                .Environment.Keys.Where(name => service.Repository != Grafana || !GrafanaVariables.Contains(name))
                .Select(name => $"{service.Where}: nothing reads the environment variable {name}")
        );
    }

    /// <summary>Where a service keeps what has to last; null for one that keeps nothing.</summary>
    public static string? DataOf(ComposeService service) =>
        service.Repository switch
        {
            Azurite => service.Option("--location"),
            Prometheus => service.Option("--storage.tsdb.path"),
            Alertmanager => service.Option("--storage.path"),
            Grafana => "/var/lib/grafana",
            _ => null,
        };

    /// <summary>The ports on which a service listens.</summary>
    public static IReadOnlyList<int> PortsOf(ComposeService service, Settings? settings) =>
        service.Repository switch
        {
            Azurite =>
            [
                PortOf(service, "--blobPort", 10000),
                PortOf(service, "--queuePort", 10001),
                PortOf(service, "--tablePort", 10002),
            ],
            Prometheus => [PortOf(service, "--web.listen-address", 9090)],
            Alertmanager => [PortOf(service, "--web.listen-address", 9093)],
            Grafana => [GrafanaPort],
            Thanos => [PortOf(service, "--http-address", 10902), PortOf(service, "--grpc-address", 10901)],
            Tributary when settings is { Listen.Address: null } => [settings.Listen.Port],
            // It listens on its own loopback, where no other container comes.
            _ => [],
        };

    /// <summary>The port of an option.</summary>
    public static int PortOf(ComposeService service, string option, int other) =>
        service.Option(option) is { } text
            ? int.Parse(text[(text.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture)
            : other;
}
