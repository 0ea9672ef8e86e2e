using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>Prometheus, with its remote-write receiver on so that history can be brought in.</summary>
internal sealed class PrometheusKind(string executable) : ServerKind("prometheus", executable)
{
    public override IReadOnlyList<string> Arguments(string folder, string configuration, int port) =>
        [
            "--config.file=" + configuration,
            "--storage.tsdb.path=" + Path.Combine(folder, "data"),
            "--web.listen-address=" + Address(port),
            "--web.enable-remote-write-receiver",
            // Longer than any history here.
            "--storage.tsdb.retention.time=1y",
            "--log.level=warn",
        ];

    public override ServerCounters Counters(MetricsPage page, string folder) =>
        new(
            // Prometheus shows this counter only after its first append.
            page.Has(MetricNames.PrometheusSamples)
                ? page.Sum(MetricNames.PrometheusSamples)
                : 0,
            FolderBytes(Path.Combine(folder, "data", "wal")),
            new Dictionary<string, double>(StringComparer.Ordinal)
        );

    public override double DecodedSamples(MetricsPage page) => double.PositiveInfinity;
}
