using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>Ours: `tributary serve` over a local folder.</summary>
internal class TributaryKind(string executable) : ServerKind("tributary", executable)
{
    public override IReadOnlyList<string> Arguments(string folder, string configuration, int port) =>
        [
            "serve",
            "--config",
            configuration,
            "--storage",
            "local:" + Path.Combine(folder, "data"),
            "--listen",
            Address(port),
            "--web.enable-remote-write-receiver",
        ];

    public override ServerCounters Counters(MetricsPage page, string folder) =>
        new(
            page.Sum(MetricNames.LogSamples),
            page.Sum(MetricNames.LogBytes),
            page.ByLabel(MetricNames.StoreOperations, MetricNames.OperationClassLabel)
        );

    public override double DecodedSamples(MetricsPage page) => page.Sum(MetricNames.HeadSamples);
}
