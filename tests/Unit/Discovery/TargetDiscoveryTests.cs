using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Tests.Unit.Discovery;

public sealed class TargetDiscoveryTests
{
    [Fact]
    public void Discover_StaticTargets_GetLabelsUrlAndTimes()
    {
        var target = Assert.Single(
            Discover(
                """
                  honor_labels: true
                  honor_timestamps: false
                  scrape_interval: 15s
                  static_configs: [{targets: ['h:9090'], labels: {zone: z, __meta: m, __tmp: t}}]
                """
            )
        );
        Assert.Equal("http://h:9090/metrics", target.Url.AbsoluteUri);
        Assert.Equal(LabelSet.Of("instance", "h:9090", "job", "j", "zone", "z"), target.Labels);
        Assert.Equal(
            ("j", true, false, false),
            (target.Job, target.HonorLabels, target.HonorTimestamps, target.IsFederate)
        );
        Assert.Equal((15.0, 10.0), (target.Interval.TotalSeconds, target.Timeout.TotalSeconds));
        Assert.Equal("h:9090", target.DiscoveredLabels.Get("__address__"));
        Assert.Equal("15s", target.DiscoveredLabels.Get("__scrape_interval__"));
        Assert.Equal("m", target.DiscoveredLabels.Get("__meta"));
        Assert.Null(target.DiscoveredLabels.Get("instance"));
    }

    [Theory]
    [InlineData("targets: [h]", "http://h/metrics")]
    [InlineData("targets: [h], labels: {__scheme__: https}", "https://h/metrics")]
    [InlineData("targets: [h], labels: {__metrics_path__: x/y z?}", "http://h/x/y%20z%3F")]
    [InlineData("targets: [h], labels: {__address__: other}", "http://h/metrics")]
    [InlineData("targets: [h], labels: {__param_a: b c}", "http://h/metrics?a=b+c")]
    [InlineData("targets: [h], labels: {__param_a: '+ %&=/é'}", "http://h/metrics?a=%2B+%25%26%3D%2F%C3%A9")]
    [InlineData(
        "targets: [h], labels: {__metrics_path__: '/a;b:c=d@e+f,g$h&i!(j)%'}",
        "http://h/a;b:c=d@e+f,g$h&i%21%28j%29%25"
    )]
    [InlineData("targets: ['[::1]:9090']", "http://[::1]:9090/metrics")]
    public void Discover_LabelsThatSteer_AreHonoured(string group, string url) =>
        Assert.Equal(url, Assert.Single(Discover($"  static_configs: [{{{group}}}]")).Url.AbsoluteUri);

    [Fact]
    public void Discover_Parameters_AreSortedAndEncodedAndYieldToLabels()
    {
        var target = Assert.Single(
            Discover(
                """
                  metrics_path: /prometheus/federate
                  params: {z: [1], 'match[]': ['{a="b&c"}', 'up+1'], none: []}
                  static_configs: [{targets: [h], labels: {__param_z: 2, '__param_match[]': 'é'}}]
                """
            )
        );
        Assert.True(target.IsFederate);
        Assert.Equal("http://h/prometheus/federate?match%5B%5D=%C3%A9&match%5B%5D=up%2B1&z=2", target.Url.AbsoluteUri);
    }

    [Fact]
    public void Discover_TimesAndNamesInLabels_WinOverTheJobs()
    {
        var target = Assert.Single(
            Discover(
                "  static_configs: [{targets: [h], labels: {__scrape_interval__: 20s, __scrape_timeout__: 5s, job: x, instance: y}}]"
            )
        );
        Assert.Equal((20.0, 5.0), (target.Interval.TotalSeconds, target.Timeout.TotalSeconds));
        Assert.Equal(LabelSet.Of("instance", "y", "job", "x"), target.Labels);
        Assert.Equal("j", target.Job);
    }

    [Theory]
    [InlineData("{targets: [h, h]}", 1)]
    [InlineData("{targets: [h]}, {targets: [h], labels: {__tmp: x}}", 1)]
    [InlineData("{targets: [h, h2]}", 2)]
    [InlineData("{targets: [h]}, {targets: [h], labels: {a: b}}", 2)]
    [InlineData("{targets: [h]}, {targets: [h], labels: {__metrics_path__: /x}}", 2)]
    [InlineData("{targets: [h, h2], labels: {instance: same}}", 2)]
    public void Discover_EqualTargetsOfAJob_AreOne(string groups, int count)
    {
        var sources = Discover($"  static_configs: [{groups}]").Select(target => target.Source).ToList();
        Assert.Equal(count, sources.Count);
        Assert.Equal(count, sources.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Discover_EqualTargetsOfTwoJobs_AreTwo()
    {
        const string text = """
            scrape_configs:
            - {job_name: a, static_configs: [{targets: [h], labels: {job: x}}]}
            - {job_name: b, static_configs: [{targets: [h], labels: {job: x}}]}
            """;
        Assert.Equal(2, TargetDiscovery.Discover(ConfigReader.Read(text, "f")).Count);
    }

    /// <summary>Golden: these keys stand in logs, so a change of them orphans what is stored.</summary>
    [Theory]
    [InlineData("{targets: ['h:9090']}", "j/h:9090/fbf11350b8cf33b0")]
    [InlineData("{targets: [h], labels: {__param_token: secret}}", "j/h/e5ef51551b0b1890")]
    [InlineData("{targets: [h], labels: {instance: \"a\\tb/\\u0085\"}}", "j/a_b__/fbcdbdf6cac4cf72")]
    public void Discover_Source_IsStableAndShowsNoParameters(string group, string source) =>
        Assert.Equal(source, Assert.Single(Discover($"  static_configs: [{group}]")).Source);

    [Fact]
    public void Discover_LongNames_AreCutInTheSource()
    {
        var name = string.Concat(Enumerable.Repeat("😀", 1000));
        var source = Assert
            .Single(Discover($"  static_configs: [{{targets: [h], labels: {{instance: {name}}}}}]"))
            .Source;
        Assert.Equal(2 + 128 + 1 + 16, source.Length);
    }

    private static IReadOnlyList<Target> Discover(string job) =>
        TargetDiscovery.Discover(ConfigReader.Read("scrape_configs:\n- job_name: j\n" + job, "f"));
}
