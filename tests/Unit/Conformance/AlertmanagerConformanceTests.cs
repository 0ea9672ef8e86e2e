using System.Text;
using System.Text.Json;
using Tributary.Alerting;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>
/// What a Prometheus posted to an Alertmanager: made again of the same alerts, with the configuration of that server.
/// </summary>
public sealed class AlertmanagerConformanceTests
{
    private const string Captured = "remote/alertmanager-notifications.json";

    [Fact]
    public void Remote_Notifications_AreThoseThatPrometheusPosted()
    {
        var path = ConformanceData.PathOf(Captured);
        if (!File.Exists(path))
        {
            ConformanceData.Report(Captured, 0, []);
            return;
        }
        using var captured = JsonDocument.Parse(File.ReadAllText(path));
        var template = ConformanceData.PathOf("http-api/live/b.yml.tmpl");
        var config = ConfigReader.Read(
            File.ReadAllText(template).Replace("RULES", "rules.yml", StringComparison.Ordinal),
            template
        );
        ConformanceData.Run(
            Captured,
            captured.RootElement.GetProperty("notifications").EnumerateArray(),
            body => Judge(body, config)
        );
    }

    private static string? Judge(JsonElement body, CollectorConfig config)
    {
        var alerts = body.EnumerateArray().Select(alert => Read(alert, config)).ToList();
        var notifications = Notifications.Of(
            alerts,
            config.Global.ExternalLabels,
            config.Alerting.AlertRelabelConfigs,
            new Uri("http://golden.example:9090/")
        );
        var output = new ByteWriter();
        NotificationsJson.Write(output, notifications);
        using var ours = JsonDocument.Parse(output.WrittenMemory);
        if (!JsonElement.DeepEquals(body, ours.RootElement))
        {
            return $"expected\n{body}\ngot\n{ours.RootElement}";
        }
        // The order of members, too.
        return string.Equals(Names(body), Names(ours.RootElement), StringComparison.Ordinal)
            ? null
            : $"other order: {Encoding.UTF8.GetString(output.WrittenSpan)}";
    }

    private static FiringAlert Read(JsonElement alert, CollectorConfig config)
    {
        var labels = Labels(alert, "labels");
        var name = labels.First(label => label.Name is "alertname").Value;
        var rule = config.RuleGroups.SelectMany(group => group.Rules).First(one => one.Alert == name);
        var own = labels.Where(label => config.Global.ExternalLabels.Get(label.Name) is null);
        return new FiringAlert(
            rule,
            LabelSet.Of(own),
            alert.TryGetProperty("annotations", out _) ? [.. Labels(alert, "annotations")] : [],
            alert.GetProperty("startsAt").GetDateTimeOffset().ToUnixTimeMilliseconds(),
            alert.GetProperty("endsAt").GetDateTimeOffset().ToUnixTimeMilliseconds(),
            IsResolved: false
        );
    }

    private static List<Label> Labels(JsonElement alert, string member) =>
        [
            .. alert
                .GetProperty(member)
                .EnumerateObject()
                .Select(label => new Label(label.Name, label.Value.GetString()!)),
        ];

    private static string Names(JsonElement body) =>
        string.Join(
            '\n',
            body.EnumerateArray().Select(alert => string.Join(' ', alert.EnumerateObject().Select(one => one.Name)))
        );
}
