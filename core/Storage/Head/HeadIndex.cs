using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Storage.Head;

/// <summary>Which series of the head have which label, and their order. Guarded by the head's lock.</summary>
internal sealed class HeadIndex
{
    private readonly Dictionary<string, Dictionary<string, List<int>>> postings = new(StringComparer.Ordinal);
    private readonly List<HeadSeries> series = [];
    private int[] ordered = [];
    private int[] ranks = [];

    /// <summary>All series, by their number.</summary>
    public IReadOnlyList<HeadSeries> Series => series;

    /// <summary>Label names in use.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, List<int>>> Postings => postings;

    /// <summary>Adds a series under the next number.</summary>
    public void Add(HeadSeries added)
    {
        added.Id = series.Count;
        series.Add(added);
        foreach (var label in added.Labels.Labels)
        {
            if (!postings.TryGetValue(label.Name, out var values))
            {
                postings.Add(label.Name, values = new(StringComparer.Ordinal));
            }
            if (!values.TryGetValue(label.Value, out var ids))
            {
                values.Add(label.Value, ids = []);
            }
            ids.Add(added.Id);
        }
    }

    /// <summary>The series that one of the selectors matches, in order: by metric name, then by labels.</summary>
    public HeadSeries[] Select(IReadOnlyList<VectorSelector> selectors)
    {
        var matched = new bool[series.Count];
        var count = 0;
        foreach (var selector in selectors)
        {
            count += Mark(selector.Matchers, matched);
        }
        return Ordered(matched, count);
    }

    /// <summary>The series that satisfy all matchers, in the same order.</summary>
    public HeadSeries[] Select(IReadOnlyList<LabelMatcher> matchers)
    {
        var matched = new bool[series.Count];
        return Ordered(matched, Mark(matchers, matched));
    }

    private HeadSeries[] Ordered(bool[] matched, int count)
    {
        var result = new HeadSeries[count];
        var next = 0;
        if (count * 16L > series.Count)
        {
            Sort();
            foreach (var id in ordered)
            {
                if (matched[id])
                {
                    result[next++] = series[id];
                }
            }
            return result;
        }
        for (var id = 0; next < count; id++)
        {
            if (matched[id])
            {
                result[next++] = series[id];
            }
        }
        if (ordered.Length == series.Count)
        {
            Array.Sort(result, (a, b) => ranks[a.Id].CompareTo(ranks[b.Id]));
        }
        else
        {
            // A few of many that are new: cheaper than bringing the whole order up to date.
            Array.Sort(result, (a, b) => Compare(a.Id, b.Id));
        }
        return result;
    }

    /// <summary>The label names of the series that match one of the selectors, in any order.</summary>
    public IEnumerable<string> LabelNames(IReadOnlyList<VectorSelector> selectors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var matched in Select(selectors))
        {
            foreach (var label in matched.Labels.Labels)
            {
                names.Add(label.Name);
            }
        }
        return names;
    }

    /// <summary>The values of a label among the series that match one of the selectors, in any order.</summary>
    public IEnumerable<string> LabelValues(string name, IReadOnlyList<VectorSelector> selectors) =>
        Select(selectors).Select(matched => matched.Labels.Get(name)).OfType<string>();

    /// <summary>Marks the series that match; returns how many were not marked before.</summary>
    private int Mark(IReadOnlyList<LabelMatcher> matchers, bool[] marked)
    {
        var plans = matchers.Select(matcher => new MatcherPlan(matcher, postings)).OrderBy(plan => plan.Cost).ToList();
        var first = plans.Find(plan => plan.Lists is not null);
        var rest = plans.Where(plan => !ReferenceEquals(plan, first)).ToList();
        var added = 0;
        if (first?.Lists is { } lists)
        {
            foreach (var list in lists)
            {
                foreach (var id in list)
                {
                    added += TryMark(id, rest, marked);
                }
            }
            return added;
        }
        for (var id = 0; id < series.Count; id++)
        {
            added += TryMark(id, rest, marked);
        }
        return added;
    }

    private int TryMark(int id, List<MatcherPlan> rest, bool[] marked)
    {
        if (marked[id])
        {
            return 0;
        }
        foreach (var plan in rest)
        {
            if (!plan.Matches(series[id].Labels))
            {
                return 0;
            }
        }
        marked[id] = true;
        return 1;
    }

    /// <summary>Brings the order up to date: the new series are sorted and merged into the rest.</summary>
    private void Sort()
    {
        if (ordered.Length == series.Count)
        {
            return;
        }
        var added = Enumerable.Range(ordered.Length, series.Count - ordered.Length).ToArray();
        Array.Sort(added, Compare);
        var merged = new int[series.Count];
        var (old, next) = (0, 0);
        for (var i = 0; i < merged.Length; i++)
        {
            var takeOld = next == added.Length || (old < ordered.Length && Compare(ordered[old], added[next]) < 0);
            merged[i] = takeOld ? ordered[old++] : added[next++];
        }
        ordered = merged;
        ranks = new int[merged.Length];
        for (var i = 0; i < merged.Length; i++)
        {
            ranks[merged[i]] = i;
        }
    }

    private int Compare(int left, int right)
    {
        var a = series[left].Labels;
        var b = series[right].Labels;
        var byName = Utf8Order.Compare(a.MetricName, b.MetricName);
        return byName != 0 ? byName : a.CompareTo(b);
    }
}
