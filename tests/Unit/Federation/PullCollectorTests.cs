using System.Net.Http.Headers;
using Tributary.Configuration;
using Tributary.Configuration.Relabel;
using Tributary.Model;
using Tributary.Patterns;

namespace Tributary.Tests.Unit.Federation;

public sealed class PullCollectorTests
{
    private static readonly LabelSet Up = LabelSet.Of("__name__", "up", "instance", "a:1", "job", "x");
    private static readonly LabelSet Sum = LabelSet.Of("__name__", "job:sum", "job", "x");
    private static readonly LabelSet Own = LabelSet.Of(
        "__name__",
        "up",
        "instance",
        "b:1",
        "job",
        "x",
        "cluster",
        "own"
    );
    private static readonly LabelSet Nameless = LabelSet.Of("instance", "a:1", "job", "x");

    [Theory]
    [InlineData(PullMode.Range)]
    [InlineData(PullMode.RemoteRead)]
    [InlineData(PullMode.Auto)]
    public async Task Pull_BringsEverySampleOnce(PullMode mode)
    {
        using var server = Server(mode);
        var stored = new List<string>();
        for (var minute = 0; minute < 5; minute++)
        {
            server.Minute(Up, Sum, Own);
            var collected = await server.CollectAsync();
            Assert.Equal((Verdict.Complete, ""), (collected.Batch.Report.Verdict, collected.Batch.Report.Error));
            stored.AddRange(Answers.Samples(collected.Batch.Scraped));
        }

        Assert.Equal(3 * 20, stored.Count);
        Assert.Equal(stored.Count, stored.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(mode is PullMode.Auto ? PullMode.RemoteRead : mode, server.Memory.Pull.Mode);
        Assert.Equal(server.NowMs, server.Memory.Pull.CursorMs);
        Assert.Equal(server.NowMs - 12_000, server.Memory.CompleteUntilMs);
        // One look at /federate and the configuration, then one request a pull.
        Assert.Single(server.Asked, path => path.EndsWith("/federate", StringComparison.Ordinal));
    }

    public static TheoryData<bool, string> Jobs =>
        new()
        {
            { true, "" },
            { false, "" },
            { true, "cluster" },
            { false, "cluster" },
            { true, "instance" },
            { false, "instance" },
        };

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task AllModes_GiveTheSameSeriesAndBits(bool honorLabels, string external)
    {
        var answers = new Dictionary<PullMode, List<string>>();
        foreach (var mode in new[] { PullMode.Federate, PullMode.Range, PullMode.RemoteRead })
        {
            using var server = Server(mode);
            server.External = external.Length == 0 ? LabelSet.Empty : LabelSet.Of(external, "ext", "region", "r");
            server.Job = config =>
                config with
                {
                    HonorLabels = honorLabels,
                    MetricRelabelConfigs =
                    [
                        new RelabelConfig
                        {
                            SourceLabels = ["region"],
                            Regex = RePattern.Parse("(.+)"),
                            TargetLabel = "zone",
                        },
                    ],
                };
            server.Minute(Up, Sum, Own, Nameless);
            var collected = await server.CollectAsync();
            Assert.Equal("", collected.Batch.Report.Error);
            answers[mode] = Answers.Samples(collected.Batch.Scraped);
        }

        // Of each series /federate has the newest sample only.
        Assert.Equal(3, answers[PullMode.Federate].Count);
        Assert.Equal(12, answers[PullMode.Range].Count);
        Assert.Equal(answers[PullMode.Range], answers[PullMode.RemoteRead]);
        Assert.Subset(answers[PullMode.Range].ToHashSet(), answers[PullMode.Federate].ToHashSet());
    }

    [Fact]
    public async Task ExternalLabels_AreFoundOutByComparing_WhenTheConfigurationIsHidden()
    {
        using var server = Server(PullMode.Range);
        server.External = LabelSet.Of("cluster", "c1");
        server.Instead = path => path.EndsWith("/config", StringComparison.Ordinal) ? PulledServer.Status(403) : null;
        server.Minute(Up, Sum, Own);
        var collected = await server.CollectAsync();

        Assert.Equal("", collected.Batch.Report.Error);
        Assert.Equal(LabelSet.Of("cluster", "c1"), server.Memory.Pull.ExternalLabels);
        Assert.Equal(8, collected.Batch.Scraped.Series.Span.ToArray().Count(one => one.Get("cluster") == "c1"));
    }

    [Fact]
    public async Task SeriesThatDiffer_RefuseTheMode_WithOneOfThem()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        server.Instead = path =>
            path.EndsWith("/federate", StringComparison.Ordinal)
                ? Scraping.ScriptedSource.Text($"down{{instance=\"a:1\"}} 1 {server.NowMs}\n")
                : null;
        var collected = await server.CollectAsync();

        Assert.Equal(Verdict.Failed, collected.Batch.Report.Verdict);
        Assert.Contains("write pull: auto, or federate", collected.Batch.Report.Error, StringComparison.Ordinal);
        Assert.Contains("down{instance=\"a:1\"}", collected.Batch.Report.Error, StringComparison.Ordinal);
        var asked = server.Asked.Count;
        server.Minute(Up);
        await server.CollectAsync();
        Assert.Equal(asked, server.Asked.Count);
    }

    [Theory]
    [InlineData(404, 0)]
    [InlineData(500, 2)]
    public async Task Auto_TakesTheNextWay_WhereOneIsNot(int status, int failures)
    {
        using var server = Server(PullMode.Auto);
        server.Instead = path => path.EndsWith("/read", StringComparison.Ordinal) ? PulledServer.Status(status) : null;
        server.Minute(Up);
        await server.CollectAsync();
        Assert.Equal(PullMode.Range, server.Memory.Pull.Mode);

        server.Memory = new("job/server/0");
        server.Instead = path => path.Contains("/api/", StringComparison.Ordinal) ? PulledServer.Status(status) : null;
        for (var failed = 0; failed < failures; failed++)
        {
            // What may pass is not taken for the way of the server at once.
            server.Minute(Up);
            Assert.Equal(Verdict.Failed, (await server.CollectAsync()).Batch.Report.Verdict);
        }
        server.Minute(Up);
        var scraped = await server.CollectAsync();
        Assert.Null(server.Memory.Pull.Mode);
        Assert.Equal(Verdict.Complete, scraped.Batch.Report.Verdict);
        Assert.Equal(1, scraped.Batch.Scraped.Count);
        var asked = server.Asked.Count;
        server.Minute(Up);
        await server.CollectAsync();
        Assert.Equal(asked + 1, server.Asked.Count);
    }

    [Fact]
    public async Task ASourceThatTakesNoPost_IsAskedByGet()
    {
        using var server = Server(PullMode.Range);
        var refused = 0;
        server.Instead = path =>
            path.EndsWith("/query", StringComparison.Ordinal) && refused++ == 0 ? PulledServer.Status(405) : null;
        server.Minute(Up);
        var first = await server.CollectAsync();
        server.Minute(Up);
        var second = await server.CollectAsync();

        Assert.Equal((4, 4), (first.Batch.Scraped.Count, second.Batch.Scraped.Count));
    }

    [Fact]
    public async Task TooMuchAtOnce_IsAskedForInSmallerPieces()
    {
        foreach (var mode in new[] { PullMode.Range, PullMode.RemoteRead })
        {
            using var server = Server(mode);
            server.Minute(Up);
            await server.CollectAsync();
            for (var i = 0; i < 4; i++)
            {
                server.Minute(Up);
            }
            server.Limit = ms => ms > 100_000 ? PulledServer.Status(422, "too many samples") : null;
            var collected = await server.CollectAsync();

            Assert.Equal((Verdict.Complete, ""), (collected.Batch.Report.Verdict, collected.Batch.Report.Error));
            Assert.Equal(16, collected.Batch.Scraped.Count);
        }
    }

    [Fact]
    public async Task WhatFailsInTheMiddle_KeepsWhatIsWhole_AndGoesOnThere()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        await server.CollectAsync();
        for (var i = 0; i < 4; i++)
        {
            server.Minute(Up);
        }
        var left = 1;
        server.Memory = server.Memory with { Pull = server.Memory.Pull with { SliceMs = 60_000 } };
        server.Limit = _ => left-- > 0 ? null : PulledServer.Status(500, "broken");
        var before = server.Memory.Pull.CursorMs;
        var partial = await server.CollectAsync();
        Assert.Equal(Verdict.Partial, partial.Batch.Report.Verdict);
        Assert.Contains("500", partial.Batch.Report.Error, StringComparison.Ordinal);
        Assert.InRange(server.Memory.Pull.CursorMs, before + 30_000, before + 60_000);
        server.Limit = _ => null;
        var rest = await server.CollectAsync();

        Assert.Equal(Verdict.Complete, rest.Batch.Report.Verdict);
        Assert.Equal(16, partial.Batch.Scraped.Count + rest.Batch.Scraped.Count);
    }

    [Fact]
    public async Task WhatDidNotGetIntoTheLog_ComesAgain()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        await server.CollectAsync();
        server.Minute(Up);
        await server.CollectAsync(isStored: false);
        var again = await server.CollectAsync();

        Assert.Equal(4, again.Batch.Scraped.Count);
    }

    [Fact]
    public async Task AfterALongPause_TheOldPartIsAGap()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        await server.CollectAsync();
        var until = server.Memory.CompleteUntilMs;
        for (var i = 0; i < 30; i++)
        {
            server.Minute(Up);
        }
        var collected = await server.CollectAsync();

        var gap = Assert.Single(collected.Gaps);
        Assert.Equal((until, server.NowMs - 600_000), (gap.FromMs, gap.ToMs));
        Assert.Equal(40, collected.Batch.Scraped.Count);
        Assert.Equal(server.NowMs, server.Memory.Pull.CursorMs);
        var state = server.Collector.CreateState();
        var filled = await server.Collector.PullRangeAsync(
            server.Target,
            state,
            server.Memory,
            new TimeRange(gap.FromMs, gap.ToMs),
            1_000_000,
            TestContext.Current.CancellationToken
        );
        Assert.Equal((gap.ToMs, "", ""), (filled.ReachedMs, filled.Error, filled.Unfillable));
        Assert.Equal(20 * 4 + 1, filled.Samples.Count);
    }

    [Theory]
    [InlineData(PullMode.Range)]
    [InlineData(PullMode.RemoteRead)]
    public async Task ASeriesThatEnds_GetsItsMarker(PullMode mode)
    {
        using var server = Server(mode);
        for (var i = 0; i < 2; i++)
        {
            server.Minute(Up, Sum);
            await server.CollectAsync();
        }
        var last = server.Series[Sum][^1].TimestampMs;
        server.Put(Sum, last + 15_000, StaleMarker.Value);
        server.Minute(Up);
        var marked = await server.CollectAsync();
        server.Minute(Up);
        var after = await server.CollectAsync();

        Assert.Equal(1, marked.Batch.Report.Markers);
        var added = marked.Batch.Added;
        Assert.Equal("job:sum", added.Series[added.Count - 1].MetricName);
        Assert.True(added.IsStale(added.Count - 1));
        Assert.Equal(last + 15_000, added.TimestampsMs.Span[added.Count - 1]);
        Assert.Equal(0, after.Batch.Report.Markers);
    }

    [Fact]
    public async Task ASlowSeries_GetsNoMarkerWhileItIsAlive()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        server.Put(Sum, server.NowMs - 10_000, 1);
        await server.CollectAsync();
        for (var minute = 1; minute < 6; minute++)
        {
            server.Minute(Up);
            if (minute % 3 == 0)
            {
                server.Put(Sum, server.NowMs - 10_000, minute);
            }
            Assert.Equal(0, (await server.CollectAsync()).Batch.Report.Markers);
        }
    }

    [Fact]
    public async Task ASourceThatWantsToBeLeftAlone_Is()
    {
        using var server = Server(PullMode.Range);
        server.Minute(Up);
        await server.CollectAsync();
        server.Limit = _ =>
        {
            var busy = PulledServer.Status(429, "slow down");
            busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(150));
            return busy;
        };
        server.Minute(Up);
        var refused = await server.CollectAsync();
        var asked = server.Asked.Count;
        server.Limit = _ => null;
        server.Minute(Up);
        var blocked = await server.CollectAsync();
        Assert.Equal(asked, server.Asked.Count);
        server.Minute(Up);
        server.Minute(Up);
        var pulled = await server.CollectAsync();

        Assert.Contains("429", refused.Batch.Report.Error, StringComparison.Ordinal);
        Assert.Contains("left alone until", blocked.Batch.Report.Error, StringComparison.Ordinal);
        Assert.Equal(16, pulled.Batch.Scraped.Count);
    }

    [Fact]
    public async Task ASourceWhoseClockIsBehind_LosesNothing()
    {
        using var server = Server(PullMode.Range);
        var stored = 0;
        var put = server.NowMs - 60_000;
        for (var minute = 0; minute < 5; minute++)
        {
            server.Time.Advance(TimeSpan.FromMinutes(1));
            // Its newest samples are 50 s older than it could have.
            server.PutEvery15(Up, put, server.NowMs - 50_000);
            put = server.NowMs - 50_000;
            stored += (await server.CollectAsync()).Batch.Scraped.Count;
        }

        // As long as nothing was there the cursor waited for it, and so found what is older than the first pull, too.
        Assert.Equal(server.Series[Up].Count, stored);
    }

    [Theory]
    [InlineData(PullMode.Range)]
    [InlineData(PullMode.RemoteRead)]
    public async Task ManySeries_ComeAndGo(PullMode mode)
    {
        using var server = Server(mode);
        for (var minute = 0; minute < 12; minute++)
        {
            var many = Enumerable
                .Range(minute * 100, 1000)
                .Select(i => LabelSet.Of("__name__", "m", "n", $"{i}"))
                .ToArray();
            server.Minute(many);
            server.TargetLabels = LabelSet.Of("job", minute < 8 ? "fed" : "other");
            var batch = (await server.CollectAsync()).Batch;
            // The overlap is read again where nothing is known of what is stored.
            Assert.Equal(minute == 8 ? 5000 : 4000, batch.Scraped.Count);
            Assert.Equal(batch.Scraped.Count, Answers.Samples(batch.Scraped).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public async Task JobsThatSetTimestampsThemselves_AreRefused()
    {
        using var server = Server(PullMode.Range);
        server.Job = config => config with { HonorTimestamps = false };
        server.Minute(Up);

        var collected = await server.CollectAsync();

        Assert.Contains("honor_timestamps", collected.Batch.Report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSampleLimit_CountsSeries()
    {
        using var server = Server(PullMode.RemoteRead);
        server.Job = config => config with { Limits = new ScrapeConfigLimits { SampleLimit = 2 } };
        server.Minute(Up, Sum);
        Assert.Equal(Verdict.Complete, (await server.CollectAsync()).Batch.Report.Verdict);
        server.Minute(Up, Sum, Own);
        var failed = await server.CollectAsync();

        Assert.Contains(
            "sample_limit exceeded: the pull has 3 series",
            failed.Batch.Report.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(0, failed.Batch.Scraped.Count);
    }

    [Fact]
    public async Task TwoSourceSeriesOfOneLabelSet_AreStoredWithoutDoubles()
    {
        using var server = Server(PullMode.Range);
        server.Job = config =>
            config with
            {
                HonorLabels = true,
                MetricRelabelConfigs =
                [
                    new RelabelConfig { Regex = RePattern.Parse("instance|cluster"), Action = RelabelAction.LabelDrop },
                ],
            };
        server.Minute(Up);
        server.PutEvery15(Own, server.NowMs - 30_000, server.NowMs);
        var collected = await server.CollectAsync();

        Assert.Equal((4, 2), (collected.Batch.Scraped.Count, collected.Batch.Report.Duplicates));
    }

    [Fact]
    public async Task AfterFailures_TheWayIsLookedForAnew()
    {
        using var server = Server(PullMode.Auto);
        server.Minute(Up);
        await server.CollectAsync();
        server.Instead = path => path.EndsWith("/read", StringComparison.Ordinal) ? PulledServer.Status(404) : null;
        var verdicts = new List<Verdict>();
        for (var i = 0; i < 4; i++)
        {
            server.Minute(Up);
            verdicts.Add((await server.CollectAsync()).Batch.Report.Verdict);
        }

        Assert.Equal([Verdict.Failed, Verdict.Failed, Verdict.Failed, Verdict.Complete], verdicts);
        Assert.Equal(PullMode.Range, server.Memory.Pull.Mode);
    }

    [Fact]
    public async Task Backfill_TakesAnyWay_WhereTheJobScrapes()
    {
        using var server = Server(PullMode.Federate);
        for (var i = 0; i < 30; i++)
        {
            server.Minute(Up);
        }
        var range = new TimeRange(server.NowMs - 20 * 60_000, server.NowMs - 60_000);
        var pulled = await server.Collector.PullRangeAsync(
            server.Target,
            server.State,
            server.Memory,
            range,
            1_000_000,
            TestContext.Current.CancellationToken
        );
        Assert.Equal((range.MaxMs, 19 * 4), (pulled.ReachedMs, pulled.Samples.Count));
        Assert.Equal(PullMode.RemoteRead, pulled.Memory.Pull.Mode);
        server.Instead = path => path.Contains("/api/", StringComparison.Ordinal) ? PulledServer.Status(404) : null;
        var unfillable = await server.Collector.PullRangeAsync(
            server.Target,
            server.State,
            server.Memory,
            range,
            1_000_000,
            TestContext.Current.CancellationToken
        );
        Assert.Contains("404", unfillable.Unfillable, StringComparison.Ordinal);
        Assert.Equal(range.MinMs, unfillable.ReachedMs);
    }

    [Fact]
    public async Task SecretsOfTheRequest_AreInNoError()
    {
        using var server = Server(PullMode.Range);
        server.Instead = path =>
            path.Contains("/api/", StringComparison.Ordinal)
                ? PulledServer.Status(500, "you sent hunter2hunter2")
                : null;
        server.Secret = "hunter2hunter2";
        server.Minute(Up);
        var collected = await server.CollectAsync();

        Assert.Contains("you sent xxxxx", collected.Batch.Report.Error, StringComparison.Ordinal);
    }

    private static PulledServer Server(PullMode mode) => new() { Mode = mode };
}
