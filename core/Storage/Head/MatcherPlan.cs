using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Storage.Head;

/// <summary>One matcher over the head's postings: the pattern runs once per value, not once per series.</summary>
internal sealed class MatcherPlan
{
    private readonly LabelMatcher matcher;
    private readonly bool matchesMissing;
    private readonly Dictionary<string, bool> known = new(StringComparer.Ordinal);

    public MatcherPlan(LabelMatcher matcher, Dictionary<string, Dictionary<string, List<int>>> postings)
    {
        this.matcher = matcher;
        matchesMissing = matcher.Matches("");
        Cost = long.MaxValue;
        if (matchesMissing)
        {
            return;
        }
        Lists = [];
        if (!postings.TryGetValue(matcher.Name, out var values))
        {
            Cost = 0;
            return;
        }
        if (matcher.Operator == MatchOperator.Equal)
        {
            Lists = values.TryGetValue(matcher.Value, out var ids) ? [ids] : [];
        }
        else
        {
            Lists = [.. values.Where(value => Matches(value.Key)).Select(value => value.Value)];
        }
        Cost = Lists.Sum(list => (long)list.Count);
    }

    /// <summary>The postings of the values that match; null when series without the label match too.</summary>
    public List<List<int>>? Lists { get; }

    /// <summary>Series in <see cref="Lists"/>.</summary>
    public long Cost { get; }

    public bool Matches(LabelSet labels) => labels.Get(matcher.Name) is { } value ? Matches(value) : matchesMissing;

    private bool Matches(string value)
    {
        if (!known.TryGetValue(value, out var matches))
        {
            known.Add(value, matches = matcher.Matches(value));
        }
        return matches;
    }
}
