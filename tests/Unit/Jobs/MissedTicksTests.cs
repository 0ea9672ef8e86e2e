using Tributary.Discovery;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>What a report says of the ticks before it that have no batch.</summary>
public sealed class MissedTicksTests
{
    private readonly CollectPlace place = new();

    [Fact]
    public async Task Report_FirstBatchOrNextTick_HasNoGap()
    {
        var (job, _) = place.Start("a");
        await job.RunAsync(default);
        Assert.Null(MissedOf(job));
        place.Step();
        await job.RunAsync(default);
        Assert.Null(MissedOf(job));
    }

    [Fact]
    public async Task Report_NobodyCollected_SaysHowManyAndSinceWhen()
    {
        var (job, _) = place.Start("a");
        await job.RunAsync(default);
        var lastMs = place.NowMs;
        place.Step(4);
        await job.RunAsync(default);
        Assert.Equal(new MissedTicks(lastMs, 3, MissReason.NotCollected), MissedOf(job));
        Assert.Equal([3, 0, 0], job.Totals()[0].MissedTicks);
        place.Step();
        await job.RunAsync(default);
        Assert.Null(MissedOf(job));
        Assert.Equal([3, 0, 0], job.Totals()[0].MissedTicks);
    }

    /// <summary>Longer ago than the batches that a process takes into its state at its start.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(60)]
    public async Task Report_OfAnotherProcessLater_KnowsTheGapFromTheLog(int minutes)
    {
        var first = place.Start("a").Job;
        await first.RunAsync(default);
        var lastMs = place.NowMs;
        var steps = minutes * 4;
        place.Step(steps);
        var second = place.Start("a").Job;
        await second.LoadAsync(default);
        await second.RunAsync(default);
        Assert.Equal(new MissedTicks(lastMs, steps - 1, MissReason.NotCollected), MissedOf(second));
        var third = place.Start("a").Job;
        await third.LoadAsync(default);
        Assert.Equal(MissedOf(second), MissedOf(third));
    }

    [Fact]
    public async Task Report_TheStoreRefusedATick_SaysSo()
    {
        var (job, _) = place.Start("a");
        await job.RunAsync(default);
        var lastMs = place.NowMs;
        place.Step();
        place.Blobs.OnCall = (_, _, _) => throw ScriptedBlobs.Error(StoreError.Denied);
        await Assert.ThrowsAsync<StoreException>(() => job.RunAsync(default));
        place.Blobs.OnCall = (_, _, effect) => effect();
        place.Step();
        await job.RunAsync(default);
        Assert.Equal(new MissedTicks(lastMs, 1, MissReason.NotStored), MissedOf(job));
        place.Step(2);
        await job.RunAsync(default);
        Assert.Equal(MissReason.NotCollected, MissedOf(job)!.Reason);
    }

    [Fact]
    public async Task Report_AScrapeThatOutlastedTicks_SaysSo()
    {
        var (job, _) = place.Start("a");
        var slow = new TaskCompletionSource<string>();
        place.Answer = (_, _) => slow.Task;
        var pass = job.RunAsync(default);
        var lastMs = place.NowMs;
        await CollectPlace.UntilAsync(() => place.Asked.Count == 1);
        place.Time.Advance(TimeSpan.FromMilliseconds(2.5 * CollectPlace.StepMs));
        slow.SetResult("m 1\n");
        await pass;
        place.Time.Advance(TimeSpan.FromMilliseconds(0.5 * CollectPlace.StepMs));
        await job.RunAsync(default);
        Assert.Equal(new MissedTicks(lastMs, 2, MissReason.Overrun), MissedOf(job));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(60)]
    public async Task Report_ATargetThatLeftAndCameBack_HasNoGap(int stepsAway)
    {
        var (job, _) = place.Start("a", "b");
        await job.LoadAsync(default);
        await job.RunAsync(default);
        Target[] without = [CollectPlace.Source("b")];
        job.Configure(without);
        for (var step = 0; step < stepsAway; step++)
        {
            place.Step();
            await job.RefreshAsync(default);
            await job.RunAsync(default);
        }
        job.Configure([CollectPlace.Source("a"), .. without]);
        await job.RunAsync(default);
        Assert.All(job.Targets(), target => Assert.Null(target.Report!.Missed));
    }

    [Theory]
    [InlineData(1, MissReason.NotCollected, "1 tick missed after 00:00:00 UTC: nobody collected")]
    [InlineData(2, MissReason.Overrun, "2 ticks missed after 00:00:00 UTC: the scrape before")]
    [InlineData(3, MissReason.NotStored, "3 ticks missed after 00:00:00 UTC: what was scraped then could not")]
    public void Text_OfAGap_SaysWhenHowManyAndWhy(int count, MissReason reason, string start) =>
        Assert.StartsWith(start, new MissedTicks(0, count, reason).ToString(), StringComparison.Ordinal);

    private static MissedTicks? MissedOf(CollectJob job) => job.Targets()[0].Report!.Missed;
}
