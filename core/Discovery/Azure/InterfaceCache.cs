using Tributary.Model;

namespace Tributary.Discovery.Azure;

/// <summary>Network interfaces that were asked for before: there is one request for each, and Azure limits requests. Safe for several threads.</summary>
/// <param name="refreshInterval">The time between two refreshes.</param>
/// <param name="time">The clock.</param>
internal sealed class InterfaceCache(TimeSpan refreshInterval, TimeProvider time)
{
    /// <summary>The most interfaces that are kept.</summary>
    public const int MaxEntries = 5000;

    /// <summary>For so many refreshes an interface is kept, and for up to so many more, so that not all are asked for at once.</summary>
    private const int Refreshes = 10;

    private const int MoreRefreshes = 3;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (NetworkInterface Interface, DateTimeOffset Until)> entries = new(
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Interfaces that were not asked for again since the start.</summary>
    public long Hits { get; private set; }

    /// <summary>An interface; null where it has to be asked for.</summary>
    public NetworkInterface? Find(string id)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(id, out var entry) || entry.Until <= time.GetUtcNow())
            {
                return null;
            }
            Hits++;
            return entry.Interface;
        }
    }

    /// <summary>Keeps an interface.</summary>
    public void Add(string id, NetworkInterface found)
    {
        var now = time.GetUtcNow();
        var spread = new Label("id", id).GetHashCode() & byte.MaxValue;
        var more = refreshInterval * MoreRefreshes * spread / byte.MaxValue;
        lock (gate)
        {
            if (entries.Count >= MaxEntries)
            {
                foreach (var (old, _) in entries.Where(entry => entry.Value.Until <= now).ToList())
                {
                    entries.Remove(old);
                }
            }
            if (entries.Count < MaxEntries)
            {
                entries[id] = (found, now + refreshInterval * Refreshes + more);
            }
        }
    }
}
