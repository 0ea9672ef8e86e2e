namespace Tributary.Tests.Unit.Simulation;

/// <summary>One process: a clock, handles to the stores, and a life that may end at any await.</summary>
internal sealed class SimulatedInstance
{
    private readonly SimulationScheduler scheduler;
    private readonly SimulationContext context;
    private readonly List<TaskCompletionSource<bool>> lives = [];
    private int killAtCall;
    private KillMoment killMoment;

    public SimulatedInstance(SimulatedWorld world, string name, FaultPolicy faults, TimeSpan skew)
    {
        World = world;
        scheduler = world.Scheduler;
        Name = name;
        Faults = faults;
        context = new SimulationContext(scheduler);
        Time = new SimulatedTime(scheduler, skew, context);
        var link = new SimulatedLink(scheduler, this);
        Blobs = new SimulatedBlobStore(world.Storage, link);
        Tables = new SimulatedTableStore(world.Storage, link);
    }

    public SimulatedWorld World { get; }

    public string Name { get; }

    /// <summary>What may go wrong from now on; it may change while the instance runs.</summary>
    public FaultPolicy Faults { get; set; }

    public SimulatedTime Time { get; }

    public SimulatedBlobStore Blobs { get; }

    public SimulatedTableStore Tables { get; }

    /// <summary>Store calls so far.</summary>
    public int Calls { get; private set; }

    public bool IsKilled => context.IsStopped;

    /// <summary>Runs code as this instance. Tell what it acknowledges to the checker as soon as it does.</summary>
    /// <returns>True when it ended, false when the instance was killed before.</returns>
    public Task<bool> RunAsync(Func<Task> work)
    {
        if (IsKilled)
        {
            return Task.FromResult(false);
        }
        var life = new TaskCompletionSource<bool>();
        lives.Add(life);
        scheduler.Post(context, _ => _ = LiveAsync(work, life), null);
        return life.Task;
    }

    /// <summary>
    /// Ends the instance: none of its awaits completes, none of its timers fires. Requests on their way may still land.
    /// </summary>
    public void Kill()
    {
        if (IsKilled)
        {
            return;
        }
        scheduler.Trace.Add(new TraceEntry(scheduler.Now, Name, "killed", "", Calls, ""));
        context.IsStopped = true;
        foreach (var life in lives)
        {
            life.TrySetResult(false);
        }
    }

    /// <summary>Kills the instance at its <paramref name="call"/>-th store call, counted from 1 at its start.</summary>
    public void KillAtCall(int call, KillMoment moment)
    {
        killAtCall = call;
        killMoment = moment;
    }

    internal KillMoment? KillMomentOf(int call) => call == killAtCall ? killMoment : null;

    internal int NextCall() => ++Calls;

    private async Task LiveAsync(Func<Task> work, TaskCompletionSource<bool> life)
    {
        try
        {
            await work();
        }
        catch (Exception exception)
        {
            scheduler.FirstFailure ??= exception;
            life.TrySetException(exception);
            return;
        }
        life.TrySetResult(true);
    }
}
