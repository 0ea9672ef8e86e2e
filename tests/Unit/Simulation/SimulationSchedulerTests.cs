namespace Tributary.Tests.Unit.Simulation;

/// <summary>Virtual time, one thread, and loud ends.</summary>
public sealed class SimulationSchedulerTests
{
    private readonly SimulationScheduler scheduler = new(1);

    [Fact]
    public void Delay_TakesVirtualTimeOnly()
    {
        scheduler.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromDays(40), scheduler.Time, CancellationToken.None);
            Assert.Equal(SimulatedTime.Start.AddDays(40), scheduler.Time.GetUtcNow());
            Assert.Equal(TimeSpan.FromDays(40), scheduler.Time.GetElapsedTime(0));
        });
    }

    [Fact]
    public void Events_FireInTheOrderOfTime_AndEqualTimesInSeededOrder()
    {
        var orders = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0UL; seed < 40; seed++)
        {
            var seeded = new SimulationScheduler(seed);
            var order = "";
            seeded.Schedule(TimeSpan.FromSeconds(2), () => order += "c");
            seeded.Schedule(TimeSpan.FromSeconds(1), () => order += "a");
            seeded.Schedule(TimeSpan.FromSeconds(1), () => order += "b");
            seeded.RunUntilIdle();
            orders.Add(order);
        }
        Assert.Equal(["abc", "bac"], orders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void RunUntil_StopsAtTheTime()
    {
        var fired = 0;
        using var timer = scheduler.Time.CreateTimer(
            _ => fired++,
            null,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(10)
        );
        scheduler.RunUntil(TimeSpan.FromSeconds(25));
        Assert.Equal((3, TimeSpan.FromSeconds(25)), (fired, scheduler.Now));
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        scheduler.RunUntil(TimeSpan.FromSeconds(60));
        Assert.Equal(4, fired);
    }

    [Fact]
    public void ClockOfAnInstance_IsOffBySkew_AndItsTimersAreNot()
    {
        var clock = scheduler.Time.ForInstance(TimeSpan.FromSeconds(-30));
        scheduler.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), clock, CancellationToken.None);
            Assert.Equal(SimulatedTime.Start.AddSeconds(-20), clock.GetUtcNow());
            Assert.Equal(SimulatedTime.Start.AddSeconds(10), scheduler.Time.GetUtcNow());
        });
    }

    [Fact]
    public void SemaphoresChannelsAndAsynchronousCompletions_StayOnTheThread()
    {
        var thread = Environment.CurrentManagedThreadId;
        var order = new List<string>();
        using var gate = new SemaphoreSlim(1);
        var promise = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var channel = System.Threading.Channels.Channel.CreateUnbounded<string>();
        async Task EnterAsync(string name)
        {
            await gate.WaitAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(1), scheduler.Time, CancellationToken.None);
            order.Add(name);
            gate.Release();
        }
        async Task ReadAsync()
        {
            order.Add(await channel.Reader.ReadAsync(CancellationToken.None));
            promise.SetResult();
        }
        scheduler.Run(async () =>
        {
            var work = Task.WhenAll(EnterAsync("first"), EnterAsync("second"), ReadAsync());
            await Task.Yield();
            await channel.Writer.WriteAsync("read", CancellationToken.None);
            await promise.Task;
            await work;
            await Task.Delay(TimeSpan.FromSeconds(1), scheduler.Time, CancellationToken.None).ConfigureAwait(false);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
        });
        Assert.Equal(["read", "first", "second"], order);
    }

    [Fact]
    public void InlineContinuations_RunCodeThatNeverWantsAContext()
    {
        var inline = new SimulationScheduler(1, inlineContinuations: true);
        async Task<int> InnerAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1), inline.Time, CancellationToken.None).ConfigureAwait(false);
            return Environment.CurrentManagedThreadId;
        }
        var thread = Environment.CurrentManagedThreadId;
        inline.Run(async () =>
        {
            Assert.Null(SynchronizationContext.Current);
            Assert.Equal(thread, await InnerAsync().ConfigureAwait(false));
            Assert.Equal(thread, await InnerAsync());
        });
    }

    [Fact]
    public void CodeThatLeavesTheThread_Fails()
    {
        var failure = Assert.Throws<SimulationException>(() =>
            scheduler.Run(async () =>
            {
                var elsewhere = Task.Run(() => scheduler.Time.GetUtcNow(), CancellationToken.None);
                ((IAsyncResult)elsewhere).AsyncWaitHandle.WaitOne();
                await Task.Delay(TimeSpan.FromSeconds(1), scheduler.Time, CancellationToken.None);
            })
        );
        Assert.Contains("GetUtcNow ran on another thread", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WaitingForWhatNeverHappens_IsADeadlock()
    {
        var failure = Assert.Throws<SimulationException>(() => scheduler.Run(() => new TaskCompletionSource().Task));
        Assert.StartsWith("deadlock", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunningForever_IsStopped()
    {
        var endless = new SimulationScheduler(1) { MaxEvents = 100 };
        using var timer = endless.Time.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        var failure = Assert.Throws<SimulationException>(() => endless.Run(() => new TaskCompletionSource().Task));
        Assert.StartsWith("still not done after 100 events", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExceptionOfTheScenario_ComesOutAsItIs()
    {
        Assert.Throws<InvalidDataException>(() =>
            scheduler.Run(async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), scheduler.Time, CancellationToken.None);
                throw new InvalidDataException("x");
            })
        );
    }
}
