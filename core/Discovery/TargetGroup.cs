using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Targets that a discovery knows under one name, with the labels that they share.</summary>
/// <param name="Source">The name of the group, unique in its discovery: a file or an address, with the place in it.</param>
/// <param name="Targets">The targets' own labels, <c>__address__</c> among them; they win over <paramref name="Labels"/>.</param>
/// <param name="Labels">Labels of all of them; those that begin with <c>__</c> steer the scrape.</param>
public sealed record TargetGroup(string Source, IReadOnlyList<LabelSet> Targets, LabelSet Labels)
{
    /// <summary>Whether two lists have equal groups in the same order.</summary>
    internal static bool AreSame(IReadOnlyList<TargetGroup> left, IReadOnlyList<TargetGroup> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(TargetGroup left, TargetGroup right) =>
        string.Equals(left.Source, right.Source, StringComparison.Ordinal)
        && left.Labels.Equals(right.Labels)
        && left.Targets.SequenceEqual(right.Targets);
}
