using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

public sealed class CollectJobTests
{
    private readonly CollectPlace place = new();

    [Fact]
    public async Task Run_TenSourcesOfATick_IsOneAppend()
    {
        var (job, _) = place.Start([.. Enumerable.Range(0, 10).Select(i => $"host{i}")]);
        for (var tick = 0; tick < 3; tick++)
        {
            var before = place.Blobs.Operations.Total;
            Assert.Equal(10, await job.RunAsync(default));
            Assert.Equal(tick == 0 ? 2 : 1, place.Blobs.Operations.Total - before);
            place.Step();
        }
    }

    [Fact]
    public async Task Run_OverdueTicks_CollapseIntoTheLast()
    {
        var (job, recent) = place.Start("a");
        Assert.Equal(1, await job.RunAsync(default));
        Assert.Equal(0, await job.RunAsync(default));
        place.Step(10);
        Assert.Equal(1, await job.RunAsync(default));
        Assert.Equal(0, await job.RunAsync(default));
        var ticks = Enumerable
            .Range(0, 11)
            .Where(k => recent.Has("job/a/0", LogBatches.NoonMs + (k * CollectPlace.StepMs)));
        Assert.Equal([0, 10], ticks);
        Assert.Equal(place.NowMs + CollectPlace.StepMs, job.NextDueMs(place.NowMs));
        Assert.Null(place.Start().Job.NextDueMs(place.NowMs));
    }

    /// <summary>Of an interval of 15 s the time ahead is less than the 10 s that are allowed here.</summary>
    [Theory]
    [InlineData(13_499, 0)]
    [InlineData(13_500, 1)]
    public async Task Run_ALittleBeforeATick_TakesItOnlyWithinATenthOfItsInterval(int afterMs, int expected)
    {
        var (job, _) = place.Start(TimeSpan.FromSeconds(10), "a");
        await job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromMilliseconds(afterMs));
        Assert.Equal(expected, await job.RunAsync(default));
    }

    [Fact]
    public async Task Run_ATickThatAnotherProcessTook_IsNotScrapedAgain()
    {
        var (first, second) = (place.Start("a").Job, place.Start("a").Job);
        await first.RunAsync(default);
        await second.RefreshAsync(default);
        Assert.Equal(0, await second.RunAsync(default));
        Assert.Equal(["a"], place.Asked);
        Assert.Equal("up", Assert.Single(second.Targets()).Health);
        place.Step();
        Assert.Equal(1, await second.RunAsync(default));
    }

    [Fact]
    public async Task Run_ASlowSource_HoldsUpTheOthersForTheGraceTimeOnly()
    {
        var (job, recent) = place.Start("fast", "slow");
        var slow = new TaskCompletionSource<string>();
        place.Answer = (host, _) => host is "slow" ? slow.Task : Task.FromResult("m 1\n");
        var pass = job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("", place.Alive(recent));
        place.Time.Advance(TimeSpan.FromMilliseconds(1));
        await CollectPlace.UntilAsync(() => place.Alive(recent) is "fast");
        Assert.False(pass.IsCompleted);
        slow.SetResult("m 2\n");
        Assert.Equal(2, await pass);
        Assert.Equal("fast slow", place.Alive(recent));
    }

    [Fact]
    public async Task Run_ASourceTakenByALaterPass_IsNotFreedByAnEarlierOne()
    {
        var (job, recent) = place.Start("fast", "slow");
        var (slow, hanging) = (new TaskCompletionSource<string>(), new TaskCompletionSource<string>());
        place.Answer = (host, _) => host is "slow" ? slow.Task : Task.FromResult("m 1\n");
        var first = job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromSeconds(1));
        await CollectPlace.UntilAsync(() => place.Alive(recent) is "fast");
        place.Answer = (_, _) => hanging.Task;
        place.Step();
        var second = job.RunAsync(default);
        slow.SetResult("m 1\n");
        Assert.Equal(2, await first);
        place.Step();
        var third = job.RunAsync(default);
        Assert.Equal(["fast", "slow", "fast", "slow"], place.Asked);
        hanging.SetResult("m 1\n");
        Assert.Equal((1, 1), (await second, await third));
    }

    [Fact]
    public async Task Run_TheStoreRefuses_ThrowsAtTheEnd_AndKeepsWhatCameLater()
    {
        var (job, recent) = place.Start("fast", "slow");
        var slow = new TaskCompletionSource<string>();
        place.Answer = (host, _) => host is "slow" ? slow.Task : Task.FromResult("m 1\n");
        var refusals = 0;
        place.Blobs.OnCall = (_, _, _) =>
        {
            refusals++;
            throw ScriptedBlobs.Error(StoreError.Unusable);
        };
        var pass = job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromSeconds(1));
        await CollectPlace.UntilAsync(() => refusals > 0);
        place.Blobs.OnCall = (_, _, effect) => effect();
        place.Step();
        // The slow source is still being scraped: only the other is free, and its lost tick is over.
        while (
            await job.RunAsync(default).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken) == 0
        )
        {
            await Task.Yield();
        }
        Assert.Equal(["fast", "slow", "fast"], place.Asked);
        slow.SetResult("m 1\n");
        Assert.Equal(StoreError.Unusable, (await Assert.ThrowsAsync<StoreException>(() => pass)).Error);
        Assert.Equal("fast slow", place.Alive(recent));
        place.Step();
        Assert.Equal(2, await job.RunAsync(default));
    }

    [Fact]
    public async Task Run_Cancelled_FreesItsSources()
    {
        var (job, _) = place.Start("a", "b");
        place.Answer = async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return "";
        };
        using var cancel = new CancellationTokenSource();
        var pass = job.RunAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pass);
        place.Answer = (_, _) => Task.FromResult("m 1\n");
        Assert.Equal(2, await job.RunAsync(default));
    }

    [Fact]
    public async Task Run_ASourceThatLeft_GetsMarkersAfterTwoMissedTicks()
    {
        var (job, recent) = place.Start("a", "b");
        await job.LoadAsync(default);
        for (var tick = 0; tick < 2; tick++)
        {
            await job.RunAsync(default);
            place.Step();
        }
        job.Configure([CollectPlace.Source("b")]);
        foreach (var (expected, alive) in new[] { (1, "a b"), (1, "a b"), (2, "b"), (1, "b") })
        {
            await job.RefreshAsync(default);
            Assert.Equal(expected, await job.RunAsync(default));
            Assert.Equal((alive, alive), (place.Alive(recent), place.Alive(recent, "up")));
            place.Step();
        }
    }

    [Fact]
    public async Task Run_ATargetWithAnotherUrl_GoesOnWithoutMarkers()
    {
        var (job, recent) = place.Start("a", "b");
        await job.LoadAsync(default);
        place.Answer = (host, _) => Task.FromResult(host is "a" ? "only_at_first 1\nm 1\n" : "m 1\n");
        await job.RunAsync(default);
        place.Step();
        // Another parameter, as another match[], makes another source of it.
        place.Answer = (_, _) => Task.FromResult("m 1\n");
        job.Configure([CollectPlace.Source("a") with { Source = "job/a/1" }, CollectPlace.Source("b")]);
        var appended = 0;
        for (var tick = 0; tick < 5; tick++)
        {
            await job.RefreshAsync(default);
            appended += await job.RunAsync(default);
            Assert.Equal(("a b", "a b"), (place.Alive(recent), place.Alive(recent, "up")));
            place.Step();
        }
        Assert.Equal(11, appended);
        Assert.Equal("", place.Alive(recent, "only_at_first"));
    }

    [Fact]
    public async Task Run_AScrapeThatBreaks_LosesNoBatchOfTheOthers()
    {
        var (job, recent) = place.Start("a", "broken", "late");
        var late = new TaskCompletionSource<string>();
        place.Answer = (host, _) =>
            host switch
            {
                "broken" => throw new InvalidOperationException("a bug"),
                "late" => late.Task,
                _ => Task.FromResult("m 1\n"),
            };
        var pass = job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromSeconds(1));
        await CollectPlace.UntilAsync(() => place.Alive(recent) is "a");
        late.SetResult("m 1\n");
        await Assert.ThrowsAsync<InvalidOperationException>(() => pass);
        Assert.Equal("a late", place.Alive(recent));
        place.Answer = (_, _) => Task.FromResult("m 1\n");
        place.Step();
        Assert.Equal(3, await job.RunAsync(default));
    }

    [Fact]
    public async Task Run_ASourceThatAnotherProcessTakesUpAgain_GetsNoMarkersWhenItsFirstGapIsShort()
    {
        var (mine, theirs) = (place.Start("a"), place.Start("a", "b"));
        await mine.Job.LoadAsync(default);
        await theirs.Job.LoadAsync(default);
        await theirs.Job.RunAsync(default);
        theirs.Job.Configure([CollectPlace.Source("a")]);
        place.Time.Advance(TimeSpan.FromSeconds(57));
        await theirs.Job.RefreshAsync(default);
        Assert.Equal(2, await theirs.Job.RunAsync(default));
        // Three seconds behind its markers.
        theirs.Job.Configure([CollectPlace.Source("a"), CollectPlace.Source("b")]);
        place.Time.Advance(TimeSpan.FromSeconds(3));
        await theirs.Job.RunAsync(default);
        place.Time.Advance(TimeSpan.FromSeconds(14));
        await mine.Job.RefreshAsync(default);
        await mine.Job.RunAsync(default);
        Assert.Equal("a b", place.Alive(mine.Recent));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_ASourceOfAnotherProcess_GetsNoMarkersWhileThatLives(int batches)
    {
        var (mine, theirs) = (place.Start("a"), place.Start("b"));
        await mine.Job.LoadAsync(default);
        for (var tick = 0; tick < batches; tick++)
        {
            place.Step();
            await theirs.Job.RunAsync(default);
        }
        // What the others did since was not looked at: that is no sign that they did nothing.
        await mine.Job.RefreshAsync(default);
        for (var tick = 0; tick < 5; tick++)
        {
            place.Step();
            Assert.Equal(1, await mine.Job.RunAsync(default));
            await theirs.Job.RunAsync(default);
        }
        await mine.Job.RefreshAsync(default);
        Assert.Equal(0, await mine.Job.RunAsync(default));
        Assert.Equal("a b", place.Alive(mine.Recent));
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "a")]
    public async Task Run_AfterARestart_MarksWhatEndedOnlyWhenTheLogWasRead(bool isLoaded, string alive)
    {
        await place.Start("a").Job.RunAsync(default);
        place.Step();
        var (job, recent) = place.Start("a");
        if (isLoaded)
        {
            await job.LoadAsync(default);
        }
        else
        {
            await job.RefreshAsync(default);
        }
        place.Answer = (_, _) => Task.FromResult("n 1\n");
        for (var tick = 0; tick < 2; tick++)
        {
            // The first body without the last one's last series is suspect; the second that ends like it is not.
            Assert.Equal(1, await job.RunAsync(default));
            place.Step();
        }
        Assert.Equal(alive, place.Alive(recent));
        Assert.Equal("a", place.Alive(recent, "n"));
    }

    [Fact]
    public async Task Totals_CountWhatThisProcessDid()
    {
        var (job, _) = place.Start("a");
        await job.RunAsync(default);
        place.Step();
        place.Answer = (_, _) => Task.FromResult("m x\n");
        await job.RunAsync(default);
        var totals = Assert.Single(job.Totals());
        Assert.Equal([1L, 0, 0, 1], totals.Scrapes);
        Assert.Equal((1, 8), (totals.Samples, totals.BodyBytes));
        var other = place.Start("a").Job;
        await other.LoadAsync(default);
        Assert.Equal([0L, 0, 0, 0], Assert.Single(other.Totals()).Scrapes);
        var status = Assert.Single(other.Targets());
        Assert.Equal(("down", Verdict.Failed, 1), (status.Health, status.Report!.Verdict, status.Series));
    }
}
