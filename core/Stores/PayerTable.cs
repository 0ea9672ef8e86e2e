using System.Collections.Concurrent;

namespace Tributary.Stores;

/// <summary>Something for each payer; sources above a limit have it together, job by job. Safe for several threads.</summary>
public sealed class PayerTable<T>
    where T : class, new()
{
    /// <summary>Sources that are kept apart.</summary>
    public const int MaxSources = 256;

    private readonly ConcurrentDictionary<Payer, T> entries = new();
    private readonly ConcurrentDictionary<string, T> others = new(StringComparer.Ordinal);
    private int sources;

    /// <summary>All that were asked for.</summary>
    public IEnumerable<KeyValuePair<Payer, T>> All => entries;

    /// <summary>That of a payer; one that is known allocates nothing.</summary>
    public T Of(Payer payer)
    {
        if (entries.TryGetValue(payer, out var entry))
        {
            return entry;
        }
        if (payer.Source is not null && Volatile.Read(ref sources) >= MaxSources)
        {
            return others.TryGetValue(payer.Job, out entry)
                ? entry
                : others.GetOrAdd(
                    payer.Job,
                    static (job, entries) => entries.GetOrAdd(new Payer(job, Payer.OtherSources), static _ => new T()),
                    entries
                );
        }
        var made = new T();
        entry = entries.GetOrAdd(payer, made);
        if (ReferenceEquals(entry, made) && payer.Source is not null)
        {
            Interlocked.Increment(ref sources);
        }
        return entry;
    }
}
