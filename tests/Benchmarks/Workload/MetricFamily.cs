namespace Tributary.Benchmarks.Workload;

/// <summary>One metric name of a source.</summary>
/// <param name="Name">The metric name.</param>
/// <param name="Share">Hundredths of a percent of a source's series.</param>
/// <param name="Kind">How its values move.</param>
/// <param name="Shape">Which labels it has.</param>
/// <param name="Variant">A label that splits one object into several series, or empty.</param>
/// <param name="Values">The values of that label.</param>
internal sealed record MetricFamily(
    string Name,
    int Share,
    ValueKind Kind,
    LabelShape Shape,
    string Variant,
    string[] Values
)
{
    private static readonly string[] None = [""];
    private static readonly string[] Phases = ["Failed", "Pending", "Running", "Succeeded", "Unknown"];
    private static readonly string[] Resources = ["cpu", "memory"];
    private static readonly string[] Modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    private static readonly string[] Codes = ["200", "201", "204", "304", "400", "404", "500", "503"];

    private static readonly string[] Bounds =
    [
        "0.005",
        "0.01",
        "0.025",
        "0.05",
        "0.1",
        "0.25",
        "0.5",
        "1",
        "2.5",
        "5",
        "10",
        "+Inf",
    ];

    /// <summary>The 37 families, sorted by name as an answer of `/federate` is. Their shares add up to 10,000.</summary>
    public static IReadOnlyList<MetricFamily> All { get; } =
    [.. Constants().Concat(Moving()).Concat(Rules()).OrderBy(f => f.Name, StringComparer.Ordinal)];

    private static IEnumerable<MetricFamily> Constants() =>
        [
            new("kube_pod_info", 400, ValueKind.Constant, LabelShape.KubePod, "", None),
            new("kube_pod_owner", 400, ValueKind.Constant, LabelShape.KubePod, "", None),
            new("kube_pod_labels", 400, ValueKind.Constant, LabelShape.KubePod, "", None),
            new("kube_pod_status_phase", 900, ValueKind.Constant, LabelShape.KubePod, "phase", Phases),
            new(
                "kube_pod_container_resource_requests",
                500,
                ValueKind.Constant,
                LabelShape.KubePod,
                "resource",
                Resources
            ),
            new(
                "kube_pod_container_resource_limits",
                400,
                ValueKind.Constant,
                LabelShape.KubePod,
                "resource",
                Resources
            ),
            new("kube_pod_container_status_ready", 350, ValueKind.Constant, LabelShape.KubePod, "", None),
            new("kube_deployment_spec_replicas", 150, ValueKind.Constant, LabelShape.KubeDeployment, "", None),
        ];

    private static IEnumerable<MetricFamily> Moving() =>
        [
            new("http_request_duration_seconds_bucket", 1700, ValueKind.Bucket, LabelShape.App, "le", Bounds),
            new(
                "apiserver_request_duration_seconds_bucket",
                1200,
                ValueKind.Bucket,
                LabelShape.ApiServer,
                "le",
                Bounds
            ),
            new("http_request_duration_seconds_count", 140, ValueKind.Counter, LabelShape.App, "", None),
            new("http_request_duration_seconds_sum", 140, ValueKind.SecondsCounter, LabelShape.App, "", None),
            new("http_requests_total", 300, ValueKind.Counter, LabelShape.App, "code", Codes),
            new("container_cpu_usage_seconds_total", 300, ValueKind.SecondsCounter, LabelShape.Container, "", None),
            new("container_network_receive_bytes_total", 160, ValueKind.Counter, LabelShape.Container, "", None),
            new("container_network_transmit_bytes_total", 160, ValueKind.Counter, LabelShape.Container, "", None),
            new("container_fs_writes_bytes_total", 120, ValueKind.Counter, LabelShape.Container, "", None),
            new("node_cpu_seconds_total", 300, ValueKind.SecondsCounter, LabelShape.Node, "mode", Modes),
            new("node_network_receive_bytes_total", 60, ValueKind.Counter, LabelShape.Node, "device", ["eth0", "lo"]),
            // A counter that stands still, as restarts do: with the constants 36 % do not change over two hours.
            new("kube_pod_container_status_restarts_total", 120, ValueKind.Constant, LabelShape.KubePod, "", None),
            new("container_memory_working_set_bytes", 300, ValueKind.Bytes, LabelShape.Container, "", None),
            new("container_memory_rss", 200, ValueKind.Bytes, LabelShape.Container, "", None),
            new("node_memory_MemAvailable_bytes", 50, ValueKind.Bytes, LabelShape.Node, "", None),
            new("node_filesystem_avail_bytes", 100, ValueKind.Bytes, LabelShape.Node, "mountpoint", ["/", "/var/lib"]),
            new("kube_deployment_status_replicas_available", 100, ValueKind.Small, LabelShape.KubeDeployment, "", None),
            new("node_load1", 50, ValueKind.Small, LabelShape.Node, "", None),
            new("process_open_fds", 100, ValueKind.Small, LabelShape.App, "", None),
        ];

    private static IEnumerable<MetricFamily> Rules() =>
        [
            new("job:http_requests:rate5m", 120, ValueKind.Rule, LabelShape.Rule, "code", Codes),
            new("job:http_request_errors:ratio_rate5m", 91, ValueKind.Rule, LabelShape.Rule, "", None),
            new("job:http_request_duration_seconds:p99_5m", 95, ValueKind.Rule, LabelShape.Rule, "", None),
            new("job:http_request_duration_seconds:p50_5m", 95, ValueKind.Rule, LabelShape.Rule, "", None),
            new("job:container_cpu_usage_seconds:sum_rate5m", 95, ValueKind.Rule, LabelShape.Rule, "", None),
            new("job:container_memory_usage:ratio", 95, ValueKind.Rule, LabelShape.Rule, "", None),
            new("namespace:container_cpu_usage_seconds:sum_rate5m", 80, ValueKind.Rule, LabelShape.Rule, "", None),
            new("namespace:container_memory_usage:ratio", 80, ValueKind.Rule, LabelShape.Rule, "", None),
            new("instance:node_cpu_utilisation:rate5m", 75, ValueKind.Rule, LabelShape.Rule, "", None),
            new("cluster:apiserver_request:burnrate1h", 74, ValueKind.Rule, LabelShape.Rule, "", None),
        ];
}
