using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>Compares groups of two readings of the configuration.</summary>
internal static class RuleGroups
{
    /// <summary>Whether nothing of a group has changed; where its rules stand in the file does not count.</summary>
    public static bool AreSame(RuleGroupConfig one, RuleGroupConfig other) =>
        string.Equals(one.File, other.File, StringComparison.Ordinal)
        && string.Equals(one.Name, other.Name, StringComparison.Ordinal)
        && one.Interval == other.Interval
        && one.QueryOffset == other.QueryOffset
        && one.Limit == other.Limit
        && one.Labels.Equals(other.Labels)
        && one.Rules.Count == other.Rules.Count
        && one.Rules.Zip(other.Rules).All(pair => AreSame(pair.First, pair.Second));

    private static bool AreSame(RuleConfig one, RuleConfig other) =>
        string.Equals(one.Record, other.Record, StringComparison.Ordinal)
        && string.Equals(one.Alert, other.Alert, StringComparison.Ordinal)
        && one.For == other.For
        && one.KeepFiringFor == other.KeepFiringFor
        && one.Labels.SequenceEqual(other.Labels)
        && one.Annotations.SequenceEqual(other.Annotations)
        && one.Expression.Equals(other.Expression);
}
