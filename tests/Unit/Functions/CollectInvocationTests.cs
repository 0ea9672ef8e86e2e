using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Jobs;

namespace Tributary.Tests.Unit.Functions;

public sealed class CollectInvocationTests
{
    private const string Stored = "1 of 1 targets were due and are stored";
    private const string NothingDue = "0 of 1 targets were due and are stored";

    [Fact]
    public async Task Run_SteadyState_TakesThreeOperationsOfTheStore()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (_, collect, _) = place.Start();
        // Configuration: look, length, text. Log: list, create, append.
        Assert.Equal((6, Stored), await RunAsync(place, collect));
        for (var minute = 0; minute < 5; minute++)
        {
            place.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((3, Stored), await RunAsync(place, collect));
        }
        // Not due: one look into the log, and the configuration is young.
        place.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1, NothingDue), await RunAsync(place, collect));
        // An hour later: a new file, because the one before was idle.
        place.Time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal((4, Stored), await RunAsync(place, collect));
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
