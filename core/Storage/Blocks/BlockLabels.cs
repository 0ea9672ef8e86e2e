using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Storage.Blocks;

/// <summary>Labels that all series of a block have besides their own, and instead of them: Thanos' external labels.</summary>
/// <param name="labels">The labels.</param>
internal sealed class BlockLabels(LabelSet labels)
{
    /// <summary>No labels.</summary>
    public static readonly BlockLabels None = new(LabelSet.Empty);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => labels.Labels.IsEmpty;

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => labels.Labels.ToArray().Select(label => label.Name);

    /// <summary>A label's value; null when it is none of them.</summary>
    public string? ValueOf(string name) => labels.Get(name);

    /// <summary>The matchers that are left for the series' own labels; null when no series can match.</summary>
    public IReadOnlyList<LabelMatcher>? Rewrite(IReadOnlyList<LabelMatcher> matchers)
    {
        if (IsEmpty)
        {
            return matchers;
        }
        var own = new List<LabelMatcher>(matchers.Count);
        foreach (var matcher in matchers)
        {
            if (labels.Get(matcher.Name) is not { } value)
            {
                own.Add(matcher);
            }
            else if (!matcher.Matches(value))
            {
                return null;
            }
        }
        return own;
    }

    /// <summary>A series' labels with these.</summary>
    public LabelSet Extend(LabelSet series)
    {
        if (IsEmpty)
        {
            return series;
        }
        var all = new List<Label>(series.Labels.Length + labels.Labels.Length);
        foreach (var label in series.Labels)
        {
            if (labels.Get(label.Name) is null)
            {
                all.Add(label);
            }
        }
        all.AddRange(labels.Labels);
        return LabelSet.Of(all);
    }
}
