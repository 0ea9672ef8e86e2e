using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Alerts from a source's sample to whom an Alertmanager tells, beside Alertmanagers that do not answer.</summary>
public sealed class AlertmanagerTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string BothHot = """
        room_temperature{room="lab",cluster="x"} 50.5
        room_temperature{room="office",cluster="x"} 60
        room_temperature{room="cellar",cluster="y"} 10

        """;

    private const string OneHot = """
        room_temperature{room="lab",cluster="x"} 20
        room_temperature{room="office",cluster="x"} 60
        room_temperature{room="cellar",cluster="y"} 10

        """;

    private const string Rules = """
        groups:
        - name: rooms
          interval: 1s
          rules:
          - alert: TooHot
            expr: room_temperature > 40
            labels: {severity: page}
            annotations: {summary: '{{ $labels.room }} has {{ $value }} <degrees>'}
        """;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Alerts_AreReceivedGroupedAndResolved(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRIBUTARY_EVALUATE_SCHEDULE"] = "00:00:00.5",
        };
        await using var source = await FixtureServer.StartAsync([new Fixture("rooms", BothHot, OneHot)]);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var alertmanager = await AlertmanagerServer.StartAsync(installation.Folder.Path, receiver.Address);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await installation.PutConfigAsync(Rules, "rules/rooms.yml");
        var config = Config(source.Authority, alertmanager.Authority, $"{silent.LocalEndpoint}", FreePort.Find());
        await using var server = await installation.StartOnAsync(await installation.PutConfigAsync(config));

        var messages = await Patience.ForAsync(
            "both alerts",
            () => Task.FromResult(Find(receiver, alerts => alerts.Count == 2 && alerts.TrueForAll(IsFiring))),
            () => server.Log
        );
        var message = messages[0];
        Assert.Equal("x", message.GetProperty("groupLabels").GetProperty("cluster").GetString());
        var lab = AlertsOf(message).Single(alert => Label(alert, "room") == "lab");
        Assert.Equal(
            ("TooHot", "page", "eu", "rooms"),
            (Label(lab, "alertname"), Label(lab, "severity"), Label(lab, "region"), Label(lab, "job"))
        );
        Assert.Equal("lab has 50.5 <degrees>", lab.GetProperty("annotations").GetProperty("summary").GetString());
        Assert.EndsWith(
            "/graph?g0.expr=room_temperature+%3E+40&g0.tab=1",
            lab.GetProperty("generatorURL").GetString(),
            StringComparison.Ordinal
        );
        var office = (await alertmanager.AlertsAsync("room"))["office"];
        // Of a rule whose interval is shorter than the minute after which it is sent again.
        Assert.InRange(
            office.GetProperty("endsAt").GetDateTimeOffset() - office.GetProperty("startsAt").GetDateTimeOffset(),
            TimeSpan.FromMinutes(4),
            TimeSpan.FromMinutes(6)
        );

        source.Phase = 1;
        var resolved = await Patience.ForAsync(
            "the end of one of them",
            () => Task.FromResult(Find(receiver, alerts => alerts.Exists(alert => !IsFiring(alert)))),
            () => server.Log
        );
        Assert.Equal(
            ["lab resolved", "office firing"],
            AlertsOf(resolved[0])
                .Select(alert => $"{Label(alert, "room")} {alert.GetProperty("status").GetString()}")
                .Order(StringComparer.Ordinal)
        );
        Assert.Contains("does not take alerts", server.Log, StringComparison.Ordinal);
        await CheckApiAsync(server, alertmanager);
    }

    private static async Task CheckApiAsync(TributaryInstance server, AlertmanagerServer alertmanager)
    {
        var token = TestContext.Current.CancellationToken;
        using var managers = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/alertmanagers", token));
        var data = managers.RootElement.GetProperty("data");
        Assert.Contains(
            $"http://{alertmanager.Authority}/am/api/v2/alerts",
            data.GetProperty("activeAlertmanagers").EnumerateArray().Select(one => one.GetProperty("url").GetString())
        );
        Assert.Equal(1, data.GetProperty("droppedAlertmanagers").GetArrayLength());
        using var alerts = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/alerts", token));
        var alert = Assert.Single(
            alerts.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray().ToList()
        );
        Assert.Equal(("office", "6e+01"), (Label(alert, "room"), alert.GetProperty("value").GetString()));
    }

    /// <summary>The first message with such alerts, in a list; null when there is none yet.</summary>
    private static List<JsonElement>? Find(WebhookReceiver receiver, Predicate<List<JsonElement>> isWanted)
    {
        var found = receiver.Messages.Where(message => isWanted(AlertsOf(message))).Take(1).ToList();
        return found.Count == 0 ? null : found;
    }

    private static List<JsonElement> AlertsOf(JsonElement message) =>
        [.. message.GetProperty("alerts").EnumerateArray()];

    private static bool IsFiring(JsonElement alert) => alert.GetProperty("status").GetString() is "firing";

    private static string? Label(JsonElement alert, string name) =>
        alert.GetProperty("labels").GetProperty(name).GetString();

    private static string Config(string source, string alertmanager, string silent, int closedPort) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s, external_labels: {region: eu}}
            rule_files: [rules/*.yml]
            alerting:
              alertmanagers:
              - timeout: 2s
                static_configs: [{targets: ["{{{silent}}}", "127.0.0.1:{{{closedPort}}}"]}]
              - path_prefix: /am
                relabel_configs: [{source_labels: [__address__], regex: 'dropped.*', action: drop}]
                static_configs: [{targets: ["{{{alertmanager}}}", "dropped:9093"]}]
            scrape_configs:
            - job_name: rooms
              metrics_path: /rooms
              static_configs: [{targets: ["{{{source}}}"]}]

            """
        );
}
