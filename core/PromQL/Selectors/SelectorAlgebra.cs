using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Selectors;

/// <summary>What two selectors have in common, as far as it can be told from their texts alone.</summary>
internal static class SelectorAlgebra
{
    /// <summary>Whether every series that <paramref name="inner"/> selects is certain to be one of <paramref name="outer"/>'s.</summary>
    public static bool Contains(VectorSelector outer, VectorSelector inner) =>
        outer.Matchers.All(wide => IsImplied(wide, inner));

    /// <summary>Whether no series can be selected by both, for certain.</summary>
    public static bool AreDisjoint(VectorSelector left, VectorSelector right) =>
        left.Matchers.Any(matcher => IsExcluded(matcher, right)) || right.Matchers.Any(matcher => IsExcluded(matcher, left));

    private static bool IsImplied(LabelMatcher wide, VectorSelector inner)
    {
        if (MatchesEverything(wide) || (IsName(wide) && MatchesNonEmpty(wide)))
        {
            return true;
        }
        return inner
            .Matchers.Where(narrow => IsSameLabel(narrow, wide))
            .Any(narrow =>
                narrow.Equals(wide)
                || (ValuesOf(narrow)?.All(wide.Matches) ?? false)
                || (!narrow.MatchesEmpty && MatchesNonEmpty(wide))
            );
    }

    /// <summary>Whether the values that a matcher allows are all refused by another selector.</summary>
    private static bool IsExcluded(LabelMatcher matcher, VectorSelector other) =>
        ValuesOf(matcher) is { } values
        && other.Matchers.Any(one => IsSameLabel(one, matcher) && !values.Any(one.Matches));

    private static bool IsSameLabel(LabelMatcher left, LabelMatcher right) =>
        string.Equals(left.Name, right.Name, StringComparison.Ordinal);

    private static bool IsName(LabelMatcher matcher) =>
        string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal);

    /// <summary>All values that match; null when they cannot be listed.</summary>
    private static IReadOnlyCollection<string>? ValuesOf(LabelMatcher matcher) =>
        matcher.Operator switch
        {
            MatchOperator.Equal => [matcher.Value],
            MatchOperator.Regex => matcher.Pattern!.Literals,
            _ => null,
        };

    private static bool MatchesEverything(LabelMatcher matcher) =>
        matcher.Operator is MatchOperator.Regex && matcher.Pattern!.MatchesEverything;

    private static bool MatchesNonEmpty(LabelMatcher matcher) =>
        matcher.Operator switch
        {
            MatchOperator.Regex => matcher.Pattern!.MatchesNonEmpty,
            MatchOperator.NotEqual => matcher.Value.Length == 0,
            _ => false,
        };
}
