namespace Tributary.Functions.Serving;

/// <summary>Something that is read again when it is wanted and old: once for all who want it at the same time.</summary>
/// <param name="refresh">Reads it; returns why it could not, or null. Does not throw.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedRefresh(Func<Task<string?>> refresh, TimeProvider time)
{
    /// <summary>After a failure all get the same answer for so long.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<string?> last = Task.FromResult<string?>(null);
    private long? lastBegan;
    private long? lastSuccessBegan;

    /// <summary>How old it is; null as long as it was never read.</summary>
    public TimeSpan? Age
    {
        get
        {
            lock (gate)
            {
                return AgeOf(lastSuccessBegan);
            }
        }
    }

    /// <summary>Waits until it is not older than so much, or could not be read; a reading under way is joined.</summary>
    /// <param name="maxAge">The age that is young enough.</param>
    /// <param name="patience">The longest wait; what is being read goes on behind it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null, or why it is older.</returns>
    public async Task<string?> EnsureAsync(TimeSpan maxAge, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await Join(maxAge).WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return $"it takes longer than {patience.TotalSeconds} s";
        }
    }

    private Task<string?> Join(TimeSpan maxAge)
    {
        lock (gate)
        {
            if (!last.IsCompleted)
            {
                return last;
            }
            if (AgeOf(lastSuccessBegan) <= maxAge)
            {
                return Task.FromResult<string?>(null);
            }
            if (lastBegan != lastSuccessBegan && AgeOf(lastBegan) <= RetryAfter)
            {
                return last;
            }
            var began = time.GetTimestamp();
            lastBegan = began;
            // Not under the lock: it may take long before it waits for the first time.
            return last = Task.Run(() => RunAsync(began));
        }
    }

    private async Task<string?> RunAsync(long began)
    {
        var problem = await refresh();
        if (problem is null)
        {
            lock (gate)
            {
                lastSuccessBegan = began;
            }
        }
        return problem;
    }

    private TimeSpan? AgeOf(long? began) => began is { } timestamp ? time.GetElapsedTime(timestamp) : null;
}
