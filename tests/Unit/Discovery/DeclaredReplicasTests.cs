using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Tests.Unit.Discovery;

public sealed class DeclaredReplicasTests
{
    private static readonly SourceConfig ByReplica = new() { Replicas = ["replica"] };

    [Fact]
    public void Replicas_OfOneSource_StandInTheOrderOfTheirNames_WhateverDiscoverySaysFirst()
    {
        var targets = Targets(
            ByReplica,
            ("p2:9090", "1", "x"),
            ("p1:9090", "0", "x"),
            ("q1:9090", "0", "y"),
            ("q2:9090", "1", "y")
        );
        Assert.Equal(["p1:9090 0", "p2:9090 1", "q1:9090 0", "q2:9090 1"], targets.Select(Shown));
        Assert.Equal(2, targets.Select(target => target.Source).Distinct().Count());
        Assert.All(targets, target => Assert.Null(target.Labels.Get("replica")));
        Assert.Equal(["p1:9090", "p1:9090", "q1:9090", "q1:9090"], targets.Select(one => one.Labels.Get("instance")));
    }

    [Fact]
    public void Key_OfASource_StaysWhenReplicasComeAndGo()
    {
        var both = Targets(ByReplica, ("p1:9090", "0", "x"), ("p2:9090", "1", "x"));
        var alone = Assert.Single(Targets(ByReplica, ("p2:9090", "1", "x")));
        Assert.Equal(both[0].Source, alone.Source);
        Assert.Equal("1", alone.Replica);
    }

    [Fact]
    public void LabelThatTargetsDoNotHave_MakesOneSourceOfThoseThatDifferInTheAddressOnly()
    {
        var config = new SourceConfig { Replicas = ["prometheus_replica"] };
        var targets = Targets(config, ("b:9090", "", "x"), ("a:9090", "", "x"), ("c:9090", "", "y"));
        Assert.Equal(["a:9090 a:9090", "b:9090 b:9090", "c:9090 c:9090"], targets.Select(Shown));
        Assert.Equal(targets[0].Source, targets[1].Source);
        Assert.NotEqual(targets[0].Source, targets[2].Source);
    }

    [Fact]
    public void EqualNames_AreNoReplicasOfEachOther_AndTheOperatorIsTold()
    {
        var pool = Pool(ByReplica, ("a:9090", "0", ""), ("b:9090", "1", ""), ("c:9090", "0", ""));
        Assert.Equal(2, pool.Active.Select(target => target.Source).Distinct().Count());
        Assert.Equal("0", pool.Active.Single(target => target.Replica.Length == 0).Labels.Get("replica"));
        Assert.Contains("label of its own", Assert.Single(pool.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Failover_KeepsTheOrder_AndLeavesAwayWhatDiffers()
    {
        var targets = Targets(new SourceConfig { Failover = true }, ("z:9090", "1", "x"), ("a:9090", "0", "x"));
        Assert.Equal(["z:9090 z:9090", "a:9090 a:9090"], targets.Select(Shown));
        Assert.Single(targets.Select(target => target.Source).Distinct());
        var labels = LabelSet.Of("at", "x", "instance", "z:9090", "job", "j");
        Assert.All(targets, target => Assert.Equal(labels, target.Labels));
    }

    [Fact]
    public void KeptLabel_StaysInTheLabelsOfEach()
    {
        var targets = Targets(ByReplica with { KeepReplicaLabel = true }, ("a:9090", "0", "x"), ("b:9090", "1", "x"));
        Assert.Equal(["0", "1"], targets.Select(target => target.Labels.Get("replica")));
        Assert.Empty(targets[0].Config.MetricRelabelConfigs);
    }

    private static string Shown(Target target) => $"{target.OwnLabels.Get("instance")} {target.Replica}";

    private static IReadOnlyList<Target> Targets(
        SourceConfig source,
        params (string Address, string Replica, string At)[] targets
    ) => Pool(source, targets).Active;

    private static ScrapePool Pool(SourceConfig source, params (string Address, string Replica, string At)[] targets)
    {
        var job = new ScrapeConfig
        {
            JobName = "j",
            MetricsPath = "/federate",
            Source = source,
            StaticConfigs =
            [
                .. targets.Select(one => new StaticConfig(
                    [one.Address],
                    LabelSet.Of("replica", one.Replica, "at", one.At)
                )),
            ],
        };
        return TargetDiscovery.Pool(job, TargetDiscovery.StaticGroups(job));
    }
}
