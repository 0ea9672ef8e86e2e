using Tributary.Configuration;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Which gaps are found: of a collector or a source that was away, by whichever process, and never twice.</summary>
public sealed class CollectGapTests
{
    private const string Nobody = "nobody collected then, or the process ended before it could store";

    private readonly GapPlace place = new();

    [Fact]
    public async Task Collect_EveryTick_FindsNoGap()
    {
        var process = await place.StartAsync();
        for (var tick = 0; tick < 5; tick++)
        {
            await process.Collect.RunAsync(default);
            Assert.Equal(("", $"{tick}"), (process.Gaps(), process.Watermark()));
            place.Step();
        }
    }

    [Theory]
    [InlineData(true, "open")]
    [InlineData(false, "given up")]
    public async Task Collect_AfterAnOutageOfTheCollector_FindsTheGap(bool isFederate, string state)
    {
        var process = await place.StartAsync(isFederate);
        await process.Collect.RunAsync(default);
        place.Step(10);
        await process.Collect.RunAsync(default);
        Assert.Equal($"0-10 {state}: {Nobody}", process.Gaps());
        Assert.Equal(isFederate ? "0" : "10", process.Watermark());
    }

    /// <summary>The log knows the last minutes, hours, or nothing any more; then the row tells.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(4 * 60 * 3)]
    [InlineData(4 * 60 * 24 * 3)]
    public async Task Collect_ByAnotherProcessLater_FindsTheGap(int steps)
    {
        var first = await place.StartAsync();
        for (var tick = 0; tick < 3; tick++)
        {
            await first.Collect.RunAsync(default);
            place.Step(tick == 2 ? steps : 1);
        }
        var second = await place.StartAsync();
        await second.Collect.RunAsync(default);
        // The row was saved with the first tick, and the log has the two behind it, as long as it is recent.
        var fromStep = steps > 4 * 60 * 2 ? 0 : 2;
        Assert.StartsWith($"{fromStep}-{steps + 2} open: ", second.Gaps(), StringComparison.Ordinal);
        Assert.Equal(second.Gaps(), (await place.StartAsync()).Gaps());
    }

    [Fact]
    public async Task Collect_AfterFailures_FindsTheGapWithTheirReason()
    {
        var process = await place.StartAsync();
        await process.Collect.RunAsync(default);
        place.Answer = () => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        for (var tick = 1; tick < 4; tick++)
        {
            place.Step();
            await process.Collect.RunAsync(default);
            Assert.Equal(("", "0"), (process.Gaps(), process.Watermark()));
        }
        place.Answer = () => "m 1\n";
        place.Step();
        await process.Collect.RunAsync(default);
        Assert.StartsWith("0-4 open: ", process.Gaps(), StringComparison.Ordinal);
        Assert.Contains("refused", process.Gaps(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Collect_KilledBeforeTheRowsAreSaved_TheNextFindsTheGapInTheLog()
    {
        var first = await place.StartAsync();
        await first.Collect.RunAsync(default);
        place.Step(10);
        place.Tables.OnCommit = _ => throw ScriptedBlobs.Error(StoreError.Denied);
        var refusal = await Assert.ThrowsAsync<StoreException>(() => first.Collect.RunAsync(default));
        Assert.Contains("could not be saved", refusal.Message, StringComparison.Ordinal);
        place.Tables.OnCommit = effect => effect();
        var second = await place.StartAsync();
        Assert.StartsWith("0-10 open: nobody", second.Gaps(), StringComparison.Ordinal);
        place.Step();
        await second.Collect.RunAsync(default);
        Assert.StartsWith("0-10 open: nobody", (await place.StartAsync()).Gaps(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collect_RowsCannotBeSaved_ThrowsAndLosesNothing()
    {
        var process = await place.StartAsync();
        await process.Collect.RunAsync(default);
        place.Tables.OnCommit = _ => throw ScriptedBlobs.Error(StoreError.Denied);
        place.Step(10);
        await Assert.ThrowsAsync<StoreException>(() => process.Collect.RunAsync(default));
        Assert.Equal(2, (await place.StoredAsync()).Count);
        place.Tables.OnCommit = effect => effect();
        place.Step();
        Assert.Equal(1, await process.Collect.RunAsync(default));
        Assert.Equal($"0-10 open: {Nobody}", (await place.StartAsync()).Gaps());
    }

    [Fact]
    public async Task Collect_RowsCannotBeRead_FindsTheGapWhenTheyCan()
    {
        await (await place.StartAsync()).Collect.RunAsync(default);
        place.Step(4 * 60 * 5);
        place.Tables.OnQuery = () => throw ScriptedBlobs.Error(StoreError.Denied);
        var process = await place.StartAsync();
        Assert.Single(process.Ledger.Problems);
        await Assert.ThrowsAsync<StoreException>(() => process.Collect.RunAsync(default));
        place.Tables.OnQuery = () => { };
        place.Step();
        await process.Collect.RunAsync(default);
        Assert.StartsWith("0-1200 open: nobody", process.Gaps(), StringComparison.Ordinal);
        Assert.Empty(process.Ledger.Problems);
    }

    [Fact]
    public async Task Collect_TwoProcessesInTurn_FindNoGapBetweenThem()
    {
        var (one, other) = (await place.StartAsync(), await place.StartAsync());
        for (var tick = 0; tick < 8; tick++)
        {
            var process = tick % 2 == 0 ? one : other;
            await process.Collect.RefreshAsync(default);
            Assert.Equal(1, await process.Collect.RunAsync(default));
            Assert.Equal(("", $"{tick}"), (process.Gaps(), process.Watermark()));
            place.Step();
        }
    }

    /// <summary>A process that has not looked takes the other's tick for missed, and sees it later.</summary>
    [Fact]
    public async Task Collect_ATickOfAnotherProcessThatWasNotSeen_IsNoGapBehindTheNextLook()
    {
        var (one, other) = (await place.StartAsync(), await place.StartAsync());
        await one.Collect.RunAsync(default);
        place.Step();
        await other.Collect.RefreshAsync(default);
        await other.Collect.RunAsync(default);
        place.Step();
        await one.Collect.RunAsync(default);
        Assert.StartsWith("0-2 open", one.Gaps(), StringComparison.Ordinal);
        await one.Collect.RefreshAsync(default);
        Assert.StartsWith("0-2 filled", one.Gaps(), StringComparison.Ordinal);
        Assert.Equal("2", one.Watermark());
    }

    /// <summary>Only the row in the ledger says how far a pull came; the one that a process has read may be from before the first.</summary>
    [Theory]
    [InlineData(PullMode.Range, false)]
    [InlineData(PullMode.RemoteRead, false)]
    [InlineData(PullMode.Auto, false)]
    [InlineData(PullMode.Federate, true)]
    public async Task Collect_TickOfAnotherProcessThatMayBeAPull_SaysNotHowFarItCame(PullMode mode, bool isComplete)
    {
        var (one, other) = (await place.StartAsync(), await place.StartAsync(pull: mode));
        await one.Collect.RunAsync(default);
        await other.Collect.RefreshAsync(default);
        var memory = other.Ledger.Of(GapPlace.Source);
        Assert.Equal((place.NowMs, isComplete ? place.NowMs : 0), (memory.LastTickMs, memory.CompleteUntilMs));
    }

    [Fact]
    public async Task Collect_ASourceThatWasNotConfigured_HasNoGap()
    {
        var process = await place.StartAsync();
        await process.Collect.RunAsync(default);
        var target = process.Collect.TargetsOf(GapPlace.Source)[0];
        process.Collect.Configure([]);
        place.Step(4);
        await process.Collect.RefreshAsync(default);
        Assert.Equal(1, await process.Collect.RunAsync(default));
        Assert.True(process.Ledger.Of(GapPlace.Source).IsEnded);
        place.Step(20);
        process.Collect.Configure([target]);
        await process.Collect.RunAsync(default);
        Assert.Equal(("", "24"), (process.Gaps(), process.Watermark()));
    }

    [Fact]
    public async Task Collect_BackfillInTheLog_IsNoSource()
    {
        var process = await place.StartAsync();
        await process.Collect.RunAsync(default);
        place.Step(10);
        await process.Collect.RunAsync(default);
        await process.Backfill.RunAsync(TimeSpan.FromMinutes(1), default);
        var next = await place.StartAsync();
        place.Step(100);
        // Ten steps later something that left would be ended.
        Assert.Equal(1, await next.Collect.RunAsync(default));
        Assert.Equal(GapPlace.Source, Assert.Single(next.Collect.Totals()).Source);
        Assert.Single(next.Ledger.All);
    }

    [Fact]
    public async Task Collect_ConstantLabels_AreThoseOfTheLastCompleteBody()
    {
        var process = await place.StartAsync();
        place.Answer = () => "m{cluster=\"eu\",a=\"1\"} 1\nm{cluster=\"eu\",a=\"2\"} 1\n";
        await process.Collect.RunAsync(default);
        var labels = process.Ledger.Of(GapPlace.Source).ConstantLabels;
        Assert.Equal(("eu", null), (labels.Get("cluster"), labels.Get("a")));
        Assert.Equal(labels, (await place.StartAsync()).Ledger.Of(GapPlace.Source).ConstantLabels);
    }
}
