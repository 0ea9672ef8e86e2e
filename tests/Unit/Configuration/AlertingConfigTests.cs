using Tributary.Configuration;

namespace Tributary.Tests.Unit.Configuration;

public sealed class AlertingConfigTests
{
    [Fact]
    public void Read_Section_HasAllItsFields()
    {
        var alerting = ConfigReader
            .Read(
                """
                alerting:
                  alert_relabel_configs:
                  - {source_labels: [severity], regex: none, action: drop}
                  alertmanagers:
                  - static_configs: [{targets: ['a:9093'], labels: {x: y}}]
                  - scheme: https
                    path_prefix: /am
                    timeout: 3s
                    basic_auth: {username: u, password: '${env:SECRET}'}
                    relabel_configs: [{regex: b, action: labeldrop}]
                    alert_relabel_configs: [{regex: c, action: labeldrop}, {regex: d, action: labeldrop}]
                    dns_sd_configs: [{names: [am.example]}]
                    file_sd_configs: [{files: [am.yml]}]
                """,
                "etc/t.yml",
                name => name is "SECRET" ? "from outside" : null
            )
            .Alerting;
        Assert.Single(alerting.AlertRelabelConfigs);
        var (first, second) = (alerting.Alertmanagers[0], alerting.Alertmanagers[1]);
        Assert.Equal(("http", "", TimeSpan.FromSeconds(10)), (first.Scheme, first.PathPrefix, first.Timeout));
        Assert.Equal(["a:9093"], Assert.Single(first.Discovery.StaticConfigs).Targets);
        Assert.Equal(("https", "/am", TimeSpan.FromSeconds(3)), (second.Scheme, second.PathPrefix, second.Timeout));
        Assert.Equal("from outside", second.Http.BasicAuth!.Password!.Text);
        Assert.Equal((1, 2), (second.RelabelConfigs.Count, second.AlertRelabelConfigs.Count));
        Assert.Equal(["am.example"], Assert.Single(second.Discovery.DnsSdConfigs).Names);
        Assert.Equal(["etc/am.yml"], Assert.Single(second.Discovery.FileSdConfigs).Files);
        Assert.Equal(["1", "2"], alerting.Alertmanagers.Select(one => one.Discovery.JobName));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("alerting:")]
    [InlineData("alerting: {alertmanagers: []}")]
    public void Read_NoSection_HasNoAlertmanagers(string text) =>
        Assert.Empty(ConfigReader.Read(text, "f").Alerting.Alertmanagers);
}
