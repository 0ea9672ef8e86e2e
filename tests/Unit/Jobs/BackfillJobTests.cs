using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Gaps are filled oldest first, in steps, once; what cannot be filled stays with its reason.</summary>
public sealed class BackfillJobTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly GapPlace place = new();

    [Fact]
    public async Task Run_AfterAnOutage_StoresEverySampleOnce()
    {
        var process = await OutageAsync(120);
        var result = await process.Backfill.RunAsync(Long, default);
        // Half an hour from noon on, in steps that end at multiples of five minutes.
        Assert.Equal((6, 360L), (result.Steps, result.Samples));
        Assert.Equal("0-120 filled", process.Gaps().Split(':')[0]);
        Assert.Equal("120", process.Watermark());
        await AssertWholeAsync(LogBatches.NoonMs, LogBatches.NoonMs + (120 * GapPlace.StepMs));
        Assert.Equal("0-120 filled", (await place.StartAsync()).Gaps().Split(':')[0]);
    }

    [Fact]
    public async Task Run_Again_ChangesNothing()
    {
        var process = await OutageAsync(120);
        await process.Backfill.RunAsync(Long, default);
        var (calls, commits, pulls) = (place.Blobs.Calls.Count, place.Tables.Commits.Count, place.Pulled.Count);
        Assert.False(process.Backfill.IsDue);
        Assert.Equal(0, (await process.Backfill.RunAsync(Long, default)).Steps);
        Assert.Equal(
            (calls, commits, pulls),
            (place.Blobs.Calls.Count, place.Tables.Commits.Count, place.Pulled.Count)
        );
    }

    [Fact]
    public async Task Run_OutOfTime_GoesOnInTheNextRun()
    {
        var process = await OutageAsync(120);
        place.Pull = (range, memory) =>
        {
            place.Time.Advance(TimeSpan.FromSeconds(2));
            return GapPlace.History(range, memory);
        };
        Assert.Equal(2, (await process.Backfill.RunAsync(TimeSpan.FromSeconds(3), default)).Steps);
        Assert.Equal("0-40 filled", process.Gaps().Split(':')[0]);
        Assert.Equal("40", process.Watermark());
        Assert.Equal(4, (await process.Backfill.RunAsync(Long, default)).Steps);
        Assert.Equal(6, place.Pulled.Distinct().Count());
    }

    [Fact]
    public async Task Run_KilledBetweenAppendAndSave_TheNextChangesNothing()
    {
        var process = await OutageAsync(40);
        place.Tables.OnCommit = _ => throw ScriptedBlobs.Error(StoreError.Denied);
        await Assert.ThrowsAsync<StoreException>(() => process.Backfill.RunAsync(Long, default));
        place.Tables.OnCommit = effect => effect();
        var before = await place.StoredAsync();
        var next = await place.StartAsync();
        Assert.StartsWith("0-40 open", next.Gaps(), StringComparison.Ordinal);
        var appends = place.Blobs.Calls.Count(call => call.StartsWith("append", StringComparison.Ordinal));
        await next.Backfill.RunAsync(Long, default);
        Assert.Equal(appends, place.Blobs.Calls.Count(call => call.StartsWith("append", StringComparison.Ordinal)));
        Assert.Equal(before, await place.StoredAsync());
        Assert.StartsWith("0-40 filled", next.Gaps(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TwoProcessesAtOnce_StoreTheSame()
    {
        var one = await OutageAsync(60);
        var other = await place.StartAsync();
        var states = new List<string>();
        place.Pull = (range, memory) =>
        {
            // The other one fills the same gap while this one's pull is under way.
            if (states.Count == 0)
            {
                states.Add("");
                other.Backfill.RunAsync(Long, default).GetAwaiter().GetResult();
            }
            return GapPlace.History(range, memory);
        };
        await one.Backfill.RunAsync(Long, default);
        await AssertWholeAsync(LogBatches.NoonMs, LogBatches.NoonMs + (60 * GapPlace.StepMs));
        foreach (var process in new[] { one, other, await place.StartAsync() })
        {
            Assert.StartsWith("0-60 filled", process.Gaps(), StringComparison.Ordinal);
        }
    }

    /// <summary>What is older than max_age is given up, and the rest is filled; the smaller of both ages counts.</summary>
    [Theory]
    [InlineData(60, 360, "max_age (1h)")]
    [InlineData(360, 60, "out_of_order_time_window (1h)")]
    public async Task Run_OldGaps_AreGivenUpUpToTheAge(int maxAgeMinutes, int windowMinutes, string why)
    {
        var process = await OutageAsync(4 * 90);
        process.Backfill.Options = new BackfillOptions(
            TimeSpan.FromMinutes(maxAgeMinutes),
            TimeSpan.FromMinutes(windowMinutes),
            null
        );
        await process.Backfill.RunAsync(Long, default);
        Assert.Equal(
            ["0-120 given up", "120-360 filled"],
            process.Gaps().Split('\n').Select(line => line.Split(':')[0])
        );
        Assert.Contains(why, process.Ledger.GapsOf(GapPlace.Source).All[0].Note, StringComparison.Ordinal);
        Assert.Equal("360", process.Watermark());
    }

    [Fact]
    public async Task Run_ASourceWithoutAWay_IsGivenUpWithTheReason()
    {
        var process = await OutageAsync(40);
        place.Pull = (range, memory) =>
            new PulledRange(GapPlace.Nothing, GapPlace.Nothing, range.MinMs, memory) { Unfillable = "no API" };
        Assert.Equal(1, (await process.Backfill.RunAsync(Long, default)).GivenUp);
        Assert.StartsWith("0-40 given up", process.Gaps(), StringComparison.Ordinal);
        Assert.Equal("no API", process.Ledger.GapsOf(GapPlace.Source).All[0].Note);
        Assert.Equal("40", process.Watermark());
        Assert.False(process.Backfill.IsDue);
    }

    [Fact]
    public async Task Run_ASourceThatFails_IsLeftAloneForLongerAndLonger()
    {
        var process = await OutageAsync(40);
        place.Pull = (range, memory) =>
            new PulledRange(GapPlace.Nothing, GapPlace.Nothing, range.MinMs, memory) { Error = "timeout" };
        var result = await process.Backfill.RunAsync(Long, default);
        Assert.Equal(["job/a/0: timeout"], result.Problems);
        for (var minute = 0; minute < 60; minute++)
        {
            place.Time.Advance(TimeSpan.FromMinutes(1));
            await process.Backfill.RunAsync(Long, default);
        }
        // 30 s, 1, 2, 4, 8, 15 minutes, …
        Assert.InRange(place.Pulled.Count, 6, 9);
        Assert.StartsWith("0-40 open", process.Gaps(), StringComparison.Ordinal);
        place.Pull = null;
        place.Time.Advance(TimeSpan.FromMinutes(15));
        await process.Backfill.RunAsync(Long, default);
        Assert.StartsWith("0-40 filled", process.Gaps(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ASourceThatWantsPauses_GetsThem()
    {
        var process = await OutageAsync(40);
        var notBeforeMs = 0L;
        place.Pull = (range, memory) =>
        {
            if (notBeforeMs > place.NowMs)
            {
                Assert.Fail("it was asked in its pause");
            }
            notBeforeMs = place.NowMs + 2000;
            return GapPlace.History(range, memory) with { NotBeforeMs = notBeforeMs };
        };
        var running = process.Backfill.RunAsync(Long, default);
        for (var second = 0; second < 100 && !running.IsCompleted; second++)
        {
            place.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await CollectPlace.UntilAsync(() =>
        {
            place.Time.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        });
        Assert.Equal(2, (await running).Steps);
    }

    [Fact]
    public async Task Run_AStepThatEndsAtTheLimit_GoesOnWhereItEnded()
    {
        var process = await OutageAsync(20);
        place.Pull = (range, memory) =>
            GapPlace.History(range, memory, Math.Min(range.MaxMs, range.MinMs + (4 * GapPlace.StepMs)));
        Assert.Equal(5, (await process.Backfill.RunAsync(Long, default)).Steps);
        await AssertWholeAsync(LogBatches.NoonMs, LogBatches.NoonMs + (20 * GapPlace.StepMs));
    }

    [Fact]
    public async Task RunRange_ExplicitAndBelowTheWatermark_StoresItAndAgainChangesNothing()
    {
        var process = await OutageAsync(1);
        var target = process.Collect.TargetsOf(GapPlace.Source)[0];
        var range = new TimeRange(LogBatches.NoonMs - 900_000, LogBatches.NoonMs - 1);
        var at = new List<long>();
        var first = await process.Backfill.RunAsync(target, range, at.Add, default);
        Assert.Equal((3, 0, 179L), (first.Steps, first.Known, first.Samples));
        Assert.Equal([range.MinMs + 300_000, range.MinMs + 600_000, range.MaxMs], at);
        await AssertWholeAsync(range.MinMs, range.MaxMs);
        var appends = place.Blobs.Calls.Count(call => call.StartsWith("append", StringComparison.Ordinal));
        var again = await (await place.StartAsync()).Backfill.RunAsync(target, range, null, default);
        Assert.Equal((0, 3, 0L), (again.Steps, again.Known, again.Samples));
        Assert.Equal(appends, place.Blobs.Calls.Count(call => call.StartsWith("append", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunRange_GivenUpGaps_AreFilled()
    {
        var process = await OutageAsync(40);
        process.Ledger.Raise(GapPlace.Source, 0, long.MaxValue, GapState.GivenUp, "too old");
        var target = process.Collect.TargetsOf(GapPlace.Source)[0];
        await process.Backfill.RunAsync(
            target,
            new TimeRange(LogBatches.NoonMs, LogBatches.NoonMs + (40 * GapPlace.StepMs)),
            null,
            default
        );
        Assert.StartsWith("0-40 filled", process.Gaps(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-25, -1, "longer ago than samples are kept here (1d)")]
    [InlineData(-1, 1, "is in the future")]
    public async Task RunRange_WhatIsNotKept_IsExplained(int fromHours, int toHours, string problem)
    {
        var process = await OutageAsync(1);
        process.Backfill.Options = process.Backfill.Options with { Retention = TimeSpan.FromDays(1) };
        var range = new TimeRange(place.NowMs + (fromHours * 3_600_000L), place.NowMs + (toHours * 3_600_000L));
        var target = process.Collect.TargetsOf(GapPlace.Source)[0];
        var refused = await Assert.ThrowsAsync<BackfillException>(() =>
            process.Backfill.RunAsync(target, range, null, default)
        );
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Empty(place.Pulled);
    }

    /// <summary>A process that has collected at noon, and again so many steps later.</summary>
    private async Task<GapProcess> OutageAsync(int steps)
    {
        var process = await place.StartAsync();
        await process.Collect.RunAsync(default);
        place.Step(steps);
        await process.Collect.RunAsync(default);
        return process;
    }

    private async Task AssertWholeAsync(long fromMs, long toMs)
    {
        var stored = (await place.StoredAsync()).Where(sample =>
            sample.TimestampMs > fromMs && sample.TimestampMs <= toMs
        );
        var expected = GapPlace
            .History(new TimeRange(fromMs, toMs), new SourceMemory("x"))
            .Samples.TimestampsMs.ToArray();
        Assert.Equal(expected, stored.Select(sample => sample.TimestampMs));
    }
}
