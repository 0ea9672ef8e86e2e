using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Federation;

public sealed class ReplicaProbeTests
{
    public static TheoryData<string, string[], string> Answers =>
        new()
        {
            { "the same over all series", ["instance=1,replica=a", "instance=2,replica=a"], "replica" },
            { "different", ["instance=1,replica=a", "instance=2,replica=b"], "" },
            { "not on all", ["instance=1,replica=a", "instance=2"], "" },
            { "not on the first", ["instance=1", "instance=2,replica=a"], "" },
            { "the surest of several", ["prometheus_replica=p,replica=a,__replica__=m"], "prometheus_replica" },
            { "beside one of an application", ["__replica__=m,replica=a", "__replica__=m,replica=b"], "__replica__" },
            { "none", ["instance=1"], "" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Label_OfAServer_IsTheSameOverAllOfItsSeries(string what, string[] series, string label)
    {
        var identity = Identity([.. series.Select(Series)]);
        Assert.True(label == identity.Label, $"{what}: {identity.Label}");
        Assert.Equal(label.Length > 0 ? 1 : 0, identity.Values.Count);
    }

    [Fact]
    public void Constant_AreTheLabelsOfTheServer_WithoutThoseOfTargets()
    {
        var identity = Identity([
            Series("cluster=x,env=p,instance=1,job=a,replica=1"),
            Series("cluster=x,env=q,instance=1,job=a,replica=1"),
        ]);
        Assert.Equal(LabelSet.Of("cluster", "x"), identity.Constant);
        Assert.Equal(["env"], identity.Varying);
    }

    [Fact]
    public void MoreLabelsThanAreRemembered_AreNoReplica()
    {
        var many = Enumerable.Range(0, ReplicaIdentity.MaxLabels + 1).Select(i => $"l{i}=1");
        Assert.Equal("", Identity([Series(string.Join(',', [.. many, "replica=a"]))]).Label);
    }

    private static ReplicaIdentity Identity(IReadOnlyList<LabelSet> series)
    {
        var scraper = new Scraper(
            _ => throw new InvalidOperationException(),
            new ManualTime(LogBatches.NoonMs),
            new SeriesTable(),
            new ScrapeLimits()
        );
        return new ReplicaProbe(scraper).IdentityOf(series);
    }

    private static LabelSet Series(string text) =>
        LabelSet.Of([
            new Label(LabelSet.MetricNameLabel, "up"),
            .. text.Split(',').Select(label => new Label(label.Split('=')[0], label.Split('=')[1])),
        ]);
}
