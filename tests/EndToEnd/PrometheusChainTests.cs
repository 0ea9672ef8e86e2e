using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Prometheus A watches itself and a node exporter, Tributary federates A, Prometheus B scrapes Tributary: what arrives
/// is what A has, sample for sample.
/// </summary>
public sealed class PrometheusChainTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int Rounds = 3;
    private const string Cluster = "cluster";

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Federation_ThroughTributary_AgreesSampleForSample(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var folder = installation.Folder;
        var (exporter, exporterPort) = await StartExporterAsync(folder);
        await using var exporterDisposal = exporter;
        await using var upper = await PrometheusServer.StartAsync(
            folder.Folder("a"),
            address => SourceConfig(address, exporterPort)
        );
        await using var tributary = await installation.StartAsync(TributaryConfig(upper.Authority));
        await using var lower = await PrometheusServer.StartAsync(
            folder.Folder("b"),
            _ => ReaderConfig(tributary.Address.Authority)
        );

        for (var round = 1; round <= Rounds; round++)
        {
            upper.Thaw();
            await AwaitNodeSamplesAsync(lower, 3 * round);
            // With the source standing still everything that was collected arrives, however slow the machine is.
            upper.Freeze();
            await AwaitArrivalAsync(tributary, lower);
        }
        upper.Thaw();
        await AssertHealthyAsync(lower);
        await AssertMetricsPassPromtoolAsync(tributary, folder);
        await tributary.StopAsync();

        var log = await installation.ReadLogAsync();
        AssertAgree(
            await upper.SamplesAsync("{job=~\"prometheus|node\"}"),
            [.. log.Samples.Where(sample => sample.Key.Series.Get(Cluster) is not null)],
            await lower.SamplesAsync("{cluster=\"a\"}")
        );
    }

    private static void AssertAgree(
        IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string> source,
        List<KeyValuePair<(LabelSet Series, long TimestampMs), double>> stored,
        IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string> read
    )
    {
        var storedValues = stored
            .Where(sample => !StaleMarker.IsStale(sample.Value))
            .ToDictionary(sample => sample.Key, sample => sample.Value);
        Assert.True(storedValues.Count > 1000, $"{storedValues.Count} samples were stored");
        foreach (var (key, value) in storedValues)
        {
            Assert.True(source.TryGetValue(WithoutCluster(key), out var text), $"stored, but not at the source: {key}");
            Assert.Equal(PrometheusServer.Number(text), value);
        }
        Assert.True(read.Count > 1000, $"{read.Count} samples were read");
        foreach (var (key, text) in read)
        {
            Assert.True(storedValues.TryGetValue(key, out var value), $"read, but not stored: {key}");
            Assert.Equal(value, PrometheusServer.Number(text));
            Assert.Equal(source[WithoutCluster(key)], text);
        }
    }

    /// <summary>Waits until B has the newest sample of every federated series.</summary>
    private static Task AwaitArrivalAsync(TributaryInstance tributary, PrometheusServer lower)
    {
        var missing = new List<FederatedSample>();
        return Patience.UntilAsync(
            "all newest samples to arrive",
            async () =>
            {
                var newest = await tributary.FederateAsync("{cluster=\"a\"}");
                var read = await lower.SamplesAsync("{cluster=\"a\"}");
                missing = [.. newest.Where(sample => !read.ContainsKey((sample.Series, sample.TimestampMs)))];
                return newest.Count > 100 && missing.Count == 0;
            },
            () => string.Join('\n', missing.Take(5))
        );
    }

    private static Task AwaitNodeSamplesAsync(PrometheusServer lower, int count) =>
        Patience.UntilAsync(
            $"{count} samples to arrive",
            async () => (await lower.SamplesAsync("up{cluster=\"a\",job=\"node\"}")).Count >= count
        );

    private static Task AssertHealthyAsync(PrometheusServer lower)
    {
        IReadOnlyDictionary<string, (string Health, string Error)>? last = null;
        return Patience.UntilAsync(
            "both targets of B to be up",
            async () =>
            {
                last = await lower.TargetsAsync();
                Assert.All(last.Values, target => Assert.Equal("", target.Error));
                return last.Count == 2 && last.Values.All(target => target.Health == "up");
            },
            () => string.Join(", ", last!)
        );
    }

    private static async Task AssertMetricsPassPromtoolAsync(TributaryInstance tributary, TemporaryFolder folder)
    {
        var promtool = Requirement.Program("promtool", "prometheus");
        var metrics = folder.Write(
            "metrics.txt",
            await tributary.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)
        );
        string[] arguments = ["-c", "exec \"$0\" check metrics <\"$1\"", promtool, metrics];
        var (code, output, errors) = await ChildProcess.RunAsync("/bin/sh", arguments, folder.Path);
        Assert.Equal((0, "", ""), (code, output, errors));
    }

    private static Task<(ChildProcess Process, int Port)> StartExporterAsync(TemporaryFolder folder)
    {
        var program = Requirement.Program("prometheus-node-exporter", "prometheus-node-exporter");
        return FreePort.StartAsync(
            port => ChildProcess.Start(program, [$"--web.listen-address=127.0.0.1:{port}"], folder.Path),
            port => $"http://127.0.0.1:{port}/metrics"
        );
    }

    private static (LabelSet, long) WithoutCluster((LabelSet Series, long TimestampMs) key) =>
        (
            LabelSet.Of(
                key.Series.Labels.ToArray().Where(l => !string.Equals(l.Name, Cluster, StringComparison.Ordinal))
            ),
            key.TimestampMs
        );

    private static string SourceConfig(string address, int exporterPort) =>
        $$"""
            global:
              scrape_interval: 1s
              external_labels: {cluster: a}
            scrape_configs:
              - job_name: prometheus
                static_configs: [{targets: ["{{address}}"]}]
              - job_name: node
                static_configs: [{targets: ["127.0.0.1:{{exporterPort}}"]}]
            """;

    private static string TributaryConfig(string source) =>
        $$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: federate
                honor_labels: true
                metrics_path: /federate
                params:
                  "match[]": ['{job="prometheus"}', '{job="node"}']
                static_configs:
                  - targets: ["{{source}}"]
            """;

    private static string ReaderConfig(string tributary) =>
        $$"""
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: federate
                honor_labels: true
                honor_timestamps: true
                metrics_path: /federate
                params:
                  "match[]": ['{cluster="a"}']
                static_configs: [{targets: ["{{tributary}}"]}]
              - job_name: tributary
                static_configs: [{targets: ["{{tributary}}"]}]
            """;
}
