using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Selectors;

/// <summary>What selectors have in common: a selector as the set of all label sets that it could select.</summary>
/// <remarks>
/// A selector is a condition on each label by itself, so that questions about two of them are questions about texts, which
/// the automata of their patterns answer. A label that is missing is the empty text. Patterns that are too large to be
/// compared leave a question open, and each answer says to which side.
/// </remarks>
public static class SelectorAlgebra
{
    /// <summary>Into so many selectors <see cref="MakeDisjoint"/> divides at most, unless told otherwise.</summary>
    public const int DefaultMaxSelectors = 256;

    /// <summary>Whether every series of <paramref name="inner"/> is one of <paramref name="outer"/>, for certain.</summary>
    public static bool Contains(VectorSelector outer, VectorSelector inner) =>
        outer.Matchers.All(matcher => IsEmpty(inner.Matchers.Append(Negate(matcher)), matcher.Name)) || IsEmpty(inner);

    /// <summary>Whether no series is selected by both, for certain.</summary>
    public static bool AreDisjoint(VectorSelector left, VectorSelector right) => IsEmpty(Both(left, right));

    /// <summary>Whether no series at all can be selected, for certain.</summary>
    public static bool IsEmpty(VectorSelector selector) =>
        selector
            .Matchers.Select(matcher => matcher.Name)
            .Distinct(StringComparer.Ordinal)
            .Any(name => IsEmpty(selector.Matchers, name));

    /// <summary>The series of both selectors.</summary>
    public static VectorSelector Both(VectorSelector left, VectorSelector right) =>
        new([.. left.Matchers.Concat(right.Matchers).Distinct()]);

    /// <summary>
    /// The series of <paramref name="selector"/> that are none of <paramref name="removed"/>, as selectors that share no
    /// series; none when nothing is left, and the selector itself when the two are disjoint.
    /// </summary>
    public static IReadOnlyList<VectorSelector> Subtract(VectorSelector selector, VectorSelector removed)
    {
        if (IsEmpty(selector))
        {
            return [];
        }
        if (AreDisjoint(selector, removed))
        {
            return [selector];
        }
        var pieces = new List<VectorSelector>();
        var rest = selector;
        foreach (var matcher in removed.Matchers)
        {
            var piece = With(rest, Negate(matcher));
            if (IsEmpty(piece.Matchers, matcher.Name))
            {
                // The condition holds anyway.
                continue;
            }
            pieces.Add(piece);
            rest = With(rest, matcher);
        }
        return pieces;
    }

    /// <summary>Selectors of which no two share a series, and which select together what the given ones do.</summary>
    /// <param name="selectors">The selectors; earlier ones stay whole, those that others contain are left out.</param>
    /// <param name="max">The most selectors.</param>
    /// <returns>Null when it would take more than <paramref name="max"/>.</returns>
    public static IReadOnlyList<VectorSelector>? MakeDisjoint(
        IReadOnlyList<VectorSelector> selectors,
        int max = DefaultMaxSelectors
    )
    {
        var disjoint = new List<VectorSelector>();
        var whole = WithoutContained(selectors);
        for (var i = 0; i < whole.Count; i++)
        {
            List<VectorSelector> pieces = [whole[i]];
            for (var earlier = 0; earlier < i && pieces.Count > 0; earlier++)
            {
                pieces = [.. pieces.SelectMany(piece => Subtract(piece, whole[earlier]))];
                if (disjoint.Count + pieces.Count > max)
                {
                    return null;
                }
            }
            disjoint.AddRange(pieces);
        }
        return disjoint.Count > max ? null : disjoint;
    }

    /// <summary>The selectors without those that another contains for certain, and without those that select nothing.</summary>
    public static IReadOnlyList<VectorSelector> WithoutContained(IReadOnlyList<VectorSelector> selectors)
    {
        var kept = new List<VectorSelector>();
        foreach (var selector in selectors)
        {
            if (!IsEmpty(selector) && !kept.Exists(other => Contains(other, selector)))
            {
                kept.RemoveAll(other => Contains(selector, other));
                kept.Add(selector);
            }
        }
        return kept;
    }

    /// <summary>
    /// Whether the selectors could hold different series of one metric family, such as <c>x_bucket</c> and <c>x_sum</c>,
    /// with otherwise equal labels; false only when they cannot for certain.
    /// </summary>
    public static bool MayShareFamily(VectorSelector left, VectorSelector right)
    {
        if (IsEmpty(left) || IsEmpty(right))
        {
            return false;
        }
        LabelMatcher[] both = [.. left.Matchers.Concat(right.Matchers)];
        var outer = both.Select(matcher => matcher.Name).Where(name => !IsName(name) && !MetricFamily.IsInner(name));
        return !outer.Distinct(StringComparer.Ordinal).Any(name => IsEmpty(both, name))
            && MetricFamily.MayShare(NamesOf(left), NamesOf(right));
    }

    /// <summary>The opposite of a condition.</summary>
    public static LabelMatcher Negate(LabelMatcher matcher) =>
        new(
            matcher.Name,
            matcher.Operator switch
            {
                MatchOperator.Equal => MatchOperator.NotEqual,
                MatchOperator.NotEqual => MatchOperator.Equal,
                MatchOperator.Regex => MatchOperator.NotRegex,
                _ => MatchOperator.Regex,
            },
            matcher.Value
        );

    /// <summary>A selector with one condition more.</summary>
    public static VectorSelector With(VectorSelector selector, LabelMatcher matcher) =>
        selector.Matchers.Contains(matcher) ? selector : new([.. selector.Matchers, matcher]);

    private static LabelMatcher[] NamesOf(VectorSelector selector) =>
        [.. selector.Matchers.Where(matcher => IsName(matcher.Name))];

    private static bool IsName(string label) =>
        string.Equals(label, LabelSet.MetricNameLabel, StringComparison.Ordinal);

    /// <summary>Whether no text satisfies the conditions on one label, for certain.</summary>
    private static bool IsEmpty(IEnumerable<LabelMatcher> matchers, string label) =>
        TextSearch.Exists([.. matchers.Where(matcher => string.Equals(matcher.Name, label, StringComparison.Ordinal))])
            is false;
}
