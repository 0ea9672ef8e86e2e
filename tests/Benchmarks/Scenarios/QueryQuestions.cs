namespace Tributary.Benchmarks.Scenarios;

/// <summary>What dashboards ask, over the metrics of <see cref="Workload.MetricFamily"/>.</summary>
internal static class QueryQuestions
{
    /// <summary>All of them, kind by kind.</summary>
    public static IReadOnlyList<QueryQuestion> All { get; } = [.. Ranges(), .. Large(), .. Instants(), .. LookUps()];

    private static QueryQuestion[] Ranges() =>
        [
            Range(
                "histogram_quantile(0.95, sum by (le, cluster, job) (rate(http_request_duration_seconds_bucket[5m])))",
                6
            ),
            Range("sum by (cluster, namespace) (avg_over_time(container_memory_working_set_bytes[1h]))", 6),
            Range("quantile_over_time(0.9, job:http_requests:rate5m[30m])", 1),
            Range(
                """
                sum by (job) (rate(http_requests_total{code=~"4..|5.."}[5m])) / sum by (job) (rate(http_requests_total{code=~".+"}[5m]))
                """,
                6
            ),
            Range(
                """
                kube_pod_container_resource_requests{resource="cpu"} * on (namespace, pod) group_left (uid) kube_pod_info
                """,
                1
            ),
            Range("sum by (cluster) (rate(http_requests_total[5m]))", 6),
            Range("""count by (__name__) ({__name__=~".+"})""", 1),
            Range("""node_load1{instance="10.0.1.3:9100", cpu="0"}""", 6, 15),
            Range("topk(10, sum by (pod) (rate(container_cpu_usage_seconds_total[5m])))", 6),
            Range("""1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))""", 6),
            Range("max by (namespace) (max_over_time(container_memory_rss[30m]))", 6),
            Range("sum by (namespace) (increase(kube_pod_container_status_restarts_total[1h])) > 0", 6),
            Range("""irate(node_network_receive_bytes_total{device="eth0"}[5m]) * 8""", 1, 15),
            Range("sum by (phase) (kube_pod_status_phase)", 6),
            Range("predict_linear(node_filesystem_avail_bytes[1h], 4 * 3600) < 0", 6),
            Range("sum by (deployment) (changes(kube_deployment_status_replicas_available[1h]))", 6),
            Range(
                "histogram_quantile(0.99, sum by (le, verb) (rate(apiserver_request_duration_seconds_bucket[5m])))",
                1,
                15
            ),
            Range("max_over_time(sum by (job) (rate(http_requests_total[5m]))[30m:1m])", 2),
            Range(
                """
                sum by (namespace) (container_memory_working_set_bytes) / sum by (namespace) (kube_pod_container_resource_limits{resource="memory"})
                """,
                6
            ),
            Range(
                """
                sum by (handler) (rate(http_request_duration_seconds_sum[5m])) / sum by (handler) (rate(http_request_duration_seconds_count[5m]))
                """,
                6
            ),
            Range("quantile by (namespace) (0.9, container_memory_rss)", 6),
        ];

    private static QueryQuestion[] Large() =>
        [
            new(QuestionKind.Large, """{__name__=~"job:.*"}""", 1, 15),
            new(QuestionKind.Large, """{__name__=~"job:.*"}""", 6, 60),
            new(QuestionKind.Large, """{__name__=~"container_.+"}""", 1, 15),
        ];

    private static QueryQuestion[] Instants() =>
        [
            Instant("""count by (__name__) ({__name__=~".+"})"""),
            Instant("sum by (job) (rate(http_requests_total[5m]))"),
            Instant("histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"),
            Instant("topk(10, container_memory_working_set_bytes)"),
            Instant("""sum by (namespace) (kube_pod_status_phase{phase="Running"})"""),
            Instant("node_load1 > 1"),
            Instant("avg_over_time(node_load1[6h])"),
            Instant("kube_pod_info"),
            Instant(
                """
                kube_pod_container_resource_requests{resource="cpu"} * on (namespace, pod) group_left (uid) kube_pod_info
                """
            ),
            Instant("""absent(http_requests_total{job="none"})"""),
        ];

    private static QueryQuestion[] LookUps() =>
        [
            LookUp("""series?match[]={__name__=~".+"}"""),
            LookUp("series?match[]=http_requests_total"),
            LookUp("label/pod/values"),
            LookUp("labels"),
            LookUp("label/__name__/values"),
            LookUp("label/namespace/values?match[]=kube_pod_info"),
            LookUp("labels?match[]=http_requests_total"),
        ];

    private static QueryQuestion Range(string text, int hours, int step = 60) =>
        new(QuestionKind.Range, text, hours, step);

    private static QueryQuestion Instant(string text) => new(QuestionKind.Instant, text);

    private static QueryQuestion LookUp(string text) => new(QuestionKind.LookUp, text);
}
