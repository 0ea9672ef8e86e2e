using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Scraping;
using Tributary.Stores;
using Tributary.Tests.Unit.RemoteWrite;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Requests of remote write into the log, and what becomes visible of them.</summary>
public sealed class ReceiveJobTests
{
    private const long HourMs = 3_600_000;

    private readonly ReceivePlace place = new();

    [Fact]
    public async Task Request_IsAcknowledgedOnlyWhenItIsInTheLog()
    {
        var open = new TaskCompletionSource();
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            await (operation is "append" ? open.Task : Task.CompletedTask);
            await effect();
        };
        var receiving = place.Job.ReceiveAsync(place.One("m", 1), isV2: false, ReceivePlace.Token);
        Assert.False(receiving.IsCompleted);
        Assert.Empty(await place.StoredAsync(place.Recent));
        open.SetResult();
        Assert.Equal(1, (await receiving).Samples);
        Assert.Single(await place.StoredAsync(place.Recent));
    }

    [Fact]
    public async Task Requests_ThatWait_GoIntoTheLogTogether_AndBatchesAreApart()
    {
        await place.ReceiveAsync(place.One("first", 1));
        var before = place.Blobs.Calls.Count;
        var waiting = Enumerable
            .Range(0, 5)
            .Select(i => place.Job.ReceiveAsync(place.One($"m{i}", i), isV2: false, ReceivePlace.Token))
            .ToList();
        place.Time.Advance(TimeSpan.FromMilliseconds(90));
        Assert.Equal(before, place.Blobs.Calls.Count);
        Assert.All(waiting, request => Assert.False(request.IsCompleted));
        place.Time.Advance(TimeSpan.FromMilliseconds(20));
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(20), ReceivePlace.Token);
        Assert.Equal(["append"], place.Blobs.Calls.Skip(before).Select(call => call.Split(' ')[0]));
        Assert.Equal(6, (await place.StoredAsync(place.Recent)).Count);
    }

    [Fact]
    public async Task Samples_AreSeenAtOnceHere_AndByOthersInTheLog_WhateverTheirTime()
    {
        foreach (var agoMs in (long[])[0, HourMs, 3 * HourMs, (6 * HourMs) - 1000, -300_000])
        {
            await place.ReceiveAsync(place.One("m", agoMs, agoMs));
        }
        var stored = await place.StoredAsync(place.Recent);
        Assert.Equal(5, stored.Count);
        Assert.Equal(stored, await place.StoredAsync(null));
        var (_, other) = place.Start();
        await other.LoadAsync(null, ReceivePlace.Token);
        other.LoadHistory();
        Assert.Equal(stored, await place.StoredAsync(other));
    }

    [Fact]
    public async Task Request_BeforeTheLogIsRead_IsTakenOnce()
    {
        await place.ReceiveAsync(place.One("before", 1));
        var (job, recent) = place.Start();
        await place.ReceiveAsync(job, place.One("early", 2));
        await recent.LoadAsync(null, ReceivePlace.Token);
        recent.LoadHistory();
        await place.ReceiveAsync(job, place.One("late", 3));
        await recent.RefreshAsync(null, ReceivePlace.Token);
        Assert.Equal(await place.StoredAsync(null), await place.StoredAsync(recent));
        Assert.Equal(3, (await place.StoredAsync(recent)).Count);
        Assert.Equal(0, recent.Counts.Conflicts);
    }

    [Fact]
    public async Task Requests_BehindAStoreThatHangs_AreRefusedBeforeTheyTakeAllMemory()
    {
        var (job, recent) = place.Start(new WriteLimits { MaxWaitingSamples = 3 });
        var open = new TaskCompletionSource();
        place.Blobs.OnCall = async (_, _, effect) =>
        {
            await open.Task;
            await effect();
        };
        var waiting = new List<Task>();
        for (var i = 0; i < 4; i++)
        {
            waiting.Add(job.ReceiveAsync(place.One($"m{i}", i), isV2: false, ReceivePlace.Token));
        }
        var error = await Assert.ThrowsAsync<WriteException>(() =>
            job.ReceiveAsync(place.One("more", 1), isV2: false, ReceivePlace.Token)
        );
        Assert.Equal(WriteRefusal.NoMemory, error.Refusal);
        open.SetResult();
        await CollectPlace.UntilAsync(() =>
        {
            place.Time.Advance(TimeSpan.FromMilliseconds(10));
            return waiting.TrueForAll(request => request.IsCompletedSuccessfully);
        });
        Assert.Equal(4, (await place.StoredAsync(recent)).Count);
    }

    [Fact]
    public async Task Request_ThatIsSentAgain_ChangesNothing()
    {
        var message = place.One("m", 1);
        await place.ReceiveAsync(message);
        var stored = await place.StoredAsync(place.Recent);
        await place.ReceiveAsync(message);
        Assert.Equal(stored, await place.StoredAsync(place.Recent));
        Assert.Equal(stored, await place.StoredAsync(null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WhoseAppendFails_IsAnError_AndCanBeSentAgain(bool lands)
    {
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            if (operation is "append")
            {
                await (lands ? effect() : Task.CompletedTask);
                throw ScriptedBlobs.Error(StoreError.Denied);
            }
            await effect();
        };
        var metadata = new WriteRequestWriter();
        metadata.Add(new MetricMetadata("m", "gauge", "help", ""));
        var said = ReceivePlace.Plain(metadata);
        await Assert.ThrowsAsync<StoreException>(() => place.ReceiveAsync(place.One("m", 1)));
        await Assert.ThrowsAsync<StoreException>(() => place.ReceiveAsync(said));
        Assert.Empty(place.Job.Metadata);
        place.Blobs.OnCall = (_, _, effect) => effect();
        await place.ReceiveAsync(place.One("m", 1, agoMs: 1));
        await place.ReceiveAsync(said);
        Assert.Single(place.Job.Metadata);
        Assert.Equal((2, 2, 1), (place.Job.Totals.Requests, place.Job.Totals.Failed, place.Job.Totals.Samples));
        Assert.Contains("__name__=m", (await place.StoredAsync(place.Recent))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatBreaksInTheMiddle_LeavesNothing_AndOthersStay()
    {
        await place.ReceiveAsync(place.One("first", 1));
        var good = place.Job.ReceiveAsync(place.One("good", 1), isV2: false, ReceivePlace.Token);
        byte[] broken = [.. place.One("bad", 1), .. place.One("worse", 1)[..^1]];
        await Assert.ThrowsAsync<WriteException>(() => place.ReceiveAsync(broken));
        await place.ReceiveAsync(place.One("last", 1));
        await good;
        var stored = await place.StoredAsync(place.Recent);
        Assert.Equal(["first", "good", "last"], stored.Select(line => line.Split(['=', ',', ' '])[2]).Order());
    }

    [Fact]
    public async Task Request_WithNothingToStore_TouchesNoStore()
    {
        var tally = await place.Job.ReceiveAsync(
            place.One("old", 1, agoMs: 7 * HourMs),
            isV2: true,
            ReceivePlace.Token
        );
        Assert.Equal(0, tally.Samples);
        Assert.Empty(place.Blobs.Calls);
    }

    [Fact]
    public async Task Metadata_IsShown_AndOthersLearnItFromTheLog()
    {
        var message = new WriteRequestWriter();
        message.Add(new MetricMetadata("m", "counter", "How many", ""));
        message.BeginSeries(ReceivePlace.Labels("m"));
        message.Add(place.NowMs, 1);
        await place.ReceiveAsync(ReceivePlace.Plain(message));
        Assert.Equal(["m"], place.Job.Metadata.Select(item => item.Family));
        var (job, recent) = place.Start();
        await recent.LoadAsync(job.Take, ReceivePlace.Token);
        Assert.Equal(place.Job.Metadata, job.Metadata);
    }

    [Fact]
    public async Task Request_WithProblems_IsTold()
    {
        var told = new List<string>();
        place.Job.Complained = told.Add;
        place.Job.MaxAge = TimeSpan.FromMinutes(1);
        await place.ReceiveAsync(place.One("m", 1, agoMs: 60_001));
        await place.ReceiveAsync(place.One("m", 1, agoMs: 1000));
        Assert.Contains("too old sample", Assert.Single(told), StringComparison.Ordinal);
        Assert.Contains(("too_old", 1), place.Job.Totals.Rejected);
    }

    [Fact]
    public async Task Series_WithoutMemory_AreRefused_AndNothingOfTheRequestIsStored()
    {
        var (job, recent) = place.Start(budget: new SeriesBudget(10_000));
        var message = new WriteRequestWriter();
        for (var i = 0; i < 50; i++)
        {
            message.BeginSeries(LabelSet.Of("__name__", $"m{i}"));
            message.Add(place.NowMs, i);
        }
        await Assert.ThrowsAsync<WriteException>(() => place.ReceiveAsync(job, ReceivePlace.Plain(message)));
        Assert.Empty(await place.StoredAsync(recent));
    }
}
