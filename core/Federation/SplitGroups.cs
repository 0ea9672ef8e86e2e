using Tributary.PromQL.Selectors;
using Tributary.PromQL.Syntax;

namespace Tributary.Federation;

/// <summary>Divides the selectors of a job into groups that share neither a series nor a metric family.</summary>
/// <remarks>The same selectors give the same groups in every process: plans speak of groups by number.</remarks>
internal static class SplitGroups
{
    /// <summary>The most groups; what is left is dealt out among them.</summary>
    public const int MaxGroups = 16;

    /// <summary>Of more selectors none is compared with another.</summary>
    private const int MaxSelectors = 64;

    /// <summary>Into so many a selector is divided at most, so that it overlaps no other group.</summary>
    private const int MaxPieces = 4;

    /// <summary>The groups, in the order of their first selectors; one when the selectors cannot be told apart.</summary>
    public static IReadOnlyList<IReadOnlyList<VectorSelector>> Of(IReadOnlyList<VectorSelector> selectors)
    {
        if (selectors.Count > MaxSelectors)
        {
            return [selectors];
        }
        var groups = new List<List<VectorSelector>>();
        foreach (var selector in SelectorAlgebra.WithoutContained(selectors))
        {
            Add(groups, selector);
        }
        return groups.Count == 0 ? [selectors] : Deal(groups);
    }

    private static void Add(List<List<VectorSelector>> groups, VectorSelector selector)
    {
        List<VectorSelector> own = [selector];
        for (var i = 0; i < groups.Count; i++)
        {
            if (!Shares(own, groups[i]))
            {
                continue;
            }
            if (Without(own, groups[i]) is { } rest)
            {
                own = rest;
                continue;
            }
            // It cannot be kept apart: what it shares with one group is one group with it.
            own = [.. groups[i], .. own];
            groups.RemoveAt(i);
            i = -1;
        }
        if (own.Count > 0)
        {
            groups.Add(own);
        }
    }

    /// <summary>Selectors without what a group selects, where that cuts no family; else null.</summary>
    private static List<VectorSelector>? Without(List<VectorSelector> selectors, List<VectorSelector> group)
    {
        var rest = selectors;
        foreach (var other in group)
        {
            rest = [.. rest.SelectMany(selector => SelectorAlgebra.Subtract(selector, other))];
            if (rest.Count > MaxPieces * selectors.Count)
            {
                return null;
            }
        }
        return Shares(rest, group) ? null : rest;
    }

    private static bool Shares(List<VectorSelector> left, List<VectorSelector> right) =>
        left.Exists(one => right.Exists(other => SelectorAlgebra.MayShareFamily(one, other)));

    private static List<List<VectorSelector>> Deal(List<List<VectorSelector>> groups)
    {
        for (var i = MaxGroups; i < groups.Count; i++)
        {
            groups[i % MaxGroups].AddRange(groups[i]);
        }
        return groups.Count > MaxGroups ? groups[..MaxGroups] : groups;
    }
}
