namespace Tributary.Tests.Unit.Simulation;

/// <summary>The way from a handle to the state: at once, or through the simulation.</summary>
internal abstract class StoreLink
{
    /// <summary>Sends a request; <paramref name="effect"/> is what happens at the store, where and when it arrives.</summary>
    /// <param name="call">What it is.</param>
    /// <param name="effect">Acts on the shared state; it is called at most once.</param>
    /// <param name="cancellationToken">Ends the wait, not the request.</param>
    /// <param name="deliver">What the answer does in the caller's memory, if the caller still waits for it.</param>
    public abstract Task<T> Send<T>(
        StoreCall call,
        Func<Outcome<T>> effect,
        CancellationToken cancellationToken,
        Action? deliver = null
    );
}

/// <summary>Every operation is done before the call returns; safe for several threads. For the contract suite.</summary>
internal sealed class ImmediateLink(Lock gate) : StoreLink
{
    public override Task<T> Send<T>(
        StoreCall call,
        Func<Outcome<T>> effect,
        CancellationToken cancellationToken,
        Action? deliver = null
    )
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        Outcome<T> outcome;
        lock (gate)
        {
            outcome = effect();
        }
        if (outcome.Error is { } error)
        {
            return Task.FromException<T>(error);
        }
        deliver?.Invoke();
        return Task.FromResult(outcome.Value);
    }
}
