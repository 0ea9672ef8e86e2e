using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The way of an instance's requests through the simulation: they take time, go wrong, and die with it.</summary>
internal sealed class SimulatedLink(SimulationScheduler scheduler, SimulatedInstance instance) : StoreLink
{
    public override Task<T> Send<T>(
        StoreCall call,
        Func<Outcome<T>> effect,
        CancellationToken cancellationToken,
        Action? deliver = null
    )
    {
        scheduler.AssertThread(call.Operation);
        if (instance.IsKilled)
        {
            return new TaskCompletionSource<T>().Task;
        }
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        var request = new SimulatedRequest<T>(scheduler, instance, call, effect, deliver);
        request.Start(cancellationToken);
        return request.Answer;
    }
}

/// <summary>A request on its way: it arrives, is answered, and perhaps lands only later.</summary>
internal sealed class SimulatedRequest<T>(
    SimulationScheduler scheduler,
    SimulatedInstance instance,
    StoreCall call,
    Func<Outcome<T>> effect,
    Action? deliver
) : SimulationEvent
{
    private readonly TaskCompletionSource<T> answer = new();
    private readonly int number = instance.NextCall();
    private readonly FaultPolicy policy = instance.Faults;
    private CancellationTokenRegistration cancellation;
    private Outcome<T> outcome;
    private Fault fault;
    private Stage stage;

    private enum Stage
    {
        OnTheWay,
        Answering,
        Late,
    }

    public Task<T> Answer => answer.Task;

    public void Start(CancellationToken cancellationToken)
    {
        fault = policy.Draw(scheduler.Random, call);
        instance.World.RequestSent();
        scheduler.Schedule(Leg(), this);
        if (cancellationToken.CanBeCanceled)
        {
            // Through the loop, so that the caller continues from there like after any other answer.
            cancellation = cancellationToken.UnsafeRegister(
                (_, token) => scheduler.Schedule(TimeSpan.Zero, () => answer.TrySetCanceled(token)),
                null
            );
        }
    }

    public override void Fire()
    {
        switch (stage)
        {
            case Stage.OnTheWay:
                Arrive();
                break;
            case Stage.Answering:
                GiveAnswer();
                break;
            default:
                Execute("lands late");
                instance.World.RequestEnded();
                break;
        }
    }

    private TimeSpan Leg() =>
        fault == Fault.Slow && scheduler.Random.Chance(0.5)
            ? scheduler.Random.NextDelay(policy.SlowLatency)
            : scheduler.Random.NextDelay(policy.Latency);

    private void Arrive()
    {
        instance.World.Arriving(instance, number);
        if (instance.IsKilled)
        {
            ArriveAfterKill();
        }
        else if (instance.KillMomentOf(number) is { } moment)
        {
            KilledAt(moment);
        }
        else
        {
            if (fault is Fault.LeaseLost)
            {
                instance.World.Storage.Blobs.BreakLease(call.Name);
                Note("lease broken");
            }
            if (fault is not (Fault.ErrorBefore or Fault.Throttled or Fault.LandsLater))
            {
                Execute("");
            }
            stage = Stage.Answering;
            scheduler.Schedule(Leg(), this);
        }
    }

    private void ArriveAfterKill()
    {
        if (call.Changes && scheduler.Random.Chance(policy.ArrivesAfterKill))
        {
            Execute("after kill");
        }
        instance.World.RequestEnded();
    }

    private void KilledAt(KillMoment moment)
    {
        if (moment == KillMoment.AfterEffect)
        {
            Execute("");
        }
        Note(moment == KillMoment.AfterEffect ? "killed after" : "killed before");
        instance.Kill();
        if (moment == KillMoment.LandsLater && call.Changes)
        {
            LandLater();
        }
        else if (moment == KillMoment.Withheld)
        {
            instance.World.Withhold(() => Execute("lands late"));
            instance.World.RequestEnded();
        }
        else
        {
            instance.World.RequestEnded();
        }
    }

    private void GiveAnswer()
    {
        cancellation.Dispose();
        if (fault == Fault.LandsLater)
        {
            LandLater();
        }
        else
        {
            instance.World.RequestEnded();
        }
        if (instance.IsKilled)
        {
            return;
        }
        if (fault is Fault.ErrorBefore or Fault.ErrorAfter or Fault.LandsLater)
        {
            Fail(StoreError.Unknown, "no answer");
        }
        else if (fault == Fault.Throttled)
        {
            Fail(StoreError.Throttled, "the store asks to come back later");
        }
        else if (outcome.Error is { } error)
        {
            answer.TrySetException(error);
        }
        else if (!answer.Task.IsCompleted)
        {
            deliver?.Invoke();
            answer.TrySetResult(outcome.Value);
        }
    }

    private void Fail(StoreError error, string why)
    {
        Note(fault.ToString());
        answer.TrySetException(new StoreException(error, $"simulated store: {call.Operation} {call.Name}: {why}"));
    }

    private void LandLater()
    {
        stage = Stage.Late;
        scheduler.Schedule(scheduler.Random.NextSpread(policy.LandsWithin), this);
    }

    private void Execute(string how)
    {
        outcome = effect();
        scheduler.Trace.Add(
            new TraceEntry(
                scheduler.Now,
                instance.Name,
                call.Operation,
                call.Name,
                call.Argument,
                (outcome.Error?.Error.ToString() ?? "ok") + (how.Length > 0 ? $", {how}" : "")
            )
        );
    }

    private void Note(string what) =>
        scheduler.Trace.Add(
            new TraceEntry(scheduler.Now, instance.Name, call.Operation, call.Name, call.Argument, what)
        );
}
