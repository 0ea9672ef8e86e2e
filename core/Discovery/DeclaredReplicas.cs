using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Makes one source of targets that the configuration declares to be replicas: by labels, or as failover.</summary>
internal static class DeclaredReplicas
{
    /// <summary>The targets, those of one source with one key and in their order of preference.</summary>
    /// <returns>The targets, and what is wrong with the declaration.</returns>
    public static (IReadOnlyList<Target> Targets, IReadOnlyList<string> Notes) Group(
        ScrapeConfig job,
        IReadOnlyList<Target> targets
    )
    {
        var source = job.Source;
        if (source is { Failover: false, Replicas.Count: 0 } || targets.Count == 0)
        {
            return (targets, []);
        }
        return source.Failover ? ([.. Failover(job, targets)], []) : ByLabels(job, targets);
    }

    private static IEnumerable<Target> Failover(ScrapeConfig job, IReadOnlyList<Target> targets)
    {
        var key = SourceKey.OfReplicas(job.JobName, LabelSet.Empty, "failover");
        var config = ReplicaLabels.WithoutLabels(
            job,
            job.Source.Replicas.Union(ReplicaLabels.Unmistakable, StringComparer.Ordinal)
        );
        var common = targets[0].Labels.Labels.ToArray().AsEnumerable();
        foreach (var target in targets)
        {
            common = common.Intersect(target.Labels.Labels.ToArray());
        }
        return Members(targets, key, config, LabelSet.Of(common));
    }

    private static (IReadOnlyList<Target> Targets, IReadOnlyList<string> Notes) ByLabels(
        ScrapeConfig job,
        IReadOnlyList<Target> targets
    )
    {
        var config = ReplicaLabels.WithoutLabels(job, job.Source.Replicas);
        var (grouped, notes) = (new List<Target>(), new List<string>());
        foreach (var group in targets.GroupBy(target => (Common: CommonOf(job, target), Path: target.Url.PathAndQuery)))
        {
            var members = new OrderedDictionary<string, Target>(StringComparer.Ordinal);
            var others = new List<Target>();
            foreach (var target in group)
            {
                // Those without the label send it themselves, and only they know its value.
                var name = NameOf(job, target);
                if (!members.TryAdd(name.Length > 0 ? name : target.Source, target))
                {
                    others.Add(target);
                    notes.Add(
                        $"two targets are the replica {Words.Quote(name)} of one source, and only the first is taken for it: "
                            + "give the targets of each source a label of its own"
                    );
                }
            }
            var key = SourceKey.OfReplicas(job.JobName, group.Key.Common, group.Key.Path);
            // Whatever discovery says first: all processes prefer the same one.
            var ordered = members
                .Values.OrderBy(target => NameOf(job, target), StringComparer.Ordinal)
                .ThenBy(InstanceOf, StringComparer.Ordinal)
                .ToList();
            grouped.AddRange(Members(ordered, key, config, group.Key.Common));
            grouped.AddRange(others);
        }
        return (grouped, notes);
    }

    private static IEnumerable<Target> Members(
        IReadOnlyList<Target> targets,
        string key,
        ScrapeConfig config,
        LabelSet common
    )
    {
        // Series without an instance of their own get that of the first, whichever replica sends them.
        var labels = ReplicaLabels.With(common, ReplicaLabels.Instance, InstanceOf(targets[0]));
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            var name = NameOf(config, target) is { Length: > 0 } said ? said : InstanceOf(target);
            if (!names.Add(name))
            {
                name = $"{name} {target.Source[(target.Source.LastIndexOf('/') + 1)..]}";
                names.Add(name);
            }
            yield return target with
            {
                Source = key,
                Config = config,
                Labels = config.Source.KeepReplicaLabel ? WithReplicaLabels(config, labels, target) : labels,
                OwnLabels = target.Labels,
                Replica = name,
                Interval = targets[0].Interval,
                IntervalText = targets[0].IntervalText,
            };
        }
    }

    private static LabelSet WithReplicaLabels(ScrapeConfig config, LabelSet labels, Target target)
    {
        foreach (var name in config.Source.Replicas)
        {
            if (target.Labels.Get(name) is { } value)
            {
                labels = ReplicaLabels.With(labels, name, value);
            }
        }
        return labels;
    }

    private static LabelSet CommonOf(ScrapeConfig job, Target target) =>
        ReplicaLabels.Without(target.Labels, [.. job.Source.Replicas, ReplicaLabels.Instance]);

    /// <summary>The values of the labels that tell replicas apart; empty when the target has none of them.</summary>
    private static string NameOf(ScrapeConfig job, Target target) =>
        string.Join('/', job.Source.Replicas.Select(target.Labels.Get).OfType<string>());

    private static string InstanceOf(Target target) => target.Labels.Get(ReplicaLabels.Instance) ?? "";
}
