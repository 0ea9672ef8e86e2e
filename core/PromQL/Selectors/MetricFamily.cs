using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Selectors;

/// <summary>Which series belong together: a classic histogram or a summary is several series, whose names have suffixes.</summary>
public static class MetricFamily
{
    /// <summary>The suffixes, in byte order.</summary>
    internal static readonly string[] Suffixes = ["_bucket", "_count", "_sum"];

    /// <summary>With them a name ends that is the family's own.</summary>
    private static readonly string[] Endings = ["", .. Suffixes];

    /// <summary>The labels in which the series of one histogram or summary differ.</summary>
    private static readonly string[] InnerLabels = ["le", "quantile"];

    /// <summary>A metric name without the suffixes at its end; what is left is never empty.</summary>
    public static string StemOf(string name)
    {
        while (Array.Find(Suffixes, suffix => IsSuffixed(name, suffix)) is { } found)
        {
            name = name[..^found.Length];
        }
        return name;
    }

    /// <summary>Whether a label tells the series of one family apart, rather than families.</summary>
    internal static bool IsInner(string label) => InnerLabels.Contains(label, StringComparer.Ordinal);

    /// <summary>
    /// Whether two conditions on metric names can hold for two names of one family, or for the same; true when that is not
    /// decided.
    /// </summary>
    internal static bool MayShare(IReadOnlyList<LabelMatcher> left, IReadOnlyList<LabelMatcher> right)
    {
        if (TextSearch.SmallestList(left) is { } leftNames)
        {
            return MayShare(leftNames.Where(name => left.All(matcher => matcher.Matches(name))), right);
        }
        if (TextSearch.SmallestList(right) is { } rightNames)
        {
            return MayShare(rightNames.Where(name => right.All(matcher => matcher.Matches(name))), left);
        }
        if (TextSearch.Over([.. left, .. right], string.Concat(Suffixes)) is not { } search)
        {
            return true;
        }
        return search.Any(states => Holds(0, left.Count, states) && Holds(left.Count, states.Length, states)) ?? true;

        bool Holds(int from, int to, int[] states) =>
            Array.Exists(
                Endings,
                ending =>
                {
                    for (var i = from; i < to; i++)
                    {
                        if (!search.Accepts(i, search.After(i, states[i], ending)))
                        {
                            return false;
                        }
                    }
                    return true;
                }
            );
    }

    private static bool MayShare(IEnumerable<string> names, IReadOnlyList<LabelMatcher> others)
    {
        foreach (var name in names)
        {
            foreach (var ending in Endings.Where(ending => name.EndsWith(ending, StringComparison.Ordinal)))
            {
                var stem = name[..^ending.Length];
                if (Array.Exists(Endings, other => others.All(matcher => matcher.Matches(stem + other))))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static bool IsSuffixed(string name, string suffix) =>
        name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal);
}
