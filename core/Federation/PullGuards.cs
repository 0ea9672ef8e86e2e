namespace Tributary.Federation;

/// <summary>The guards of all sources. Safe for several threads.</summary>
internal sealed class PullGuards
{
    /// <summary>So many sources are no more than a process has; more are remains of old configurations.</summary>
    private const int MaxGuards = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, PullGuard> guards = new(StringComparer.Ordinal);

    /// <summary>The guard of a source; a new one when the number of requests has changed.</summary>
    public PullGuard Of(string source, int maxRequests)
    {
        lock (gate)
        {
            if (guards.TryGetValue(source, out var known) && known.MaxRequests == maxRequests)
            {
                return known;
            }
            if (guards.Count >= MaxGuards)
            {
                guards.Clear();
            }
            var made = new PullGuard(maxRequests);
            if (known is not null)
            {
                made.Block(known.BlockedUntilMs);
            }
            return guards[source] = made;
        }
    }
}
