using Tributary.Discovery;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Whom to ask at a tick, in which order.</summary>
/// <param name="Targets">The replicas, the first to be asked first; each other only when those before it fail.</param>
/// <param name="IsTrial">Whether the first is only tried: one that failed, and was left alone for the calm period since.</param>
internal sealed record ReplicaOrder(IReadOnlyList<Target> Targets, bool IsTrial)
{
    /// <summary>The order of a tick.</summary>
    /// <param name="replicas">The replicas, the preferred first.</param>
    /// <param name="memory">Which is taken, and which failed.</param>
    /// <param name="tickMs">The tick, milliseconds since the epoch.</param>
    public static ReplicaOrder Of(IReadOnlyList<Target> replicas, ReplicaMemory memory, long tickMs)
    {
        var taken = IndexOf(replicas, memory.Taken);
        if (memory.FailureOf(replicas[taken].Replica) is not null)
        {
            // It failed the last time, and nobody else was better: who was asked longest ago may be back.
            return new ReplicaOrder(ByAge(replicas, memory), false);
        }
        var calmMs = (long)replicas[0].Config.Source.CalmPeriod.TotalMilliseconds;
        var tried = replicas.Take(taken).FirstOrDefault(replica => IsCalm(memory.FailureOf(replica.Replica)));
        var others = ByAge(
            [
                .. replicas.Where(replica =>
                    !ReferenceEquals(replica, replicas[taken]) && !ReferenceEquals(replica, tried)
                ),
            ],
            memory
        );
        return tried is null
            ? new ReplicaOrder([replicas[taken], .. others], false)
            : new ReplicaOrder([tried, replicas[taken], .. others], true);

        bool IsCalm(ReplicaFailure? failure) => failure is null || tickMs - failure.AtMs >= calmMs;
    }

    /// <summary>Those first that never failed, and of the others those whose failure is oldest.</summary>
    private static List<Target> ByAge(IReadOnlyList<Target> replicas, ReplicaMemory memory) =>
        [.. replicas.OrderBy(replica => memory.FailureOf(replica.Replica)?.AtMs ?? long.MinValue)];

    /// <summary>The position of the replica that is taken; the first where it is none of them any more.</summary>
    private static int IndexOf(IReadOnlyList<Target> replicas, string taken)
    {
        for (var i = 0; i < replicas.Count; i++)
        {
            if (string.Equals(replicas[i].Replica, taken, StringComparison.Ordinal))
            {
                return i;
            }
        }
        return 0;
    }
}
