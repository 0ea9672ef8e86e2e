using System.Globalization;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit;
using Tributary.Tests.Unit.Deployment;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// The stack of <c>infra/local</c> without its containers: its own configurations, run by the programs of this machine,
/// until every query of its dashboard has an answer and its alert has arrived.
/// </summary>
public sealed class LocalStackTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Interval = "10s";
    private const string Alert = "Watchdog";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Stack { get; } = Path.Combine(Repository.Root, "infra", "local");

    [Fact]
    public async Task Stack_AnswersEveryQueryOfItsDashboardAndAlerts()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneAzurite, executable, azurite);
        var folder = installation.Folder;
        await using var a = await StartPrometheusAsync(folder.Folder("a"), "a");
        await using var b = await StartPrometheusAsync(folder.Folder("b"), "b");
        var (process, port) = await StartAlertmanagerAsync(folder.Folder("alertmanager"));
        await using var alertmanager = process;
        var own = $"127.0.0.1:{FreePort.Find()}";
        folder.Write("rules/stack.yml", Read("tributary/rules/stack.yml"));
        var config = folder.Write(
            "tributary.yml",
            Read(
                "tributary/tributary.yml",
                ("prometheus-a:9090", a.Authority),
                ("prometheus-b:9090", b.Authority),
                ("localhost:19090", own),
                ("alertmanager:9093", $"127.0.0.1:{port}"),
                (" 15s", " 1s")
            )
        );
        string[] options = ["--listen", own, "--config", config, "--storage", installation.Storage];
        await using var server = await TributaryServer.StartAsync(installation.Executable, folder.Path, options);

        foreach (var (panel, query, labels) in DashboardFile.Queries(Read("grafana/dashboards/tributary.json")))
        {
            var shown = DashboardFile.WithoutVariables(query, Interval);
            var found = await Patience.ForAsync(
                $"'{panel}': {shown}",
                async () => await AskAsync(server, shown) is { Count: > 0 } answer ? answer : null,
                () => server.Log
            );
            var missing = labels.Where(label => !found[0].Contains(label, StringComparer.Ordinal));
            Assert.True(!missing.Any(), $"'{panel}': {shown} has no label {string.Join(", ", missing)}");
        }
        Assert.Empty(await AskAsync(server, "sum(tributary_head_serie)"));
        await AssertAlertAsync(port, server);
    }

    [Theory]
    [InlineData("tributary", "check", "config", "tributary/tributary.yml")]
    [InlineData("tributary", "check", "rules", "tributary/rules/stack.yml")]
    [InlineData("promtool", "check", "config", "prometheus/a.yml")]
    [InlineData("promtool", "check", "config", "prometheus/b.yml")]
    [InlineData("promtool", "check", "rules", "tributary/rules/stack.yml")]
    [InlineData("amtool", "check-config", "alertmanager/alertmanager.yml")]
    public async Task Files_PassTheirProgramsOwnChecks(string program, params string[] arguments)
    {
        var path = program switch
        {
            "tributary" => await executable.PathAsync(),
            "promtool" => Requirement.Program(program, "prometheus"),
            _ => Requirement.Program(program, "prometheus-alertmanager"),
        };
        var (code, output, errors) = await ChildProcess.RunAsync(path, arguments, Stack);
        Assert.True(code == 0, $"{output}\n{errors}");
    }

    private static Task<PrometheusServer> StartPrometheusAsync(string folder, string cluster) =>
        PrometheusServer.StartAsync(
            folder,
            address => Read($"prometheus/{cluster}.yml", ("localhost:9090", address), (" 15s", " 1s"))
        );

    private static Task<(ChildProcess Process, int Port)> StartAlertmanagerAsync(string folder) =>
        FreePort.StartAsync(
            port =>
                ChildProcess.Start(
                    Requirement.Program("prometheus-alertmanager", "prometheus-alertmanager"),
                    [
                        $"--config.file={Path.Combine(Stack, "alertmanager", "alertmanager.yml")}",
                        $"--storage.path={folder}",
                        string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"),
                        "--cluster.listen-address=",
                    ],
                    folder
                ),
            port => $"http://127.0.0.1:{port}/-/ready"
        );

    /// <summary>The names of the labels of each series of an answer.</summary>
    private static async Task<IReadOnlyList<string[]>> AskAsync(TributaryServer server, string query)
    {
        using var form = new FormUrlEncodedContent([new("query", query)]);
        using var answer = await server.Http.PostAsync("/api/v1/query", form, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{query}: {text}");
        using var document = JsonDocument.Parse(text);
        return
        [
            .. document
                .RootElement.GetProperty("data")
                .GetProperty("result")
                .EnumerateArray()
                .Select(series => series.GetProperty("metric").EnumerateObject().Select(one => one.Name).ToArray()),
        ];
    }

    private static async Task AssertAlertAsync(int port, TributaryServer server)
    {
        using var http = new HttpClient();
        await Patience.UntilAsync(
            $"{Alert} in the Alertmanager",
            async () =>
                (await http.GetStringAsync($"http://127.0.0.1:{port}/api/v2/alerts", Token)).Contains(
                    $"\"{Alert}\"",
                    StringComparison.Ordinal
                ),
            () => server.Log
        );
    }

    /// <summary>A file of the stack, with what is elsewhere or sooner here.</summary>
    private static string Read(string name, params (string Printed, string Real)[] replacements)
    {
        var text = File.ReadAllText(Path.Combine(Stack, name));
        foreach (var (printed, real) in replacements)
        {
            Assert.Contains(printed, text, StringComparison.Ordinal);
            text = text.Replace(printed, real, StringComparison.Ordinal);
        }
        return text;
    }
}
