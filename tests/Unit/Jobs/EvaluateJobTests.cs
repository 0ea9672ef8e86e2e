using Tributary.Configuration;
using Tributary.Model;
using Tributary.Rules;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

public sealed class EvaluateJobTests
{
    private const string Record = "  rules: [{record: a, expr: m}]";
    private const string Alert = "  rules: [{alert: A, expr: m > 0, for: 2m}]";

    [Fact]
    public async Task Run_MakesWhatWasMissed_InOrder_AsIfItHadBeenMadeInTime()
    {
        var place = new EvaluatePlace();
        foreach (var (minute, value) in new[] { (0, 0.0), (1, 5), (2, 6), (3, 7), (4, 0) })
        {
            await place.AddAsync(minute, value);
        }
        var process = await place.StartAsync(Alert);
        Assert.Equal(1, await process.RunAsync(0));
        Assert.Equal(0, await process.RunAsync(0.5));

        Assert.Equal(4, await process.RunAsync(4.2));

        Assert.Equal(
            """
            ALERTS_FOR_STATE{alertname="A", i="1"} since 1 @1
            ALERTS{alertname="A", alertstate="pending", i="1"} 1 @1
            ALERTS_FOR_STATE{alertname="A", i="1"} since 1 @2
            ALERTS{alertname="A", alertstate="pending", i="1"} 1 @2
            ALERTS_FOR_STATE{alertname="A", i="1"} since 1 @3
            ALERTS{alertname="A", alertstate="firing", i="1"} 1 @3
            ALERTS{alertname="A", alertstate="pending", i="1"} stale @3
            ALERTS_FOR_STATE{alertname="A", i="1"} stale @4
            ALERTS{alertname="A", alertstate="firing", i="1"} stale @4
            """,
            await place.WrittenAsync()
        );
        Assert.Equal(["1 3", "1 3 to 4"], process.Sent);
        var status = Assert.Single(process.Job.Statuses());
        Assert.Equal((EvaluatePlace.At(4), 5L, 0L), (status.LastEvaluationMs, status.Evaluations, status.Missed));
    }

    [Fact]
    public async Task Run_WhatIsTooLongAgo_IsLeftOut_AndSaysSo()
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync("");
        process.Configure(Record, new RulesConfig { MaxCatchUp = TimeSpan.FromMinutes(3) });
        await place.AddAsync(0, 1);
        await process.RunAsync(0);
        await place.AddAsync(9, 2);

        await process.RunAsync(10);

        Assert.Equal(
            """
            a{i="1"} 1 @0
            a{i="1"} 2 @9
            a{i="1"} 2 @10
            """,
            (await place.WrittenAsync()).Replace("a{i=\"1\"} stale @7\n", "", StringComparison.Ordinal)
        );
        Assert.Equal(6, process.Job.Statuses()[0].Missed);
    }

    [Fact]
    public async Task Run_InAProcessThatTakesOver_GoesOnFromTheLog()
    {
        var place = new EvaluatePlace();
        await place.AddAsync(0, 1);
        await place.AddAsync(0, 1, "2");
        await (await place.StartAsync(Alert)).RunAsync(0);
        for (var minute = 1; minute <= 20; minute++)
        {
            await place.AddAsync(minute, 1);
        }
        await place.AddAsync(1, 0, "2");
        place.GoTo(20);

        // Far behind what is decoded first of the log.
        var second = await place.StartAsync(Alert);
        Assert.Equal(EvaluatePlace.At(0), second.Job.Statuses()[0].LastEvaluationMs);
        Assert.Equal(20, await second.RunAsync());

        var written = await place.WrittenAsync();
        Assert.Contains("""ALERTS_FOR_STATE{alertname="A", i="1"} since 0 @20""", written, StringComparison.Ordinal);
        Assert.Contains(
            """ALERTS{alertname="A", alertstate="pending", i="2"} stale @1""",
            written,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """ALERTS{alertname="A", alertstate="firing", i="1"} 1 @2""",
            written,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Run_AProcessKilledBeforeItSent_TheNextSends()
    {
        var place = new EvaluatePlace();
        var first = await place.StartAsync("  rules: [{alert: A, expr: m > 0}]");
        first.OnNotify = () => throw new InvalidOperationException("killed");
        await place.AddAsync(0, 1);
        await place.AddAsync(1, 0);
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.RunAsync(0));

        place.GoTo(1);
        var second = await place.StartAsync("  rules: [{alert: A, expr: m > 0}]");
        await second.RunAsync();

        Assert.Equal(["1 0", "1 0 to 1"], second.Sent);
    }

    [Fact]
    public async Task Run_WhatWasSent_IsNotSentAgainBeforeTheDelay_ByAnotherProcessEither()
    {
        const string Often = "  interval: 15s\n  rules: [{alert: A, expr: m > 0, keep_firing_for: 10m}]";
        var place = new EvaluatePlace();
        await place.AddAsync(0, 1);
        await place.AddAsync(0.25, 0);
        var first = await place.StartAsync(Often);
        await first.RunAsync(0);
        await first.RunAsync(0.25);
        Assert.Equal(["1 0"], first.Sent);

        place.GoTo(0.5);
        var second = await place.StartAsync(Often);
        await second.RunAsync();
        await second.RunAsync(1);
        Assert.Empty(second.Sent);
        await second.RunAsync(1.25);
        Assert.Equal(["1 0"], second.Sent);

        // Since when it only fires because it is kept, the row says.
        await second.RunAsync(10);
        Assert.Equal(AlertState.Firing, second.Job.Statuses()[0].Rules[0].Alerts[0].State);
        await second.RunAsync(10.25);
        Assert.Equal("1 0 to 10.25", second.Sent[^1]);
    }

    [Fact]
    public async Task Run_TwoProcessesAtOnce_OneBatchCounts_AndTheOtherTakesItsState()
    {
        var place = new EvaluatePlace();
        var winner = await place.StartAsync(Alert);
        var loser = await place.StartAsync(Alert);
        winner.IsBlind = true;
        await place.AddAsync(0, 1);
        Assert.Equal(1, await loser.RunAsync(0));
        Assert.NotEmpty(loser.Job.Statuses()[0].Rules[0].Alerts);
        // Its file has the lower name, and it has not seen the sample.
        Assert.Equal(1, await winner.RunAsync());
        Assert.Equal("", await place.WrittenAsync());
        winner.IsBlind = false;

        await place.AddAsync(1, 1);
        await loser.RunAsync(1);
        await winner.RunAsync(1);
        await place.AddAsync(2, 1);
        await winner.RunAsync(2);
        await loser.RunAsync(2);

        Assert.Equal(
            """
            ALERTS_FOR_STATE{alertname="A", i="1"} since 1 @1
            ALERTS{alertname="A", alertstate="pending", i="1"} 1 @1
            ALERTS_FOR_STATE{alertname="A", i="1"} since 1 @2
            ALERTS{alertname="A", alertstate="pending", i="1"} 1 @2
            """,
            await place.WrittenAsync()
        );
        Assert.Equal(EvaluatePlace.At(1), loser.Job.Statuses()[0].Rules[0].Alerts[0].ActiveAtMs);
    }

    [Fact]
    public async Task Run_AnAppendOfUnknownOutcome_IsNotMadeTwice()
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync(Record);
        await place.AddAsync(0, 1);
        var isIn = false;
        place.Blobs.OnCall = async (operation, name, effect) =>
        {
            if (operation is "append" && !isIn)
            {
                await effect();
                isIn = true;
                throw ScriptedBlobs.Error(StoreError.Denied);
            }
            await effect();
        };
        place.GoTo(0);
        await Assert.ThrowsAsync<StoreException>(() => process.RunAsync());
        place.GoTo(0.1);

        Assert.Equal(0, await process.RunAsync());

        Assert.Equal("""a{i="1"} 1 @0""", await place.WrittenAsync());
        Assert.Equal(0, process.Recent.BatchConflicts);
        Assert.Equal(EvaluatePlace.At(0), process.Job.Statuses()[0].LastEvaluationMs);
    }

    [Fact]
    public async Task Run_WhenTheLogCannotBeWritten_TheEvaluationIsMadeLater()
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync(Record);
        await place.AddAsync(0, 1);
        place.Blobs.OnCall = (operation, _, effect) =>
            operation is "create" or "append" ? throw ScriptedBlobs.Error(StoreError.Denied) : effect();
        await Assert.ThrowsAsync<StoreException>(() => process.RunAsync(0));
        place.Blobs.OnCall = (_, _, effect) => effect();

        Assert.Equal(1, await process.RunAsync(0.2));

        Assert.Equal("""a{i="1"} 1 @0""", await place.WrittenAsync());
    }

    [Fact]
    public async Task Run_AGroupThatLeft_EndsOnce_WhoeverEndsIt()
    {
        var place = new EvaluatePlace();
        await place.AddAsync(0, 1);
        var first = await place.StartAsync(Record);
        await first.RunAsync(0);
        await first.RunAsync(1);
        first.Configure("");
        var second = await place.StartAsync("");
        second.Configure("");
        second.IsBlind = true;

        Assert.Equal(0, await first.RunAsync(3));
        Assert.Equal(2, await first.RunAsync(3.1) + await second.RunAsync(3.1));

        Assert.Equal(
            """
            a{i="1"} 1 @0
            a{i="1"} 1 @1
            a{i="1"} stale @3
            """,
            await place.WrittenAsync()
        );
        Assert.Empty(first.Job.Statuses());

        // It comes back, and what was while it was away is not made up for.
        first.Configure(Record);
        await place.AddAsync(6, 2);
        await first.RunAsync(6);
        Assert.EndsWith("stale @3\na{i=\"1\"} 2 @6", await place.WrittenAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ASourceThatIsBeingCollected_IsWaitedFor_AndThenItIsComplete()
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync(Record);
        process.Sources = [Source(completeMinute: 0)];
        place.GoTo(1);
        var run = process.RunAsync();
        await CollectPlace.UntilAsync(() => process.Job.Statuses()[0].Waiting.Length > 0);

        await place.AddAsync(1, 7);
        process.Sources = [Source(completeMinute: 1)];
        place.GoTo(1.1);
        await run;

        Assert.Equal("""a{i="1"} 7 @1""", await place.WrittenAsync());
        var status = process.Job.Statuses()[0];
        Assert.Equal(("", 0), (status.Waiting, status.Missing.Count));
    }

    [Fact]
    public async Task Run_ASourceThatDoesNotCome_IsMissing_InTheStatusAndInTheLog()
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync(Record);
        process.Sources = [Source(completeMinute: 0)];
        await place.AddAsync(0, 7);
        place.GoTo(1);
        var run = process.RunAsync();
        for (var seconds = 1; seconds <= 31 && !run.IsCompleted; seconds++)
        {
            await CollectPlace.UntilAsync(() => run.IsCompleted || process.Job.Statuses()[0].Waiting.Length > 0);
            place.GoTo(1 + (seconds / 60.0));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        await run;

        var status = Assert.Single(process.Job.Statuses());
        Assert.Contains(
            "source job/1/0 is not complete up to",
            Assert.Single(status.Missing),
            StringComparison.Ordinal
        );
        var reader = await place.StartAsync(Record);
        Assert.Equal(status.Missing, reader.Job.Statuses()[0].Missing);
        Assert.Equal("""a{i="1"} 7 @1""", await place.WrittenAsync());
    }

    [Theory]
    [InlineData(1, 1, false)] // complete up to now
    [InlineData(0, 1, false)] // its last tick was taken, and failed
    [InlineData(-20, 0, false)] // down for long
    [InlineData(0, 0, true)]
    public async Task Run_WaitsOnlyForWhatCanCome(int completeMinute, int lastMinute, bool isAwaited)
    {
        var place = new EvaluatePlace();
        var process = await place.StartAsync(Record);
        process.Sources = [Source(completeMinute, lastMinute)];
        place.GoTo(1);

        var run = process.RunAsync();

        if (isAwaited)
        {
            await CollectPlace.UntilAsync(() => process.Job.Statuses()[0].Waiting.Length > 0);
            Assert.False(run.IsCompleted);
            place.GoTo(2);
        }
        await run;
    }

    [Fact]
    public async Task Statuses_OfAProcessThatOnlyReads_HaveTheAlerts_AndTheirTextsBehindARefresh()
    {
        const string Rules =
            "  rules: [{alert: A, expr: m > 0, annotations: {text: 'is {{ $value }}'}}, {record: b, expr: 'm[1m]'}]";
        var place = new EvaluatePlace();
        await place.AddAsync(0, 3);
        await (await place.StartAsync(Rules)).RunAsync(0);
        var reader = await place.StartAsync(Rules);

        await reader.Job.RefreshAsync(TestContext.Current.CancellationToken);

        var status = Assert.Single(reader.Job.Statuses());
        var alert = Assert.Single(status.Rules[0].Alerts);
        Assert.Equal([new Label("text", "is 3")], alert.Annotations);
        Assert.Equal((3, AlertState.Firing, EvaluatePlace.At(0)), (alert.Value, alert.State, alert.FiredAtMs));
        Assert.Equal(
            (RuleHealth.Bad, "rule result is not a vector or scalar"),
            (status.Rules[1].Health, status.Rules[1].LastError)
        );
    }

    [Fact]
    public async Task Statuses_SayWhenAGroupWasEvaluated_AlsoOfARareOneThatTheLogHasNoMore_AndOfAChangedOne()
    {
        const string Rules = "  interval: 1h\n  rules: [{record: r, expr: m}]";
        var place = new EvaluatePlace();
        await place.AddAsync(0, 3);
        var process = await place.StartAsync(Rules);
        await process.RunAsync(0);
        process.Configure(Rules.Replace("expr: m", "expr: m * 2", StringComparison.Ordinal));
        Assert.Equal(EvaluatePlace.At(0), Assert.Single(process.Job.Statuses()).LastEvaluationMs);

        place.GoTo(5 * 60);
        var reader = await place.StartAsync(Rules);
        Assert.Equal(0, Assert.Single(reader.Job.Statuses()).LastEvaluationMs);
        await reader.Job.RefreshRareAsync(TestContext.Current.CancellationToken);
        Assert.Equal(EvaluatePlace.At(0), Assert.Single(reader.Job.Statuses()).LastEvaluationMs);
    }

    private static SourceCompleteness Source(int completeMinute, int lastMinute = 0) =>
        new(
            new SourceMemory("job/1/0")
            {
                CompleteUntilMs = EvaluatePlace.At(completeMinute),
                LastTickMs = EvaluatePlace.At(lastMinute),
                IntervalMs = EvaluatePlace.MinuteMs,
            },
            new SourceGaps("job/1/0"),
            5 * EvaluatePlace.MinuteMs
        );
}
