using System.Text;
using Tributary.Alerting;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Tests.Unit.Alerting;

public sealed class NotificationsTests
{
    [Fact]
    public void Of_ExternalLabels_AreAddedWhereThereIsNone()
    {
        var notification = Assert.Single(Of("[]", Alerts.Firing("A", "page")));
        Assert.Equal(LabelSet.Of("alertname", "A", "region", "eu", "severity", "page"), notification.Labels);
        Assert.Equal("https://h/x/graph?g0.expr=up+%3D%3D+0&g0.tab=1", notification.GeneratorUrl);
    }

    [Fact]
    public void Of_Rules_SeeExternalLabelsAndDrop()
    {
        const string Rules = """
            [{source_labels: [severity], regex: none, action: drop},
                {source_labels: [region], target_label: where},
                {regex: region, action: labeldrop}]
            """;
        var notification = Assert.Single(Of(Rules, Alerts.Firing("A", "page"), Alerts.Firing("B", "none")));
        Assert.Equal(LabelSet.Of("alertname", "A", "severity", "page", "where", "eu"), notification.Labels);
    }

    [Fact]
    public void Of_AlertWithoutLabels_IsLeftOut() =>
        Assert.Empty(Of("[{regex: '.*', action: labeldrop}]", Alerts.Firing("A")));

    [Fact]
    public void Relabel_ForSome_ChangesAndDrops()
    {
        var all = Of("[]", Alerts.Firing("A"), Alerts.Firing("B"));
        var rules = Rules("[{source_labels: [alertname], regex: B, action: drop}, {regex: region, action: labeldrop}]");
        Assert.Equal(LabelSet.Of("alertname", "A"), Assert.Single(Notifications.Relabel(all, rules)).Labels);
        Assert.Same(all, Notifications.Relabel(all, []));
    }

    [Fact]
    public void Json_IsAsPrometheusWritesIt()
    {
        var output = new ByteWriter();
        var notification = Alerts.Of("a\"\\\n\u0001<é\u2028>") with
        {
            Annotations = [new Label("x", "1 & 2")],
            StartsAtMs = 0,
            EndsAtMs = 240_120,
        };
        NotificationsJson.Write(output, [notification, Alerts.Of("b") with { StartsAtMs = 5 }]);
        Assert.Equal(
            """
            [{"annotations":{"x":"1 \u0026 2"},"endsAt":"1970-01-01T00:04:00.120Z","startsAt":"1970-01-01T00:00:00.000Z","generatorURL":"http://h/graph","labels":{"alertname":"a\"\\\n\u0001\u003cé\u2028\u003e"}},{"endsAt":"2026-11-20T08:38:44.000Z","startsAt":"1970-01-01T00:00:00.005Z","generatorURL":"http://h/graph","labels":{"alertname":"b"}}]
            """,
            Encoding.UTF8.GetString(output.WrittenSpan)
        );
    }

    private static IReadOnlyList<Notification> Of(string rules, params Tributary.Rules.FiringAlert[] alerts) =>
        Notifications.Of(alerts, LabelSet.Of("region", "eu"), Rules(rules), new Uri("https://h/x/"));

    private static IReadOnlyList<Tributary.Configuration.Relabel.RelabelConfig> Rules(string rules) =>
        ConfigReader.Read($"alerting:\n  alert_relabel_configs: {rules}\n", "f").Alerting.AlertRelabelConfigs;
}
