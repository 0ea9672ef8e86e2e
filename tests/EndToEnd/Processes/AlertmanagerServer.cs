using System.Globalization;
using System.Text.Json;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A running Alertmanager below the path <c>/am</c>, which groups by cluster and tells a receiver at once.</summary>
internal sealed class AlertmanagerServer : IAsyncDisposable
{
    private const string Prefix = "/am";

    private readonly ChildProcess process;
    private readonly HttpClient http;

    private AlertmanagerServer(ChildProcess process, int port)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = new Uri(Address(port)) };
    }

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority => http.BaseAddress!.Authority;

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where configuration and data are kept.</param>
    /// <param name="receiver">Who is told, by a webhook.</param>
    public static async Task<AlertmanagerServer> StartAsync(string folder, Uri receiver)
    {
        var program = Requirement.Program("prometheus-alertmanager", "prometheus-alertmanager");
        var file = Path.Combine(folder, "alertmanager.yml");
        await File.WriteAllTextAsync(
            file,
            $$"""
            route: {receiver: hook, group_by: [cluster], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
            receivers:
            - name: hook
              webhook_configs: [{url: "{{receiver}}", send_resolved: true}]
            """,
            TestContext.Current.CancellationToken
        );
        var (process, port) = await FreePort.StartAsync(
            port =>
                ChildProcess.Start(
                    program,
                    [
                        $"--config.file={file}",
                        $"--storage.path={Path.Combine(folder, "alertmanager")}",
                        $"--web.listen-address={new Uri(Address(port)).Authority}",
                        $"--web.route-prefix={Prefix}",
                        "--cluster.listen-address=",
                    ],
                    folder
                ),
            port => $"{Address(port)}{Prefix}/-/ready"
        );
        return new AlertmanagerServer(process, port);
    }

    /// <summary>What it knows, by the value of a label.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> AlertsAsync(string label)
    {
        var text = await http.GetStringAsync(Prefix + "/api/v2/alerts", TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(text);
        return json
            .RootElement.EnumerateArray()
            .ToDictionary(
                alert => alert.GetProperty("labels").GetProperty(label).GetString()!,
                alert => alert.Clone(),
                StringComparer.Ordinal
            );
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return process.DisposeAsync();
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
