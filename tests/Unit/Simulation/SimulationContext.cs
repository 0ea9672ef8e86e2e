namespace Tributary.Tests.Unit.Simulation;

/// <summary>Brings continuations back to the scheduler's loop, and drops those of a killed instance.</summary>
/// <remarks>
/// It is what keeps awaits of semaphores, channels and asynchronous completion sources on the one thread. Events fire
/// without a context, so a <c>ConfigureAwait(false)</c> directly on a store call or timer continues inline too.
/// </remarks>
internal sealed class SimulationContext(SimulationScheduler scheduler) : SynchronizationContext
{
    public bool IsStopped { get; set; }

    public override void Post(SendOrPostCallback d, object? state) => scheduler.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        scheduler.AssertThread("Send");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
