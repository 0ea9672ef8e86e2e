using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Head;

public sealed class RecentLogTests
{
    private static readonly TimeRange Always = new(long.MinValue, long.MaxValue);

    private readonly LogPlace place = new();
    private readonly List<Batch> told = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Load_TheRecentFirst_ThenHistory_EqualsEverythingAtOnce(int seed)
    {
        var writers = new[] { place.NewWriter(), place.NewWriter(maxAppends: 7) };
        foreach (var batch in LogBatches.Sequence(new Random(seed), "a", 60, 20, 30_000))
        {
            await writers[(int)(batch.TickMs / 30_000 % 2)].AppendAsync([batch], default);
        }
        place.Time.Advance(TimeSpan.FromMinutes(30));
        var log = Reader();
        await log.LoadAsync(told.Add, default);
        var nowMs = place.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var recentMs = nowMs - (long)RecentLog.Lookback.TotalMilliseconds;
        var whole = await ReadWholeAsync();
        Assert.Equal(Text(whole, new TimeRange(recentMs, nowMs)), Text(log, new TimeRange(recentMs, nowMs)));
        Assert.NotEqual(Text(whole, Always), Text(log, Always));
        Assert.Equal(told.Select(batch => batch.TickMs).Order(), told.Select(batch => batch.TickMs));
        Assert.InRange(told.Count, 8, 30);
        log.LoadHistory();
        Assert.Equal(Text(whole, Always), Text(log, Always));
        Assert.Equal(whole.Counts.Samples, log.Counts.Samples);
        log.LoadHistory();
        Assert.Equal(whole.Counts.Samples, log.Counts.Samples);
    }

    [Fact]
    public async Task Refresh_AnotherWritersAppends_ComeOnce_AndOwnOnesAreNotRead()
    {
        var (own, other) = (place.NewWriter(), place.NewWriter());
        var log = Reader(own);
        await log.LoadAsync(told.Add, default);
        for (var tick = 0; tick < 4; tick++)
        {
            log.Apply(await own.AppendAsync([Batch("own", tick)], default));
            await other.AppendAsync([Batch("other", tick)], default);
            await log.RefreshAsync(told.Add, default);
            Assert.True(log.Has("own", Tick(tick)) && log.Has("other", Tick(tick)));
        }
        Assert.Equal(Enumerable.Range(0, 4).Select(Tick), told.Select(batch => batch.TickMs));
        Assert.All(told, batch => Assert.Equal("other", batch.Source));
        Assert.Equal((16, 0), (log.Counts.Samples, log.Counts.Conflicts));
        var reads = place.Blobs.Calls.Where(call => call.StartsWith("read", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, reads.Count);
        Assert.All(reads, call => Assert.False(own.IsOwn(Name(call.Split(' ')[1]))));
        await AssertWholeAsync(log);
    }

    [Fact]
    public async Task Refresh_ABetterBatchOfTheSameTick_ReplacesTheAppliedOneWhole()
    {
        var (other, own) = (place.NewWriter(), place.NewWriter());
        var log = Reader(own);
        log.Apply(await own.AppendAsync([Batch("a", 0, "ours", 9), Batch("b", 0)], default));
        Assert.Contains("ours", Text(log, Always), StringComparison.Ordinal);
        await other.AppendAsync([Batch("a", 0, "theirs", 1), Batch("c", 0)], default);
        await log.RefreshAsync(told.Add, default);
        Assert.Contains("theirs", Text(log, Always), StringComparison.Ordinal);
        Assert.DoesNotContain("ours", Text(log, Always), StringComparison.Ordinal);
        // Who keeps states by source has to hear of them, whatever else had to be read anew.
        Assert.Equal(["a", "c"], told.Select(batch => batch.Source).Order());
        Assert.Equal(1, log.BatchConflicts);
        log.Apply(await own.AppendAsync([Batch("a", 1, "ours", 9)], default));
        await AssertWholeAsync(log);
    }

    [Fact]
    public async Task Refresh_OwnBatchLosesLater_IsRebuiltWithoutIt()
    {
        var (other, own) = (place.NewWriter(), place.NewWriter());
        var log = Reader(own);
        await other.AppendAsync([Batch("a", 0, "theirs", 1)], default);
        log.Apply(await own.AppendAsync([Batch("a", 0, "ours", 9)], default));
        await log.RefreshAsync(told.Add, default);
        Assert.DoesNotContain("ours", Text(log, Always), StringComparison.Ordinal);
        await AssertWholeAsync(log);
    }

    [Fact]
    public async Task Refresh_AppendsWhileAllIsReadAnew_AreNotLost()
    {
        var (other, own) = (place.NewWriter(), place.NewWriter());
        var log = Reader(own);
        log.Apply(await own.AppendAsync([Batch("a", 0, "ours", 9)], default));
        await other.AppendAsync([Batch("a", 0, "theirs", 1)], default);
        var meanwhile = 0;
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            await effect();
            if (operation is "read" && meanwhile++ is > 0 and < 5)
            {
                log.Apply(await own.AppendAsync([Batch("a", meanwhile)], default));
            }
        };
        await log.RefreshAsync(told.Add, default);
        Assert.True(meanwhile >= 5);
        await AssertWholeAsync(log);
    }

    [Fact]
    public async Task Refresh_ReadingAnewFails_GoesOnAndTriesAgain()
    {
        var (other, own) = (place.NewWriter(), place.NewWriter());
        var log = Reader(own);
        log.Apply(await own.AppendAsync([Batch("a", 0, "ours", 9)], default));
        await other.AppendAsync([Batch("a", 0, "theirs", 1)], default);
        place.Blobs.OnCall = (operation, name, effect) =>
            operation is "read" && own.IsOwn(Name(name)) ? throw ScriptedBlobs.Error(StoreError.Unknown) : effect();
        await Assert.ThrowsAsync<StoreException>(() => log.RefreshAsync(told.Add, default));
        log.Apply(await own.AppendAsync([Batch("a", 1, "fresh", 1)], default));
        Assert.Contains("fresh", Text(log, Always), StringComparison.Ordinal);
        place.Blobs.OnCall = (_, _, effect) => effect();
        await log.RefreshAsync(told.Add, default);
        Assert.Single(told);
        await AssertWholeAsync(log);
    }

    [Fact]
    public async Task Refresh_AWindowIsOver_ForgetsTheOneBeforeTheLast()
    {
        var own = place.NewWriter();
        var log = Reader(own);
        await log.LoadAsync(told.Add, default);
        log.Apply(await own.AppendAsync([Batch("a", -480, "old"), Batch("a", 0, "new")], default));
        await log.RefreshAsync(told.Add, default);
        Assert.Contains("old", Text(log, Always), StringComparison.Ordinal);
        place.Time.Advance(TimeSpan.FromMilliseconds(Window.LengthMs));
        await log.RefreshAsync(told.Add, default);
        Assert.DoesNotContain("old", Text(log, Always), StringComparison.Ordinal);
        Assert.Contains("new", Text(log, Always), StringComparison.Ordinal);
        Assert.Equal((false, true), (log.Has("a", Tick(-480)), log.Has("a", Tick(0))));
    }

    [Fact]
    public async Task Load_ADamagedFile_IsNamed_AndTheOthersAreServed()
    {
        var (damaged, good) = (place.NewWriter(), place.NewWriter());
        var name = Assert.Single(await damaged.AppendAsync([Batch("a", 0, "first")], default)).Home;
        var length = (await place.FilesAsync())[0].LengthBytes;
        await place.Plain.AppendAsync(name.ToString(), length, new byte[20], default);
        await good.AppendAsync([Batch("b", 0, "second")], default);
        var log = Reader();
        await log.LoadAsync(told.Add, default);
        Assert.Equal(name, Assert.Single(log.Problems).Key);
        Assert.Contains("first", Text(log, Always), StringComparison.Ordinal);
        Assert.Contains("second", Text(log, Always), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_TheReceiver_MayAskFromAnotherThread()
    {
        await place.NewWriter().AppendAsync([Batch("a", 0)], default);
        var log = Reader();
        var answered = false;
        await log.LoadAsync(
            batch =>
            {
                var asking = new Thread(() => log.Has(batch.Source, batch.TickMs));
                asking.Start();
                answered = asking.Join(TimeSpan.FromSeconds(10));
            },
            default
        );
        Assert.True(answered);
    }

    private RecentLog Reader(LogWriter? writer = null) => new(place.Blobs, new SeriesTable(), writer, place.Time);

    private async Task<RecentLog> ReadWholeAsync()
    {
        var log = new RecentLog(place.Plain, new SeriesTable(), null, place.Time);
        await log.LoadAsync(null, default);
        log.LoadHistory();
        return log;
    }

    private async Task AssertWholeAsync(RecentLog log) =>
        Assert.Equal(Text(await ReadWholeAsync(), Always), Text(log, Always));

    private static LogFileName Name(string blob) => LogFileName.TryParse(blob, out var name) ? name : default;

    private static string Text(RecentLog log, TimeRange range) =>
        string.Join(
            '\n',
            log.Select([new VectorSelector([new LabelMatcher("__name__", MatchOperator.Regex, ".+")])], range)
                .Select(series =>
                    $"{series.Labels} {string.Join(' ', series.Samples.Select(s => $"{s.TimestampMs}:{BitConverter.DoubleToUInt64Bits(s.Value):x}"))}"
                )
        );

    private static long Tick(int number) => LogBatches.NoonMs + (number * 15_000L);

    private static Batch Batch(string source, int tick, string name = "m", double value = 1) =>
        LogBatches.Of(
            source,
            Tick(tick),
            LogBatches.Columns((LabelSet.Of("__name__", name, "source", source), Tick(tick), value))
        );
}
