using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Decides which targets are replicas of one source, by what they say of themselves.</summary>
internal static class ReplicaRecognition
{
    /// <summary>Whether a target may be a replica that nobody declared.</summary>
    public static bool IsCandidate(Target target) =>
        target
            is {
                IsFederate: true,
                Problem: null,
                Config.Source: { RecognisesReplicas: true, Failover: false, Replicas.Count: 0 }
            };

    /// <summary>What only targets with the same can be replicas of each other: the labels that they are given, and what they are asked.</summary>
    public static (string Job, LabelSet Labels, string Path) PeersOf(Target target) =>
        (target.Job, ReplicaLabels.Without(target.Labels, [ReplicaLabels.Instance]), target.Url.PathAndQuery);

    /// <summary>Decides about all targets that may be replicas of each other.</summary>
    /// <param name="peers">The targets in their order, each with what it said; null for one that was not heard yet.</param>
    /// <returns>The identities with their decision, in the same order; null as before.</returns>
    public static IReadOnlyList<ReplicaIdentity?> Decide(
        IReadOnlyList<(Target Target, ReplicaIdentity? Identity)> peers
    )
    {
        var decided = peers.Select(peer => peer.Identity).ToArray();
        var isOneMissing = Array.Exists(decided, identity => identity is null);
        var done = new bool[peers.Count];
        for (var i = 0; i < peers.Count; i++)
        {
            if (done[i] || decided[i] is not { } first)
            {
                continue;
            }
            var members = Enumerable
                .Range(i, peers.Count - i)
                .Where(k => !done[k] && (k == i || decided[k] is { } other && first.IsLike(other)))
                .ToList();
            members.ForEach(k => done[k] = true);
            var values = members.SelectMany(k => decided[k]!.Values).ToList();
            var isAmbiguous = values.Distinct(StringComparer.Ordinal).Count() < values.Count;
            var isSource =
                first.Label.Length > 0
                && !isAmbiguous
                && (values.Count > 1 || isOneMissing || members.Exists(k => decided[k]!.IsReplica));
            var key = isSource ? KeyOf(peers, members) : "";
            foreach (var k in members)
            {
                decided[k] = With(decided[k]!, isSource ? key : peers[k].Target.Source, isSource);
            }
        }
        return decided;
    }

    /// <summary>The target as a replica of its source; as it is when it is none.</summary>
    /// <param name="target">The target.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="instance">The instance of the source's series that have none of their own.</param>
    public static Target Apply(Target target, ReplicaIdentity identity, string instance) =>
        !identity.IsReplica
            ? target
            : target with
            {
                Source = identity.Source,
                Config = ReplicaLabels.WithoutLabels(target.Config, [identity.Label]),
                Labels = ReplicaLabels.With(target.Labels, ReplicaLabels.Instance, instance),
                OwnLabels = target.Labels,
                Replica = identity.Values[0],
                ReplicaLabel = identity.Label,
                Alternates = identity.Values.Count > 1,
            };

    private static ReplicaIdentity With(ReplicaIdentity identity, string source, bool isReplica) =>
        identity.IsReplica == isReplica && string.Equals(identity.Source, source, StringComparison.Ordinal)
            ? identity
            : identity with
            {
                Source = source,
                IsReplica = isReplica,
            };

    /// <summary>The key under which one of them is collected already, so that its series go on; else one of what they have in common.</summary>
    private static string KeyOf(IReadOnlyList<(Target Target, ReplicaIdentity? Identity)> peers, List<int> members)
    {
        var identities = members.Select(k => peers[k].Identity!).ToList();
        var known =
            identities.Find(identity => identity.IsReplica) ?? identities.Find(identity => identity.Source.Length > 0);
        if (known is not null)
        {
            return known.Source;
        }
        if (members.Count == 1 && identities[0].Values.Count > 1)
        {
            return peers[members[0]].Target.Source;
        }
        var (job, labels, path) = PeersOf(peers[members[0]].Target);
        var common = identities[0].Constant.Labels.ToArray().AsEnumerable();
        foreach (var identity in identities)
        {
            common = common.Intersect(identity.Constant.Labels.ToArray());
        }
        var sent = common.Select(label => new Label($"sent {label.Name}", label.Value));
        return SourceKey.OfReplicas(job, LabelSet.Of([.. labels.Labels.ToArray(), .. sent]), path);
    }
}
