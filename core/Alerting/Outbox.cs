using Tributary.Model;

namespace Tributary.Alerting;

/// <summary>What is to be sent to one Alertmanager, the oldest first. Safe for several threads.</summary>
/// <remarks>
/// An alert that waits is replaced by a newer message of the same state, so that an Alertmanager that does not answer for
/// hours costs no more than the alerts there were; that an alert fired and that it was over are two messages.
/// </remarks>
internal sealed class Outbox
{
    /// <summary>The most that wait, as in Prometheus.</summary>
    public const int Capacity = 10_000;

    /// <summary>The most of one request, as in Prometheus.</summary>
    public const int MaxBatch = 256;

    private readonly Lock gate = new();
    private readonly OrderedDictionary<Key, Notification> waiting = [];

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Adds messages behind those that wait.</summary>
    /// <returns>How many of the oldest were dropped because there is no room.</returns>
    public int Add(IReadOnlyList<Notification> notifications)
    {
        lock (gate)
        {
            foreach (var notification in notifications)
            {
                waiting.Remove(Key.Of(notification));
                waiting.Add(Key.Of(notification), notification);
            }
            return Shorten();
        }
    }

    /// <summary>Takes the oldest out.</summary>
    public IReadOnlyList<Notification> Take()
    {
        lock (gate)
        {
            var batch = waiting.Values.Take(MaxBatch).ToList();
            batch.ForEach(notification => waiting.Remove(Key.Of(notification)));
            return batch;
        }
    }

    /// <summary>Puts back in front what could not be sent, but for what has a newer message by now.</summary>
    /// <returns>How many of the oldest were dropped because there is no room.</returns>
    public int Return(IReadOnlyList<Notification> batch)
    {
        lock (gate)
        {
            var at = 0;
            foreach (var notification in batch)
            {
                if (!waiting.ContainsKey(Key.Of(notification)))
                {
                    waiting.Insert(at++, Key.Of(notification), notification);
                }
            }
            return Shorten();
        }
    }

    private int Shorten()
    {
        var dropped = Math.Max(0, waiting.Count - Capacity);
        if (dropped > 0)
        {
            var kept = waiting.Skip(dropped).ToList();
            waiting.Clear();
            kept.ForEach(pair => waiting.Add(pair.Key, pair.Value));
        }
        return dropped;
    }

    private readonly record struct Key(LabelSet Labels, long StartsAtMs, bool IsResolved)
    {
        public static Key Of(Notification notification) =>
            new(notification.Labels, notification.StartsAtMs, notification.IsResolved);
    }
}
