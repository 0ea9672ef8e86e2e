namespace Tributary.Tests.Unit.Simulation;

/// <summary>Runs everything of a simulation on one thread, in the order of virtual time; equal times in seeded order.</summary>
/// <remarks>
/// Between two events it runs what was posted, first in first out. Nothing is ever waited for: virtual time jumps to the
/// next event.
/// </remarks>
internal sealed class SimulationScheduler
{
    private readonly PriorityQueue<SimulationEvent, EventOrder> events = new();
    private readonly Queue<(SimulationContext Context, SendOrPostCallback Callback, object? State)> posted = new();
    private readonly SimulationContext root;
    private readonly bool inlineContinuations;
    private int thread = Environment.CurrentManagedThreadId;
    private bool running;
    private long nowTicks;
    private volatile SimulationException? leftThread;

    /// <param name="seed">Decides everything that is left to chance.</param>
    /// <param name="inlineContinuations">
    /// Runs the code without any synchronization context: for code that awaits with <c>ConfigureAwait(false)</c> throughout.
    /// </param>
    public SimulationScheduler(ulong seed, bool inlineContinuations = false)
    {
        this.inlineContinuations = inlineContinuations;
        Random = new SeededRandom(seed);
        root = new SimulationContext(this);
        Time = new SimulatedTime(this, TimeSpan.Zero);
    }

    /// <summary>The chance of the machinery; scenarios draw from a generator of their own.</summary>
    public SeededRandom Random { get; }

    public SimulationTrace Trace { get; } = new();

    /// <summary>The true clock, which is also the store's.</summary>
    public SimulatedTime Time { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => new(nowTicks);

    public int Events { get; private set; }

    /// <summary>A run with more events than this is taken for endless.</summary>
    public int MaxEvents { get; init; } = 200_000;

    /// <summary>The first failure that nobody may have seen; it explains a deadlock.</summary>
    public Exception? FirstFailure { get; set; }

    public void Schedule(TimeSpan delay, SimulationEvent item)
    {
        AssertThread("Schedule");
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        events.Enqueue(item, new EventOrder(nowTicks + delay.Ticks, Random.NextUInt64()));
    }

    public void Schedule(TimeSpan delay, Action action) => Schedule(delay, new ActionEvent(action));

    public void Post(SimulationContext context, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            // Not thrown: an exception from Post would end the process.
            leftThread ??= LeftThread("a continuation");
            return;
        }
        posted.Enqueue((context, callback, state));
    }

    /// <summary>Fails when called on another thread than the simulation's; the run fails too.</summary>
    public void AssertThread(string what)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            throw leftThread ??= LeftThread(what);
        }
    }

    /// <summary>Runs <paramref name="main"/> until it is done. What is pending then stays pending.</summary>
    /// <exception cref="SimulationException">Deadlock, too many events, or code that left the thread.</exception>
    public void Run(Func<Task> main)
    {
        Task? task = null;
        Loop(
            () => Post(root, _ => task = main(), null),
            () => task is { IsCompleted: true },
            () => throw new SimulationException(DeadlockMessage(), FirstFailure)
        );
        task!.GetAwaiter().GetResult();
    }

    /// <summary>Fires all events up to a virtual time, which is then the time.</summary>
    public void RunUntil(TimeSpan until)
    {
        Loop(null, () => !events.TryPeek(out _, out var order) || order.Ticks > until.Ticks, () => { });
        nowTicks = Math.Max(nowTicks, until.Ticks);
    }

    /// <summary>Fires events until there are none: late requests land, timers run out.</summary>
    public void RunUntilIdle() => Loop(null, () => false, () => { });

    private static SimulationException LeftThread(string what) =>
        new(
            $"{what} ran on another thread than the simulation's. Under it there must be no Task.Run, no CancelAsync, no "
                + "Task.Delay without its TimeProvider, no blocking wait, and ConfigureAwait(false) everywhere or nowhere.\n"
                + Environment.StackTrace
        );

    private string DeadlockMessage() =>
        $"deadlock at {Now}: no event is pending, but the scenario is not finished: it waits for something that never "
        + "happens (a task of a killed instance?), or its code left the simulation's thread.";

    private void Loop(Action? start, Func<bool> isDone, Action idle)
    {
        if (running)
        {
            throw new SimulationException("The simulation runs already.");
        }
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        thread = Environment.CurrentManagedThreadId;
        running = true;
        try
        {
            start?.Invoke();
            RunPosted();
            while (!isDone())
            {
                if (!events.TryDequeue(out var next, out var order))
                {
                    idle();
                    break;
                }
                Fire(next, order);
            }
            ThrowIfLeftThread();
        }
        finally
        {
            running = false;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void Fire(SimulationEvent next, EventOrder order)
    {
        if (++Events > MaxEvents)
        {
            throw new SimulationException($"still not done after {MaxEvents} events, at {Now}", FirstFailure);
        }
        nowTicks = order.Ticks;
        next.Fire();
        RunPosted();
        ThrowIfLeftThread();
    }

    private void RunPosted()
    {
        while (posted.TryDequeue(out var item))
        {
            if (item.Context.IsStopped)
            {
                continue;
            }
            SynchronizationContext.SetSynchronizationContext(inlineContinuations ? null : item.Context);
            try
            {
                item.Callback(item.State);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }
    }

    private void ThrowIfLeftThread()
    {
        if (leftThread is { } failure)
        {
            throw new SimulationException(failure.Message, failure);
        }
    }
}
