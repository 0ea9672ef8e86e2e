using System.Globalization;
using System.Text.Json;
using Tributary.Model;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A database that takes remote write; it can be stopped and started on the same port with the same data.</summary>
/// <param name="program">The program.</param>
/// <param name="arguments">Its arguments for an address.</param>
/// <param name="readyPath">What answers when it is ready.</param>
/// <param name="folder">Where it runs.</param>
internal sealed class WriteReceiver(string program, Func<string, string[]> arguments, string readyPath, string folder)
    : IAsyncDisposable
{
    private readonly string authority = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Find()}");
    private readonly HttpClient http = new();
    private ChildProcess? process;

    /// <summary>Where samples are sent.</summary>
    public string WriteUrl => $"http://{authority}/api/v1/write";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Prometheus, which takes samples that are up to 30 minutes late.</summary>
    public static WriteReceiver Prometheus(TemporaryFolder folder)
    {
        var config = folder.Write(
            "prometheus.yml",
            "storage: {tsdb: {out_of_order_time_window: 30m}}\nscrape_configs: []\n"
        );
        return new WriteReceiver(
            Requirement.Program("prometheus", "prometheus"),
            address =>
                [
                    $"--config.file={config}",
                    $"--storage.tsdb.path={Path.Combine(folder.Path, "data")}",
                    $"--web.listen-address={address}",
                    "--web.enable-remote-write-receiver",
                    "--log.level=warn",
                ],
            "/-/ready",
            folder.Path
        );
    }

    /// <summary>VictoriaMetrics.</summary>
    public static WriteReceiver VictoriaMetrics(TemporaryFolder folder) =>
        new(
            Requirement.Program("victoria-metrics", "victoria-metrics"),
            address =>
                [
                    $"-storageDataPath={Path.Combine(folder.Path, "data")}",
                    $"-httpListenAddr={address}",
                    "-loggerLevel=WARN",
                ],
            "/health",
            folder.Path
        );

    /// <summary>Starts it, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        process = ChildProcess.Start(program, arguments(authority), folder);
        await Patience.UntilAsync(
            "the receiver to be ready",
            async () =>
            {
                Assert.False(process.HasExited, process.Errors);
                try
                {
                    using var answer = await http.GetAsync($"http://{authority}{readyPath}", Token);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                    return false;
                }
            },
            () => process.Errors
        );
    }

    /// <summary>Ends it as its operator would.</summary>
    public async Task StopAsync()
    {
        process!.Signal(ChildProcess.Terminate);
        await process.ExitAsync();
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>The raw samples of a metric in Prometheus, by series and time.</summary>
    public async Task<Dictionary<(LabelSet Series, long TimestampMs), double>> QueriedAsync(string metric)
    {
        var samples = new Dictionary<(LabelSet Series, long TimestampMs), double>();
        var query = Uri.EscapeDataString($"{metric}[10m]");
        var text = await http.GetStringAsync($"http://{authority}/api/v1/query?query={query}", Token);
        using var document = JsonDocument.Parse(text);
        foreach (var series in document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = LabelsOf(series);
            foreach (var pair in series.GetProperty("values").EnumerateArray())
            {
                var value = double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture);
                samples.Add((labels, (long)Math.Round(pair[0].GetDouble() * 1000)), value);
            }
        }
        return samples;
    }

    /// <summary>The raw samples of a metric in VictoriaMetrics, by series and time.</summary>
    public async Task<Dictionary<(LabelSet Series, long TimestampMs), double>> ExportedAsync(string metric)
    {
        var samples = new Dictionary<(LabelSet Series, long TimestampMs), double>();
        // What came in the last second is shown to nobody without this.
        (await http.GetAsync($"http://{authority}/internal/force_flush", Token)).Dispose();
        var text = await http.GetStringAsync($"http://{authority}/api/v1/export?match[]={metric}", Token);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            var labels = LabelsOf(document.RootElement);
            var values = document.RootElement.GetProperty("values");
            var times = document.RootElement.GetProperty("timestamps");
            for (var i = 0; i < values.GetArrayLength(); i++)
            {
                // Staleness markers have no number.
                if (values[i].ValueKind == JsonValueKind.Number)
                {
                    samples[(labels, times[i].GetInt64())] = values[i].GetDouble();
                }
            }
        }
        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }

    private static LabelSet LabelsOf(JsonElement series) =>
        LabelSet.Of(
            series
                .GetProperty("metric")
                .EnumerateObject()
                .Select(property => new Label(property.Name, property.Value.GetString()!))
        );
}
