namespace Tributary.Federation;

/// <summary>Protects one source: requests at once, and times in which it is left alone. Safe for several threads.</summary>
internal sealed class PullGuard(int maxRequests)
{
    private readonly SemaphoreSlim places = new(maxRequests);
    private long blockedUntilMs;
    private long restUntilMs;
    private bool postIsRefused;

    /// <summary>Requests at once.</summary>
    public int MaxRequests => maxRequests;

    /// <summary>Whether the source answered that its queries take no POST.</summary>
    public bool PostIsRefused
    {
        get => Volatile.Read(ref postIsRefused);
        set => Volatile.Write(ref postIsRefused, value);
    }

    /// <summary>Nothing is asked before, milliseconds since the epoch.</summary>
    public long BlockedUntilMs => Interlocked.Read(ref blockedUntilMs);

    /// <summary>No backfill asks before, milliseconds since the epoch.</summary>
    public long RestUntilMs => Math.Max(Interlocked.Read(ref restUntilMs), BlockedUntilMs);

    /// <summary>Waits for a place among the requests at once.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => places.WaitAsync(cancellationToken);

    /// <summary>Gives it back.</summary>
    public void Leave() => places.Release();

    /// <summary>Leaves the source alone.</summary>
    public void Block(long untilMs) => Interlocked.Exchange(ref blockedUntilMs, untilMs);

    /// <summary>Leaves the source to its live pulls.</summary>
    public void Rest(long untilMs) => Interlocked.Exchange(ref restUntilMs, untilMs);
}
