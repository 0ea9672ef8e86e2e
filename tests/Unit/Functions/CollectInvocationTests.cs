using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Jobs;

namespace Tributary.Tests.Unit.Functions;

public sealed class CollectInvocationTests
{
    private const string Stored = "1 of 1 targets were due and are stored";
    private const string NothingDue = "0 of 1 targets were due and are stored";

    [Fact]
    public async Task Run_SteadyState_TakesTwoOperationsOfTheStoreAndNowAndThenAList()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, collect, _) = place.Start();
        // Configuration: look, length, text. Log: list, create, append.
        Assert.Equal((6, Stored), await RunAsync(place, collect));
        var operations = new List<long>();
        for (var minute = 0; minute < 14; minute++)
        {
            place.Time.Advance(TimeSpan.FromMinutes(1));
            var (count, text) = await RunAsync(place, collect);
            Assert.Equal(Stored, text);
            operations.Add(count);
        }
        // Three readings without anybody else; then one in five minutes.
        Assert.Equal([3, 3, 3, 2, 2, 2, 2, 3, 2, 2, 2, 2, 3, 2], operations);
        // Not due: the configuration is young.
        place.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, NothingDue), await RunAsync(place, collect));
        // An hour later: a list, for who knows who collected meanwhile, and a new file, because the one before was idle.
        place.Time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal((4, Stored), await RunAsync(place, collect));
    }

    [Fact]
    public async Task Run_AnotherProcessThatBegins_IsMetWithinTwoMinutes()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, first, _) = place.Start();
        for (var minute = 0; minute < 6; minute++)
        {
            await first.RunAsync();
            place.Time.Advance(TimeSpan.FromMinutes(1));
        }
        var (_, second, _) = place.Start();
        Assert.Equal(Stored, (await second.RunAsync()).Text);
        // It does not know yet, and what it scrapes counts once. Saving how far the source is, it sees another's row.
        Assert.Equal(Stored, (await first.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await second.RunAsync()).Text);
        Assert.Equal(NothingDue, (await first.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await first.RunAsync()).Text);
        Assert.Equal(NothingDue, (await second.RunAsync()).Text);
    }

    [Fact]
    public async Task Run_AfterATickThatAnotherTook_ReadsTheLog()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, first, _) = place.Start();
        for (var minute = 0; minute < 6; minute++)
        {
            await first.RunAsync();
            place.Time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.True(collector.Collect.IsAlone);
        await place.Start().Collect.RunAsync();
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(collector.Collect.IsAlone);
        Assert.Equal(Stored, (await first.RunAsync()).Text);
        // The tick between is known.
        Assert.Equal(0, collector.Collect.Totals().Sum(source => source.MissedTicks.Sum()));
    }

    [Fact]
    public async Task Run_AfterAScrapeThatWentWorse_KnowsTheSeriesOfAnotherProcess()
    {
        await using var place = await FunctionsPlace.StartAsync("15s");
        var (collector, first, _) = place.Start();
        for (var tick = 0; tick < 6; tick++)
        {
            Assert.Equal(Stored, (await first.RunAsync()).Text);
            place.Time.Advance(TimeSpan.FromSeconds(15));
        }
        Assert.True(collector.Collect.IsAlone);
        place.Answer = context => TestServer.AnswerAsync(context, 200, "x 1\nm 1\n");
        Assert.Equal(Stored, (await place.Start().Collect.RunAsync()).Text);
        // The same tick once more: what the other has of it counts.
        place.Answer = context => TestServer.AnswerAsync(context, 500, "");
        Assert.Equal(Stored, (await first.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromSeconds(15));
        place.Answer = context => TestServer.AnswerAsync(context, 200, "m 1\n");
        Assert.Equal(Stored, (await first.RunAsync()).Text);
        var (reader, _, fresh) = place.Start();
        Assert.Null(await fresh.DataAsync(TestContext.Current.CancellationToken));
        Assert.Single(await SelectAsync(reader, "m"));
        Assert.Empty(await SelectAsync(reader, "x"));
    }

    [Fact]
    public async Task Queries_OfOneMoment_PlanByTheListOfTheLastReading()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.Start().Collect.RunAsync();
        var (reader, _, fresh) = place.Start();
        var stop = TestContext.Current.CancellationToken;
        for (var round = 0; round < 3; round++)
        {
            var before = place.Blobs.Operations[OperationClass.BlobList];
            Assert.Null(await fresh.DataAsync(stop));
            for (var query = 0; query < 10; query++)
            {
                Assert.Single(await ChunksAsync(reader, place.Time, stop));
            }
            // The first query of a process does not know the manifest yet, and makes its own.
            Assert.Equal(round == 0 ? 2 : 1, place.Blobs.Operations[OperationClass.BlobList] - before);
            place.Time.Advance(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task Queries_BehindACompaction_HaveWhatWasCompacted()
    {
        const long BackMs = 14_400_000;
        await using var place = await FunctionsPlace.StartAsync();
        await place.Start().Collect.RunAsync();
        place.Time.Advance(TimeSpan.FromHours(3));
        var (reader, _, fresh) = place.Start();
        var stop = TestContext.Current.CancellationToken;
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(await fresh.DataAsync(stop));
            Assert.Single(await ChunksAsync(reader, place.Time, stop, BackMs));
            place.Time.Advance(TimeSpan.FromSeconds(7));
        }
        Assert.Null(await fresh.DataAsync(stop));
        var plan = new CompactPlan { Garbage = new GarbageOptions { DeletionDelay = TimeSpan.Zero } };
        var result = await place.Start().Collector.Compact.RunAsync(plan, stop);
        Assert.Equal((1, 1), (result.LogBlocks, result.RemovedLogFiles));
        Assert.Single(await ChunksAsync(reader, place.Time, stop, BackMs));
    }

    [Fact]
    public async Task Run_WithRulesAtItsEnd_EvaluatesThemAtTheirTimes()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.AddRulesAsync();
        var (collector, collect, _) = place.Start(
            ("TRIBUTARY_WITH_COLLECT", "evaluate"),
            ("TRIBUTARY_EVALUATE_SCHEDULE", "0 */2 * * * *"),
            ("AzureWebJobs.Evaluate.Disabled", "true")
        );
        const string Evaluated = "; Evaluate: 1 evaluations of 1 rule groups were due and are stored";
        Assert.Equal(Stored + Evaluated, (await collect.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await collect.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(400));
        Assert.Equal(
            Stored + "; Evaluate: 2 evaluations of 1 rule groups were due and are stored",
            (await collect.RunAsync()).Text
        );
        Assert.NotEmpty(await SelectAsync(collector, "r"));
    }

    [Fact]
    public async Task Run_TwiceAtOnce_ScrapesOnce()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, collect, _) = place.Start();
        var outcomes = await Task.WhenAll(collect.RunAsync(), collect.RunAsync());
        Assert.Equal([NothingDue, Stored], outcomes.Select(outcome => outcome.Text).Order(StringComparer.Ordinal));
        Assert.Equal(1, place.Asked);
    }

    [Fact]
    public async Task Run_TwoProcessesAtOnce_EachTickCountsOnce()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (first, second) = (place.Start(), place.Start());
        await Task.WhenAll(first.Collect.RunAsync(), second.Collect.RunAsync());
        var (reader, _, fresh) = place.Start();
        Assert.Null(await fresh.DataAsync(TestContext.Current.CancellationToken));
        Assert.Equal(LogNoon(), Assert.Single(await SelectAsync(reader, "m")).TimestampMs);
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await first.Collect.RunAsync()).Text);
        Assert.Equal(NothingDue, (await second.Collect.RunAsync()).Text);
    }

    [Fact]
    public async Task Run_AfterTwoHoursOfNothing_ScrapesOnceAtTheTimeAtWhichItBegins()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, collect, _) = place.Start();
        await collect.RunAsync();
        place.Time.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(30));
        Assert.Equal(Stored, (await collect.RunAsync()).Text);
        Assert.Equal(2, place.Asked);
        Assert.Equal(LogNoon() + 7_230_000, Assert.Single(await SelectAsync(collector, "m")).TimestampMs);
        Assert.Equal(NothingDue, (await collect.RunAsync()).Text);
    }

    [Theory]
    [InlineData(-400, Stored)]
    [InlineData(-600, NothingDue)]
    public async Task Run_TimerThatIsALittleEarly_TakesTheTickAndDoesNotWaitForALaterOne(int ms, string expected)
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, collect, _) = place.Start();
        await collect.RunAsync();
        place.Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(ms));
        Assert.Equal(expected, (await collect.RunAsync()).Text);
        place.Time.Advance(TimeSpan.FromMilliseconds(-ms));
        var stamp = LogNoon() + (expected == Stored ? 60_000 : 0);
        Assert.Equal(stamp, Assert.Single(await SelectAsync(collector, "m")).TimestampMs);
    }

    [Fact]
    public async Task Run_LogThatCannotBeRead_StoresWithoutMarkersAndSaysSo()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.Start().Collect.RunAsync();
        place.Time.Advance(TimeSpan.FromMinutes(1));
        place.Answer = context => TestServer.AnswerAsync(context, 200, "n 1\n");
        place.Refuse("list");
        var (collector, collect, _) = place.Start();
        var outcome = await collect.RunAsync();
        Assert.False(outcome.HasFailed);
        Assert.Contains("without staleness markers", outcome.Text, StringComparison.Ordinal);
        Assert.Contains(
            "reading the log failed",
            string.Join('\n', collector.Failures.Current),
            StringComparison.Ordinal
        );
        place.RefuseNothing();
        var (reader, _, fresh) = place.Start();
        await fresh.DataAsync(TestContext.Current.CancellationToken);
        Assert.Single(await SelectAsync(reader, "m"));
        Assert.Single(await SelectAsync(reader, "n"));
        Assert.False(collector.IsReady);
        // The next one can read it; what had gone before the last whole answer lingers, as it has no marker.
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await collect.RunAsync()).Text);
        Assert.True(collector.IsReady);
        Assert.Single(await SelectAsync(collector, "m"));
        Assert.Single(await SelectAsync(collector, "n"));
    }

    [Fact]
    public async Task Run_LogThatCannotBeWritten_HasFailed()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, collect, _) = place.Start();
        place.Refuse("create");
        var outcome = await collect.RunAsync();
        Assert.True(outcome.HasFailed);
        Assert.Contains("scripted: Denied", outcome.Text, StringComparison.Ordinal);
        place.RefuseNothing();
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await collect.RunAsync()).Text);
    }

    [Fact]
    public async Task Run_SourceThatNeverAnswers_EndsAtTheDeadline()
    {
        await using var place = await FunctionsPlace.StartAsync("10m", "9m");
        place.Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        var (_, collect, _) = place.Start();
        var run = collect.RunAsync();
        await CollectPlace.UntilAsync(() => place.Asked == 1);
        place.Time.Advance(TimeSpan.FromMinutes(4));
        var outcome = await run;
        Assert.True(outcome.HasFailed);
        Assert.Contains("stopped after 240 s", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadConfiguration_NeverReplacesAGoodOne()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, collect, _) = place.Start();
        await collect.RunAsync();
        await place.WriteConfigAsync("scrape_configs: [{ job_nam: a }]");
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Stored, (await collect.RunAsync()).Text);
        Assert.Contains("job_nam", collector.ConfigProblem, StringComparison.Ordinal);
        Assert.Contains(place.Lines, line => line.Contains("job_nam", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ConfigurationThatChangesWhileItIsRead_IsTakenAsItIsThen()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var changes = 0;
        place.Blobs.OnCall = async (called, blob, effect) =>
        {
            if (called == "read" && blob.StartsWith("config/", StringComparison.Ordinal) && changes++ == 0)
            {
                await place.WriteConfigAsync("scrape_configs: []");
            }
            await effect();
        };
        var (_, collect, _) = place.Start();
        Assert.Equal("0 of 0 targets were due and are stored", (await collect.RunAsync()).Text);
        Assert.Equal(2, changes);
    }

    [Fact]
    public async Task Run_FirstConfigurationIsBad_FailsAndTakesTheMendedOne()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.WriteConfigAsync("scrape_configs: [{ job_nam: a }]");
        var (_, collect, _) = place.Start();
        var outcome = await collect.RunAsync();
        Assert.True(outcome.HasFailed);
        Assert.Contains("job_nam", outcome.Text, StringComparison.Ordinal);
        await place.WriteConfigAsync("scrape_configs: []");
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("0 of 0 targets were due and are stored", (await collect.RunAsync()).Text);
    }

    [Fact]
    public async Task Data_OfAProcessThatNeverCollects_IsAtMostFiveSecondsOld()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (reader, _, fresh) = place.Start();
        Assert.Null(await fresh.DataAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await SelectAsync(reader, "m"));
        await place.Start().Collect.RunAsync();
        place.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await fresh.DataAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await SelectAsync(reader, "m"));
        place.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await fresh.DataAsync(TestContext.Current.CancellationToken));
        Assert.Single(await SelectAsync(reader, "m"));
    }

    [Fact]
    public async Task Data_LogThatCannotBeRead_IsOldForAMinuteAndThenAnError()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, _, fresh) = place.Start();
        var cancelled = TestContext.Current.CancellationToken;
        place.Refuse("list");
        await Assert.ThrowsAsync<StoreException>(() => fresh.DataAsync(cancelled));
        place.RefuseNothing();
        place.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await fresh.DataAsync(cancelled));
        place.Refuse("list");
        place.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("scripted: Denied", await fresh.DataAsync(cancelled));
        place.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<StoreException>(() => fresh.DataAsync(cancelled));
    }

    private static async Task<IReadOnlyList<SelectedChunks>> ChunksAsync(
        CollectorServer collector,
        TimeProvider time,
        CancellationToken stop,
        long backMs = 3_600_000
    )
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var found = await collector
            .View(_ => Task.FromResult<string?>(null))
            .SelectChunks(
                new ChunkQuery(
                    [new LabelMatcher("__name__", MatchOperator.Equal, "m")],
                    new TimeRange(nowMs - backMs, nowMs)
                ),
                stop
            );
        return found.Series;
    }

    private static async Task<(long Operations, string Text)> RunAsync(FunctionsPlace place, CollectInvocation collect)
    {
        var before = place.Blobs.Operations.Total;
        var outcome = await collect.RunAsync();
        return (place.Blobs.Operations.Total - before, outcome.Text);
    }

    private static async Task<IReadOnlyList<LatestSample>> SelectAsync(CollectorServer collector, string name)
    {
        var state = collector.View(_ => Task.FromResult<string?>(null));
        var nowMs = state.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var range = new TimeRange(nowMs - 300_000, nowMs);
        return (await state.SelectLatest([name], range, TestContext.Current.CancellationToken)).Items;
    }

    private static long LogNoon() => Storage.AppendLog.LogBatches.NoonMs;
}
