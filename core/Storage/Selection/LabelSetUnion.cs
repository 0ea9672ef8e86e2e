using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>Joins lists of series; cheap where a list brings nothing new, as most blocks do.</summary>
internal sealed class LabelSetUnion
{
    private readonly HashSet<LabelSet> known = [];
    private List<LabelSet> sorted = [];

    /// <summary>All series, in the order of their labels.</summary>
    public IReadOnlyList<LabelSet> Sorted => sorted;

    /// <summary>Takes a list, in any order.</summary>
    public void Add(IReadOnlyCollection<LabelSet> list)
    {
        var added = new List<LabelSet>();
        foreach (var series in list)
        {
            if (known.Add(series))
            {
                added.Add(series);
            }
        }
        AddNew(added);
    }

    /// <summary>Takes a list of series that no list had before, in any order.</summary>
    public void AddNew(IReadOnlyList<LabelSet> list)
    {
        if (list.Count == 0)
        {
            return;
        }
        var added = new List<LabelSet>(list);
        if (!IsSorted(added))
        {
            added.Sort();
        }
        sorted = sorted.Count == 0 ? added : Merge(sorted, added);
    }

    private static bool IsSorted(List<LabelSet> list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i - 1].CompareTo(list[i]) > 0)
            {
                return false;
            }
        }
        return true;
    }

    private static List<LabelSet> Merge(List<LabelSet> one, List<LabelSet> other)
    {
        var merged = new List<LabelSet>(one.Count + other.Count);
        var next = 0;
        foreach (var series in one)
        {
            for (; next < other.Count && other[next].CompareTo(series) < 0; next++)
            {
                merged.Add(other[next]);
            }
            merged.Add(series);
        }
        merged.AddRange(other[next..]);
        return merged;
    }
}
