namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>What all host instances of one app share: who listens to a timer, and when it was called.</summary>
internal sealed class HostStorage
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Instance, DateTime Expires)> locks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimerStatus> statuses = new(StringComparer.Ordinal);

    /// <summary>Takes the lock of a timer when nobody has it, or its holder has not renewed it in time.</summary>
    public bool TryAcquire(string function, string instance, TimeSpan lease)
    {
        lock (gate)
        {
            if (locks.TryGetValue(function, out var held) && held.Expires > DateTime.UtcNow)
            {
                return false;
            }
            locks[function] = (instance, DateTime.UtcNow + lease);
            return true;
        }
    }

    /// <summary>Renews it; not when it was lost.</summary>
    public bool TryRenew(string function, string instance, TimeSpan lease)
    {
        lock (gate)
        {
            if (!locks.TryGetValue(function, out var held) || held.Instance != instance)
            {
                return false;
            }
            locks[function] = (instance, DateTime.UtcNow + lease);
            return true;
        }
    }

    /// <summary>The holder loses the lock and does not know it yet.</summary>
    /// <returns>Whether anybody had it.</returns>
    public bool Lose(string function)
    {
        lock (gate)
        {
            return locks.Remove(function);
        }
    }

    public TimerStatus? Status(string function)
    {
        lock (gate)
        {
            return statuses.GetValueOrDefault(function);
        }
    }

    public void Note(string function, TimerStatus status)
    {
        lock (gate)
        {
            statuses[function] = status;
        }
    }
}
