using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Tests.Unit.Federation;

public sealed class ReplicaTests
{
    private const string OfA = "a";
    private const string OfB = "b";

    private static readonly SourceConfig Undeclared = new() { CalmPeriod = TimeSpan.FromMinutes(1) };
    private static readonly SourceConfig Declared = Undeclared with { Replicas = ["prometheus_replica"] };

    private readonly ReplicaPlace place = new();

    public static TheoryData<string> Ways => ["undeclared", "declared", "failover"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Pair_IsOneSource_OfOneStickyReplica(string way)
    {
        var process = await place.StartAsync(place.JobOf(Of(way), "a:1", "b:1"));
        await place.StepAsync(process, 4);
        Assert.Equal([OfA, OfA, OfA, OfA], Whose());
        Assert.Single(place.Stored.Select(batch => batch.Source).Distinct());
        var series = place.Alive(process, "requests_total");
        Assert.Equal(ModelReplica.Counters, series.Count);
        Assert.All(series, one => Assert.Null(one.Get("prometheus_replica")));
        Assert.All(series, one => Assert.Equal("x", one.Get("cluster")));
        var probes = way is "undeclared" ? "a? b? a? a? b? b? " : "";
        Assert.Equal(
            (probes + "a a a a").Split(' ').Order(StringComparer.Ordinal),
            place.TakeAsked().Split(' ').Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Preferred_Fails_TheOtherTakesOverInTheSameTick_AndGivesBackAfterTheCalmPeriod(string way)
    {
        var process = await place.StartAsync(place.JobOf(Of(way), "a:1", "b:1"));
        await place.StepAsync(process, 2);
        Assert.Equal("a:1=1", place.Ups());
        place.A.Set(Answering.IsUnavailable, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal((OfB, "a:1=0 b:1=1"), (Whose()[^1], place.Ups()));
        place.A.Set(Answering.Well, place.NowMs);
        await place.StepAsync(process, 3);
        Assert.Equal((OfB, "a:1=0 b:1=1"), (Whose()[^1], place.Ups()));
        await place.StepAsync(process);
        Assert.Equal((OfA, "a:1=1 b:1=†"), (Whose()[^1], place.Ups()));
        await place.StepAsync(process);
        Assert.Equal((OfA, "a:1=1"), (Whose()[^1], place.Ups()));
        AssertNoHoles();
    }

    [Fact]
    public async Task TargetLabels_TellReplicasApart_AndDoNotReachSeries()
    {
        place.A.Label = place.B.Label = "";
        var job = place.JobOf(Undeclared with { Replicas = ["replica"] }, "a:1", "b:1", "c:1");
        place.Servers["c"] = [new ModelReplica("c", 0) { Label = "", Others = ",cluster=\"y\"" }];
        job = job with
        {
            StaticConfigs =
            [
                new StaticConfig(["b:1"], LabelSet.Of("replica", "2", "at", "x")),
                new StaticConfig(["a:1"], LabelSet.Of("replica", "1", "at", "x")),
                new StaticConfig(["c:1"], LabelSet.Of("replica", "1", "at", "y")),
            ],
        };
        var process = await place.StartAsync(job);
        await place.StepAsync(process);
        Assert.Equal(2, place.Stored.Count);
        Assert.Equal(2 * ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        Assert.All(place.Alive(process, "requests_total"), one => Assert.Null(one.Get("replica")));
        Assert.Equal("a c", place.TakeAsked());
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal(2 * ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        Assert.Contains(place.Alive(process, "up"), up => up.Get("instance") is "b:1" && up.Get("replica") is "2");
    }

    [Fact]
    public async Task BothDown_IsOneFailedBatchWithBothErrors_AndWhoeverIsBackFirstIsTaken()
    {
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process);
        place.A.Set(Answering.Refuses, place.NowMs);
        place.B.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 2);
        var failed = place.Stored[^1];
        Assert.Equal(Verdict.Failed, failed.Verdict);
        Assert.Contains("a:1: no connection", failed.Error, StringComparison.Ordinal);
        Assert.Contains("b:1: no connection", failed.Error, StringComparison.Ordinal);
        Assert.Equal("a:1=0 b:1=0", place.Ups());
        place.B.Set(Answering.Well, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal((OfB, "a:1=0 b:1=1"), (Whose()[^1], place.Ups()));
    }

    [Fact]
    public async Task FirstStart_WithOneDown_LeavesTheLabelAwayFromTheFirstSampleOn()
    {
        place.A.Set(Answering.Refuses, place.NowMs);
        var process = await place.StartAsync(place.JobOf(Undeclared, "a:1", "b:1"));
        await place.StepAsync(process, 3);
        Assert.All(place.Alive(process, "requests_total"), one => Assert.Null(one.Get("prometheus_replica")));
        Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        place.A.Set(Answering.Well, place.NowMs);
        await place.StepAsync(process, 8);
        Assert.Equal(OfA, Whose()[^1]);
        Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        Assert.Single(place.Stored.Where(batch => batch.Scraped.Count > 0).Select(batch => batch.Source).Distinct());
        Assert.Equal("a:1=1", place.Ups());
    }

    [Fact]
    public async Task FirstStart_OfServersThatHaveNothingYet_StoresNoSampleWithTheLabel()
    {
        place.A.BeginAt(place.NowMs + 20_000);
        place.B.BeginAt(place.NowMs + 1_000);
        var process = await place.StartAsync(place.JobOf(Undeclared, "a:1", "b:1"));
        await place.StepAsync(process, 6);
        var stored = place.Stored.SelectMany(batch => batch.Scraped);
        Assert.All(stored, sample => Assert.Null(sample.Series.Get("prometheus_replica")));
        Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        Assert.Single(place.Stored.Where(batch => batch.Scraped.Count > 0).Select(batch => batch.Source).Distinct());
    }

    [Fact]
    public async Task LoneTarget_KeepsItsLabel_AndIsAskedOnce()
    {
        var job = place.JobOf(Undeclared, "a:1");
        var process = await place.StartAsync(job);
        await place.StepAsync(process, 2);
        Assert.All(place.Alive(process, "requests_total"), one => Assert.Equal("a", one.Get("prometheus_replica")));
        Assert.Equal("a? a? a? a a", place.TakeAsked());
        process = await place.StartAsync(job);
        await place.StepAsync(process);
        Assert.Equal("a", place.TakeAsked());
    }

    [Fact]
    public async Task SecondReplica_AddedLater_JoinsTheSourceWithoutDoubledSeries()
    {
        var process = await place.StartAsync(place.JobOf(Undeclared, "a:1"));
        await place.StepAsync(process, 2);
        process.Configure(place.JobOf(Undeclared, "a:1", "b:1"));
        for (var tick = 0; tick < 4; tick++)
        {
            await place.StepAsync(process);
            Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        }
        Assert.All(place.Alive(process, "requests_total"), one => Assert.Null(one.Get("prometheus_replica")));
        Assert.Single(place.Stored.Select(batch => batch.Source).Distinct());
    }

    public static TheoryData<string, string, string, string> Strangers =>
        new()
        {
            { "another cluster", "prometheus_replica", ",cluster=\"y\"", "app" },
            { "a label that the other does not have", "prometheus_replica", ",cluster=\"x\",site=\"1\"", "app" },
            { "another label", "__replica__", ",cluster=\"x\"", "app" },
            { "other targets, as of two clusters with equal labels", "prometheus_replica", ",cluster=\"x\"", "db" },
        };

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Servers_ThatAreNoReplicasOfEachOther_AreBothCollected(
        string why,
        string label,
        string others,
        string watched
    )
    {
        (place.B.Label, place.B.Others, place.B.Watched) = (label, others, watched);
        var process = await place.StartAsync(place.JobOf(Undeclared, "a:1", "b:1"));
        await place.StepAsync(process);
        var series = place.Alive(process, "requests_total");
        Assert.True(series.Count == 2 * ModelReplica.Counters, why);
        Assert.All(series, one => Assert.NotNull(one.Get("prometheus_replica") ?? one.Get("__replica__")));
    }

    [Fact]
    public async Task Failover_LeavesReplicaLabelsOfApplicationsAlone()
    {
        place.A.Label = place.B.Label = "";
        place.A.Watched = place.B.Watched = "app\",replica=\"1";
        var process = await place.StartAsync(place.JobOf(Of("failover"), "a:1", "b:1"));
        await place.StepAsync(process);
        Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        Assert.All(place.Alive(process, "requests_total"), one => Assert.NotNull(one.Get("replica")));
    }

    [Fact]
    public async Task Alternating_BehindOneAddress_KeepsToOne_UntilItDoesNotAnswer()
    {
        place.Servers["lb"] = [place.A, place.B];
        var process = await place.StartAsync(place.JobOf(Undeclared, "lb:1"));
        await place.StepAsync(process, 6);
        var taken = Assert.Single(Whose().Distinct());
        Assert.Equal(place.Asked.Count(host => host is "lb") - 6, place.Closing);
        Assert.InRange(place.Closing, 1, 6);
        Assert.All(place.Alive(process, "requests_total"), one => Assert.Null(one.Get("prometheus_replica")));
        var (first, other) = taken is OfA ? (place.A, place.B) : (place.B, place.A);
        first.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 3);
        Assert.Equal([other.Name, other.Name, other.Name], Whose()[^3..]);
        first.Set(Answering.Well, place.NowMs);
        await place.StepAsync(process, 3);
        Assert.Equal(other.Name, Assert.Single(Whose()[^3..].Distinct()));
        Assert.Equal(ModelReplica.Counters, place.Alive(process, "requests_total").Count);
        AssertNoHoles();
    }

    [Fact]
    public async Task Partial_OfThePreferred_IsTakenOnlyWhenTheOtherIsNoBetter()
    {
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process);
        place.A.Set(Answering.Breaks, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal((OfB, Verdict.Complete), (Whose()[^1], place.Stored[^1].Verdict));
        place.B.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal(Verdict.Partial, place.Stored[^1].Verdict);
        Assert.NotEmpty(place.Stored[^1].Scraped);
        Assert.Equal("a:1=1 b:1=0", place.Ups());
    }

    [Fact]
    public async Task GiveBack_ToAReplicaWithFewerSeries_IsPutOff()
    {
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process, 2);
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 24);
        // It has only begun to scrape, and what it had before is too old.
        place.Time.Advance(TimeSpan.FromMilliseconds(3_000));
        place.A.Set(Answering.Well, place.NowMs - 500);
        place.TakeAsked();
        await place.StepAsync(process);
        Assert.Equal("a b", place.TakeAsked());
        Assert.Equal((OfB, Verdict.Complete), (Whose()[^1], place.Stored[^1].Verdict));
        await place.StepAsync(process, 5);
        Assert.Equal(OfA, Whose()[^1]);
        AssertNoHoles();
    }

    [Fact]
    public async Task GiveBack_ToAReplicaThatHasOnlyOldSamples_WaitsUntilItHasScraped()
    {
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process, 2);
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 4);
        // It listens again, and scrapes only from behind the next tick on.
        place.A.Set(Answering.Well, place.NowMs + 1_000);
        place.TakeAsked();
        await place.StepAsync(process);
        Assert.Equal(("a b", OfB), (place.TakeAsked(), Whose()[^1]));
        await place.StepAsync(process);
        Assert.Equal(("a", OfA), (place.TakeAsked(), Whose()[^1]));
        AssertNoHoles();
    }

    [Fact]
    public async Task SeriesThatTheOtherLacks_EndWithItsSecondBody()
    {
        place.B.Missing = 5;
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process, 2);
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process);
        Assert.Empty(Ended());
        for (var tick = 0; tick < 3 && Ended().Count == 0; tick++)
        {
            await place.StepAsync(process);
        }
        Assert.Equal(["requests_total app:5", "up app:5", "whose app:5"], Ended());
    }

    [Fact]
    public async Task KeptLabel_IsThatOfWhoeverIsTaken()
    {
        var process = await place.StartAsync(place.JobOf(Declared with { KeepReplicaLabel = true }, "a:1", "b:1"));
        await place.StepAsync(process);
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 2);
        var series = place.Alive(process, "requests_total");
        Assert.Equal(ModelReplica.Counters, series.Count);
        Assert.All(series, one => Assert.Equal("b", one.Get("prometheus_replica")));
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(15, 1)]
    public async Task Preferred_Hangs_TheOtherIsTakenAsSoonAsThereIsTime(int timeoutSeconds, int ticksLost)
    {
        place.Timeout = TimeSpan.FromSeconds(timeoutSeconds);
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process, 2);
        var before = place.Stored.Count;
        place.A.Set(Answering.Hangs, place.NowMs);
        await place.StepAsync(process, 3);
        Assert.Equal(ticksLost, place.Stored.Skip(before).Count(batch => batch.Verdict is Verdict.Failed));
        Assert.Equal(OfB, Whose()[^1]);
    }

    [Fact]
    public async Task Restart_GoesOnWithTheReplicaThatWasTaken()
    {
        var job = place.JobOf(Undeclared with { CalmPeriod = TimeSpan.FromHours(1) }, "a:1", "b:1");
        var process = await place.StartAsync(job);
        await place.StepAsync(process, 2);
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process, 2);
        place.A.Set(Answering.Well, place.NowMs);
        process = await place.StartAsync(job);
        place.TakeAsked();
        await place.StepAsync(process, 2);
        Assert.Equal("b b", place.TakeAsked());
        Assert.Equal(OfB, Whose()[^1]);
    }

    [Fact]
    public async Task Targets_ShowEachReplicaWithItsOwnState()
    {
        var process = await place.StartAsync(place.JobOf(Declared, "a:1", "b:1"));
        await place.StepAsync(process);
        Assert.Equal(
            ["a:1 up taken", "b:1 unknown not asked while a:1 answers"],
            process.Collect.Targets().Select(one => $"{one.Labels.Get("instance")} {one.Health} {one.Note}")
        );
        place.A.Set(Answering.Refuses, place.NowMs);
        await place.StepAsync(process);
        Assert.Equal(
            ["a:1 down left alone after a failure; b:1 is taken", "b:1 up taken"],
            process.Collect.Targets().Select(one => $"{one.Labels.Get("instance")} {one.Health} {one.Note}")
        );
    }

    private static SourceConfig Of(string way) =>
        way switch
        {
            "declared" => Declared,
            "failover" => Undeclared with { Failover = true },
            _ => Undeclared,
        };

    /// <summary>Whose samples each batch has that has any; of two replicas it would be both.</summary>
    private List<string> Whose() =>
        [
            .. place
                .Stored.Select(batch =>
                    string.Concat(
                        batch
                            .Scraped.Where(sample => sample.Series.MetricName is "whose")
                            .Select(sample => (char)sample.Value)
                            .Distinct()
                    )
                )
                .Where(text => text.Length > 0),
        ];

    /// <summary>The series that the last batch ends, without report series.</summary>
    private List<string> Ended() =>
        [
            .. place
                .Stored[^1]
                .Added.Where(sample => StaleMarker.IsStale(sample.Value) && sample.Series.Get("cluster") is not null)
                .Select(sample => $"{sample.Series.MetricName} {sample.Series.Get("instance")}")
                .Order(StringComparer.Ordinal),
        ];

    private void AssertNoHoles() => StoredSeries.Check(place.Stored, "requests_total");
}
