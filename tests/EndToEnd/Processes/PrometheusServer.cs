using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Reading;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A running Prometheus with a configuration and data of its own.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;
    private readonly ChildProcess process;
    private readonly HttpClient http;

    private PrometheusServer(ChildProcess process, int port)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Asks it.</summary>
    public HttpClient Http => http;

    public string Authority => http.BaseAddress!.Authority;

    /// <param name="folder">Where configuration and data are kept.</param>
    /// <param name="config">The configuration for a server at this address.</param>
    /// <param name="options">Further options.</param>
    public static async Task<PrometheusServer> StartAsync(
        string folder,
        Func<string, string> config,
        params string[] options
    )
    {
        var program = Requirement.Program("prometheus", "prometheus");
        var (process, port) = await FreePort.StartAsync(
            port =>
            {
                var file = Path.Combine(folder, "prometheus.yml");
                File.WriteAllText(file, config(Address(port)));
                string[] arguments =
                [
                    $"--config.file={file}",
                    $"--storage.tsdb.path={DataFolder(folder)}",
                    $"--web.listen-address={Address(port)}",
                    "--log.level=warn",
                    .. options,
                ];
                return ChildProcess.Start(program, arguments, folder);
            },
            port => $"http://{Address(port)}/-/ready"
        );
        return new PrometheusServer(process, port);
    }

    /// <summary>Halts it, so that it neither scrapes nor answers.</summary>
    public void Freeze() => process.Signal(Stop);

    /// <summary>Lets it run again.</summary>
    public void Thaw() => process.Signal(Continue);

    /// <summary>The raw samples of the last ten minutes: by series and time, the value as Prometheus writes it.</summary>
    public Task<IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string>> SamplesAsync(string selector) =>
        RawSamples.OfAsync(http, selector + "[10m]", "");

    /// <summary>The raw samples of a range, its beginning outside.</summary>
    public async Task<IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string>> SamplesOfAsync(
        string selector,
        long afterMs,
        long untilMs
    )
    {
        var samples = await RawSamples.OfAsync(http, selector, afterMs, untilMs);
        // Up to version 2 the beginning of a range lies inside.
        return samples.Where(one => one.Key.TimestampMs > afterMs).ToDictionary();
    }

    /// <summary>The series that have a sample now: not older than five minutes, and not ended since.</summary>
    public async Task<IReadOnlySet<LabelSet>> LiveAsync(string selector)
    {
        using var document = await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(selector));
        return document
            .RootElement.GetProperty("data")
            .GetProperty("result")
            .EnumerateArray()
            .Select(series => RawSamples.ReadLabels(series.GetProperty("metric")))
            .ToHashSet();
    }

    /// <summary>Health and last error by job.</summary>
    public async Task<IReadOnlyDictionary<string, (string Health, string Error)>> TargetsAsync()
    {
        using var document = await GetAsync("/api/v1/targets");
        return document
            .RootElement.GetProperty("data")
            .GetProperty("activeTargets")
            .EnumerateArray()
            .ToDictionary(
                target => target.GetProperty("scrapePool").GetString()!,
                target => (target.GetProperty("health").GetString()!, target.GetProperty("lastError").GetString()!)
            );
    }

    /// <summary>A value as Prometheus writes it.</summary>
    public static double Number(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return process.DisposeAsync();
    }

    /// <summary>Where a server keeps its data.</summary>
    public static string DataFolder(string folder) => Path.Combine(folder, "data");

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task<JsonDocument> GetAsync(string path) =>
        JsonDocument.Parse(await http.GetStringAsync(path, TestContext.Current.CancellationToken));
}
