using Tributary.Alerting;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Tests.Unit.Alerting;

public sealed class AlertmanagerSetTests
{
    [Theory]
    [InlineData("{}", "http://h:9093/api/v2/alerts")]
    [InlineData("{path_prefix: am, scheme: https}", "https://h:9093/am/api/v2/alerts")]
    [InlineData("{path_prefix: '/a/../b//c/'}", "http://h:9093/b/c/api/v2/alerts")]
    [InlineData(
        "{relabel_configs: [{target_label: __alerts_path__, replacement: /x}, {target_label: __scheme__, replacement: https}]}",
        "https://h:9093/x"
    )]
    [InlineData(
        "{relabel_configs: [{source_labels: [own, shared], target_label: __address__}]}",
        "http://1;2/api/v2/alerts"
    )]
    public void Of_Target_HasTheAddressThatPrometheusSendsTo(string item, string url)
    {
        var set = AlertmanagerSet.Of(ConfigOf(item), Groups("h:9093"));
        Assert.Equal(
            url.Contains(';', StringComparison.Ordinal) ? [] : [url],
            set.Active.Select(one => one.AbsoluteUri)
        );
    }

    [Fact]
    public void Of_SchemeOfTheGroup_WinsOverThatOfTheConfiguration()
    {
        var groups = new[]
        {
            new TargetGroup("0", [LabelSet.Of("__address__", "h", "__scheme__", "ftp")], LabelSet.Empty),
            new TargetGroup("1", [LabelSet.Of("__address__", "g")], LabelSet.Of("__scheme__", "https")),
        };
        var set = AlertmanagerSet.Of(ConfigOf("{}"), groups);
        Assert.Equal(["http://h/api/v2/alerts", "https://g/api/v2/alerts"], set.Active.Select(one => one.AbsoluteUri));
    }

    [Fact]
    public void Of_DroppedAndDoubleAndUnusable_AreTold()
    {
        var config = ConfigOf("{relabel_configs: [{source_labels: [__address__], regex: 'x.*', action: drop}]}");
        var set = AlertmanagerSet.Of(config, Groups("a", "x1", "a", "u:p@h", "x2"));
        Assert.Equal(["http://a/api/v2/alerts"], set.Active.Select(one => one.AbsoluteUri));
        Assert.Equal(
            ["http://x1/api/v2/alerts", "http://x2/api/v2/alerts"],
            set.Dropped.Select(one => one.AbsoluteUri)
        );
        Assert.Equal(
            "an Alertmanager of group g is not usable: the address has credentials in it; write only host:port",
            Assert.Single(set.Problems)
        );
    }

    private static TargetGroup[] Groups(params string[] addresses) =>
        [
            new TargetGroup(
                "g",
                [.. addresses.Select(address => LabelSet.Of("__address__", address, "own", "1"))],
                LabelSet.Of("shared", "2")
            ),
        ];

    private static AlertmanagerConfig ConfigOf(string item) =>
        ConfigReader.Read($"alerting: {{alertmanagers: [{item}]}}", "f").Alerting.Alertmanagers[0];
}
