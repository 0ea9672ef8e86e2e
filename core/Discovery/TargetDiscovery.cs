using System.Globalization;
using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Makes pools of targets of what was discovered.</summary>
public static class TargetDiscovery
{
    private const string AddressLabel = "__address__";

    /// <summary>Of the targets of a pool that are not usable, so many are explained.</summary>
    private const int MaxExplained = 20;

    /// <summary>The targets that stand in a configuration, in the order of the file; of equal ones in a job only the first.</summary>
    public static IReadOnlyList<Target> Discover(CollectorConfig config) =>
        [.. config.ScrapeConfigs.SelectMany(job => Pool(job, StaticGroups(job)).Active)];

    /// <summary>The targets that stand in a job's configuration.</summary>
    public static IReadOnlyList<TargetGroup> StaticGroups(ScrapeConfig job) =>
        [
            .. job.StaticConfigs.Select(
                (group, number) =>
                    new TargetGroup(
                        number.ToString(CultureInfo.InvariantCulture),
                        [.. group.Targets.Select(address => LabelSet.Of(AddressLabel, address))],
                        group.Labels
                    )
            ),
        ];

    /// <summary>Resolves all targets of a job: defaults, relabelling, checks, limits.</summary>
    public static ScrapePool Pool(ScrapeConfig job, IEnumerable<TargetGroup> groups)
    {
        var active = new OrderedDictionary<string, Target>(StringComparer.Ordinal);
        var dropped = new List<LabelSet>();
        var rejected = new List<string>();
        var (droppedCount, rejectedCount) = (0, 0);
        foreach (var group in groups)
        {
            for (var i = 0; i < group.Targets.Count; i++)
            {
                var (discovered, target, reason) = TargetResolver.Resolve(job, group.Targets[i], group.Labels);
                if (target is not null)
                {
                    active.TryAdd(target.Source, target);
                }
                else if (reason is null)
                {
                    droppedCount++;
                    Keep(dropped, discovered, job.Limits.KeepDroppedTargets);
                }
                else
                {
                    rejectedCount++;
                    Keep(rejected, $"target {i + 1} of group {group.Source}: {reason}", MaxExplained);
                }
            }
        }
        var problem = LimitProblem(job, active.Count);
        var (targets, notes) = DeclaredReplicas.Group(job, [.. active.Values]);
        return new ScrapePool
        {
            Config = job,
            Active = problem is null ? targets : [.. targets.Select(target => target with { Problem = problem })],
            Notes = notes,
            Dropped = dropped,
            DroppedCount = droppedCount,
            Rejected = rejected,
            RejectedCount = rejectedCount,
            Problem = problem,
        };
    }

    /// <summary>Adds to a list that has a limit; 0 is none.</summary>
    private static void Keep<T>(List<T> list, T item, long limit)
    {
        if (limit == 0 || list.Count < limit)
        {
            list.Add(item);
        }
    }

    private static string? LimitProblem(ScrapeConfig job, int count) =>
        job.Limits.TargetLimit is > 0 and var limit && count > limit
            ? $"target_limit exceeded (number of targets: {count}, limit: {limit})"
            : null;
}
