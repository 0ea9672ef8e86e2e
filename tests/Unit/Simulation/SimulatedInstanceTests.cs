using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Each fault does what it says, and a killed instance never goes on.</summary>
public sealed class SimulatedInstanceTests
{
    private static readonly byte[] Content = [1, 2, 3];

    private readonly SimulatedWorld world = new(1);

    private SimulatedInstance Instance => world.Instance;

    [Theory]
    [InlineData(nameof(Fault.ErrorBefore), StoreError.Unknown, false, false)]
    [InlineData(nameof(Fault.ErrorAfter), StoreError.Unknown, true, true)]
    [InlineData(nameof(Fault.LandsLater), StoreError.Unknown, false, true)]
    [InlineData(nameof(Fault.Throttled), StoreError.Throttled, false, false)]
    public void Fault_OfAWrite_TellsTheCallerAndTouchesTheStore(
        string fault,
        StoreError told,
        bool atOnce,
        bool inTheEnd
    )
    {
        Instance.Faults = Always(Enum.Parse<Fault>(fault));
        world.Run(async () =>
        {
            Assert.Equal(told, (await FailsAsync(WriteAsync())).Error);
            Assert.Equal(atOnce, Exists());
            await world.SettleAsync();
            Assert.Equal(inTheEnd, Exists());
        });
    }

    [Fact]
    public void LateLanding_HappensOnlyIfItsConditionsHoldThen()
    {
        world.Run(async () =>
        {
            await Instance.Blobs.CreateAppendAsync("box/a", default);
            Instance.Faults = Always(Fault.LandsLater);
            await FailsAsync(Instance.Blobs.AppendAsync("box/a", 0, new byte[] { 1 }, default));
            await world.NewInstance().Blobs.AppendAsync("box/a", 0, new byte[] { 2 }, default);
            await world.SettleAsync();
        });
        Assert.Equal([2], world.Storage.Blobs.ContentOf("box/a")!.Value.ToArray());
        Assert.Equal("ConditionNotMet, lands late", world.Scheduler.Trace.Entries[^1].Outcome);
    }

    [Fact]
    public void LateLanding_CarriesTheBytesOfTheCall()
    {
        world.Run(async () =>
        {
            Instance.Faults = Always(Fault.LandsLater);
            var buffer = new byte[] { 1 };
            await FailsAsync(Instance.Blobs.WriteAsync("box/blob", buffer, WriteCondition.None, default));
            buffer[0] = 2;
            await world.SettleAsync();
        });
        Assert.Equal([1], world.Storage.Blobs.ContentOf("box/blob")!.Value.ToArray());
    }

    [Fact]
    public void ReadError_IsUnknown_AndLeavesTheBuffer()
    {
        world.Run(async () =>
        {
            await WriteAsync();
            Instance.Faults = FaultPolicy.None with { ReadError = 1 };
            var buffer = new byte[3];
            var failure = await FailsAsync(Instance.Blobs.ReadAsync("box/blob", 0, buffer, null, default));
            Assert.Equal(StoreError.Unknown, failure.Error);
            Assert.Equal(new byte[3], buffer);
        });
    }

    [Fact]
    public void Read_AnswersWithWhatWasThereWhenItArrived()
    {
        world.Run(async () =>
        {
            await WriteAsync();
            Instance.Faults = FaultPolicy.None with { Latency = TimeSpan.FromSeconds(1) };
            var (buffer, arrived) = (new byte[3], false);
            world.OnArrival((instance, _) => arrived |= instance == Instance);
            var read = Instance.Blobs.ReadAsync("box/blob", 0, buffer, null, default);
            while (!arrived)
            {
                await world.DelayAsync(TimeSpan.FromMilliseconds(1));
            }
            world.Storage.Blobs.Write("box/blob", [9, 9, 9], WriteCondition.None);
            Assert.Equal(new byte[3], buffer);
            Assert.Equal(3, await read);
            Assert.Equal(Content, buffer);
        });
    }

    [Fact]
    public void LeaseLost_IsAConflict_AndFreesTheLease()
    {
        world.Run(async () =>
        {
            await WriteAsync();
            var lease = await Instance.Blobs.AcquireLeaseAsync("box/blob", TimeSpan.FromSeconds(15), default);
            Instance.Faults = Always(Fault.LeaseLost);
            var failure = await FailsAsync(Instance.Blobs.RenewLeaseAsync("box/blob", lease, default));
            Assert.Equal(StoreError.LeaseConflict, failure.Error);
            await world.NewInstance().Blobs.AcquireLeaseAsync("box/blob", TimeSpan.FromSeconds(15), default);
        });
    }

    [Fact]
    public void Slow_TakesLongerThanUsual()
    {
        world.Run(async () =>
        {
            await WriteAsync();
            Assert.InRange(world.Scheduler.Now, TimeSpan.Zero, 2 * FaultPolicy.None.Latency);
            Instance.Faults = Always(Fault.Slow);
            for (var i = 0; i < 10; i++)
            {
                await WriteAsync();
            }
            Assert.InRange(world.Scheduler.Now, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(800));
        });
    }

    [Fact]
    public void Cancelled_EndsTheWait_NotTheRequest()
    {
        world.Run(async () =>
        {
            Instance.Faults = FaultPolicy.None with { Latency = TimeSpan.FromSeconds(100) };
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(1), world.Time);
            var write = Instance.Blobs.WriteAsync("box/blob", Content, WriteCondition.None, source.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
            Assert.False(Exists());
            await world.SettleAsync();
            Assert.True(Exists());
        });
    }

    [Theory]
    [InlineData(nameof(KillMoment.BeforeEffect), false, false)]
    [InlineData(nameof(KillMoment.AfterEffect), true, true)]
    [InlineData(nameof(KillMoment.LandsLater), false, true)]
    public void KillAtCall_StopsTheInstance_BeforeItLearns(string moment, bool atOnce, bool inTheEnd)
    {
        var went = "";
        Instance.KillAtCall(2, Enum.Parse<KillMoment>(moment));
        world.Run(async () =>
        {
            var finished = await Instance.RunAsync(async () =>
            {
                await Instance.Blobs.GetInfoAsync("box/blob", default);
                went += "first";
                await WriteAsync();
                went += "second";
            });
            Assert.False(finished);
            Assert.Equal(atOnce, Exists());
            await world.SettleAsync();
            Assert.Equal(inTheEnd, Exists());
        });
        Assert.Equal("first", went);
    }

    [Fact]
    public void Kill_StopsTimersAndWaits_AndItsRequestsMayLand()
    {
        var went = "";
        Instance.Faults = FaultPolicy.None with { ArrivesAfterKill = 1, Latency = TimeSpan.FromSeconds(100) };
        world.Run(async () =>
        {
            await using var timer = Instance.Time.CreateTimer(
                _ => went += "timer",
                null,
                TimeSpan.FromSeconds(2),
                TimeSpan.FromSeconds(2)
            );
            var life = Instance.RunAsync(async () =>
            {
                await Task.Yield();
                await WriteAsync();
                went += "written";
            });
            await world.DelayAsync(TimeSpan.FromMilliseconds(1));
            Instance.Kill();
            Assert.False(await life);
            await world.SettleAsync();
            Assert.False(await Instance.RunAsync(() => Task.CompletedTask));
        });
        Assert.Equal("", went);
        Assert.True(Exists());
    }

    [Fact]
    public void RunAsync_GivesTheExceptionToItsCaller()
    {
        world.Run(async () =>
            await Assert.ThrowsAsync<InvalidDataException>(() =>
                Instance.RunAsync(() => throw new InvalidDataException("x"))
            )
        );
    }

    [Fact]
    public void Lists_ComeInPages_EachAsOfItsOwnMoment()
    {
        var storage = new SimulatedStorage(world.Time) { PageSize = 2 };
        foreach (var name in new[] { "box/a", "box/b", "box/d" })
        {
            storage.Blobs.Write(name, [], WriteCondition.None);
        }
        world.Run(async () =>
        {
            var store = new SimulatedBlobStore(storage, new SimulatedLink(world.Scheduler, Instance));
            var names = new List<string>();
            await foreach (var info in store.ListAsync("box/", default))
            {
                names.Add(info.Name);
                storage.Blobs.Write("box/c", [], WriteCondition.None);
            }
            Assert.Equal(["box/a", "box/b", "box/c", "box/d"], names);
            Assert.Equal(3, store.Operations[OperationClass.BlobList]);
        });
    }

    private static FaultPolicy Always(Fault fault) =>
        fault switch
        {
            Fault.ErrorBefore => FaultPolicy.None with { ErrorBefore = 1 },
            Fault.ErrorAfter => FaultPolicy.None with { ErrorAfter = 1 },
            Fault.LandsLater => FaultPolicy.None with { LandsLater = 1 },
            Fault.Throttled => FaultPolicy.None with { Throttled = 1 },
            Fault.LeaseLost => FaultPolicy.None with { LeaseLost = 1 },
            _ => FaultPolicy.None with { Slow = 1 },
        };

    private static async Task<StoreException> FailsAsync(Task operation) =>
        await Assert.ThrowsAsync<StoreException>(() => operation);

    private Task<BlobInfo> WriteAsync() => Instance.Blobs.WriteAsync("box/blob", Content, WriteCondition.None, default);

    private bool Exists() => world.Storage.Blobs.ContentOf("box/blob") is not null;
}
