using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Ledger;

/// <summary>The rows of sources: when they are read and written, what two processes make of them, what is damaged.</summary>
public sealed class SourceLedgerTests
{
    private const string A = "job/a/0";

    private readonly ManualTime time = new(LogBatches.NoonMs);
    private readonly ScriptedTables tables;

    public SourceLedgerTests() => tables = new ScriptedTables(new SimulatedStorage(time).ImmediateTables());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_Progress_IsOnceAMinuteForAllSources()
    {
        var ledger = await LoadAsync();
        for (var tick = 0; tick < 20; tick++)
        {
            for (var source = 0; source < 70; source++)
            {
                ledger.Note(Memory($"job/{source}/0", tick));
            }
            await ledger.SaveAsync(Token);
            time.Advance(TimeSpan.FromSeconds(15));
        }
        // 5 minutes: at once, and then each minute. The rows were fresh at first, later they are read before.
        Assert.Equal((5, 5), (tables.Commits.Count, tables.Queries));
        Assert.All(tables.Commits, commit => Assert.Equal(70, commit.Count));
    }

    [Fact]
    public async Task Save_ManySources_TakesATransactionPerHundredRows()
    {
        var ledger = await LoadAsync();
        for (var source = 0; source < 130; source++)
        {
            ledger.Note(Memory($"job/{source}/0", 1), [Gap(10, 20)], isOwn: true);
        }
        await ledger.SaveAsync(Token);
        Assert.Equal([100, 100, 60], tables.Commits.Select(commit => commit.Count));
        var other = await LoadAsync();
        Assert.Equal((130, 130), (other.All.Count, other.All.Sum(known => known.Gaps.OpenCount)));
    }

    [Fact]
    public async Task Save_GapsAndTheirFilling_IsAtOnce()
    {
        var ledger = await LoadAsync();
        ledger.Note(Memory(A, 1));
        await ledger.SaveAsync(Token);
        ledger.Note(Memory(A, 2), [Gap(10, 20)], isOwn: true);
        await ledger.SaveAsync(Token);
        ledger.Raise(A, 10, 15, GapState.Filled, "");
        await ledger.SaveAsync(Token);
        ledger.Raise(A, 10, 15, GapState.Filled, "");
        ledger.Note(Memory(A, 3), [Gap(10, 20)], isOwn: true);
        await ledger.SaveAsync(Token);
        Assert.Equal(3, tables.Commits.Count);
        Assert.Equal("10-15 Filled, 15-20 Open", Text(await LoadAsync()));
    }

    [Fact]
    public async Task Save_TwoProcesses_BothFindTheSameGap_IsOneAndTheFurtherCounts()
    {
        var (one, other) = (await LoadAsync(), await LoadAsync());
        one.Note(Memory(A, 5) with { Pull = new PullMemory { CursorMs = 500 } }, [Gap(10, 20)], isOwn: true);
        other.Note(Memory(A, 4) with { Pull = new PullMemory { CursorMs = 900 } }, [Gap(10, 30)], isOwn: true);
        await one.SaveAsync(Token);
        one.Raise(A, 10, 20, GapState.Filled, "");
        await one.SaveAsync(Token);
        // Its row was inserted by the other meanwhile: read again and merged.
        await other.SaveAsync(Token);
        foreach (var ledger in new[] { other, await LoadAsync() })
        {
            Assert.Equal("10-20 Filled, 20-30 Open", Text(ledger));
            Assert.Equal(
                (5_000, 5_000, 900),
                (ledger.Of(A).LastTickMs, ledger.Of(A).CompleteUntilMs, ledger.Of(A).Pull.CursorMs)
            );
        }
    }

    [Fact]
    public async Task Save_RowsThatChangeAllTheTime_IsTriedAgainABoundedNumberOfTimes()
    {
        var ledger = await LoadAsync();
        ledger.Note(Memory(A, 1));
        tables.OnCommit = _ => throw ScriptedBlobs.Error(StoreError.ConditionNotMet);
        await Assert.ThrowsAsync<StoreException>(() => ledger.SaveAsync(Token));
        Assert.InRange(tables.Commits.Count, 2, 20);
        tables.OnCommit = effect => effect();
        await ledger.SaveAsync(Token);
        Assert.Equal(1_000, (await LoadAsync()).Of(A).LastTickMs);
    }

    /// <summary>The second try of a commit that was in finds its own rows.</summary>
    [Fact]
    public async Task Save_OutcomeNotKnown_IsTriedAgain()
    {
        var ledger = await LoadAsync();
        ledger.Note(Memory(A, 1), [Gap(10, 20)], isOwn: true);
        var lost = 0;
        tables.OnCommit = async effect =>
        {
            await effect();
            if (lost++ == 0)
            {
                throw ScriptedBlobs.Error(StoreError.Unknown);
            }
        };
        var saving = ledger.SaveAsync(Token);
        time.Advance(TimeSpan.FromSeconds(1));
        await saving.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var commits = tables.Commits.Count;
        await ledger.SaveAsync(Token);
        Assert.Equal(commits, tables.Commits.Count);
        Assert.Equal("10-20 Open", Text(await LoadAsync()));
    }

    [Fact]
    public async Task Save_Refused_LosesNothing()
    {
        var ledger = await LoadAsync();
        ledger.Note(Memory(A, 1), [Gap(10, 20)], isOwn: true);
        tables.OnCommit = _ => throw ScriptedBlobs.Error(StoreError.Denied);
        Assert.Equal(
            StoreError.Denied,
            (await Assert.ThrowsAsync<StoreException>(() => ledger.SaveAsync(Token))).Error
        );
        tables.OnCommit = effect => effect();
        await ledger.SaveAsync(Token);
        Assert.Equal("10-20 Open", Text(await LoadAsync()));
    }

    [Theory]
    [InlineData(new byte[] { }, "bytes")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6 }, "checksum")]
    [InlineData(null, "no binary property")]
    public async Task Load_RowsThatCannotBeRead_AreNamedAndBegunAnew(byte[]? bytes, string problem)
    {
        var first = await LoadAsync();
        first.Note(Memory(A, 1), [Gap(10, 20)], isOwn: true);
        first.Note(Memory("job/b/0", 1));
        await first.SaveAsync(Token);
        Dictionary<string, object> properties = bytes is null ? new() { ["x"] = 1L } : new() { ["r"] = bytes };
        foreach (
            var row in tables
                .Commits[0]
                .Select(write => write.Row)
                .Where(row => row.StartsWith(RowOf(A), StringComparison.Ordinal))
        )
        {
            await tables.CommitAsync(
                "sources",
                "memory",
                [new TableWrite(TableAction.Replace, row, properties)],
                Token
            );
        }
        var ledger = await LoadAsync();
        Assert.Equal(2, ledger.Problems.Count);
        Assert.All(ledger.Problems, text => Assert.Contains(problem, text, StringComparison.Ordinal));
        Assert.Equal((0, 1_000), (ledger.Of(A).LastTickMs, ledger.Of("job/b/0").LastTickMs));
        ledger.Note(Memory(A, 7), [Gap(60, 70)], isOwn: true);
        await ledger.SaveAsync(Token);
        var next = await LoadAsync();
        Assert.Equal((7_000, 0), (next.Of(A).LastTickMs, next.Problems.Count));
        Assert.Equal("60-70 Open", Text(next));
    }

    [Fact]
    public async Task Load_Refused_IsAProblemUntilItCouldBeRead()
    {
        var ledger = new SourceLedger(tables, time);
        tables.OnQuery = () => throw ScriptedBlobs.Error(StoreError.Denied);
        await ledger.TryLoadAsync(Token);
        Assert.False(ledger.IsLoaded);
        Assert.Contains("scripted: Denied", Assert.Single(ledger.Problems), StringComparison.Ordinal);
        tables.OnQuery = () => { };
        await ledger.TryLoadAsync(Token);
        Assert.True(ledger.IsLoaded);
        Assert.Empty(ledger.Problems);
    }

    [Fact]
    public async Task Save_SourcesThatAreGoneForLongerThanTheRetention_LeaveTheTable()
    {
        var old = await LoadAsync();
        old.Note(Memory(A, 1), [Gap(10, 20)], isOwn: true);
        await old.SaveAsync(Token);
        var ledger = await LoadAsync();
        ledger.Retention = TimeSpan.FromDays(1);
        foreach (var (hours, expected) in new[] { (1, 2), (23, 2), (1, 2), (24, 1) })
        {
            time.Advance(TimeSpan.FromHours(hours));
            ledger.Note(Memory("job/b/0", 10 + (int)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalHours));
            await ledger.SaveAsync(Token);
            // By the rows as they were before the save.
            Assert.Equal(expected, (await LoadAsync()).All.Count);
        }
    }

    [Fact]
    public void Watermark_StopsAtTheOldestGapThatIsToBeFilled()
    {
        var ledger = new SourceLedger(tables, time);
        Assert.Equal(0, ledger.WatermarkOf(A));
        ledger.Note(Memory(A, 100), [Gap(30_000, 40_000), Gap(10_000, 20_000)], isOwn: true);
        Assert.Equal(10_000, ledger.WatermarkOf(A));
        ledger.Raise(A, 10_000, 20_000, GapState.Filled, "");
        Assert.Equal(30_000, ledger.WatermarkOf(A));
        ledger.Raise(A, 30_000, 40_000, GapState.GivenUp, "too old");
        Assert.Equal(100_000, ledger.WatermarkOf(A));
    }

    private static string RowOf(string source) => LedgerRows.RowOf(source);

    private static SourceMemory Memory(string source, int tick) =>
        new(source)
        {
            Job = "job",
            LastTickMs = 1000L * tick,
            LastVerdict = Verdict.Complete,
            CompleteUntilMs = 1000L * tick,
            IntervalMs = 15_000,
        };

    private static SourceGap Gap(long fromMs, long toMs) => new(fromMs, toMs, GapState.Open, "nobody collected then");

    private static string Text(SourceLedger ledger) =>
        string.Join(", ", ledger.GapsOf(A).All.Select(gap => $"{gap.FromMs}-{gap.ToMs} {gap.State}"));

    private async Task<SourceLedger> LoadAsync()
    {
        var queries = tables.Queries;
        // The gaps of these tests are from the first seconds of 1970.
        var ledger = new SourceLedger(tables, time) { Retention = TimeSpan.FromDays(365 * 100) };
        await ledger.LoadAsync(Token);
        Assert.Equal(queries + 1, tables.Queries);
        return ledger;
    }
}
