using Tributary.Model;

namespace Tributary.Federation;

/// <summary>The labels that a server adds to series which it hands out.</summary>
internal static class AddedLabels
{
    /// <summary>A series has no more external labels, as far as they are found out by comparing.</summary>
    private const int MostLabels = 5;

    /// <summary>Series of which the labels are found out.</summary>
    private const int MostSeries = 200;

    /// <summary>Attempts at all of them.</summary>
    private const int MostAttempts = 50_000;

    /// <summary>A series with the labels that it does not have itself.</summary>
    public static LabelSet Lay(LabelSet series, LabelSet external)
    {
        if (external.Labels.IsEmpty)
        {
            return series;
        }
        var labels = new List<Label>(series.Labels.Length + external.Labels.Length);
        labels.AddRange(series.Labels);
        foreach (var label in external.Labels)
        {
            if (series.Get(label.Name) is null)
            {
                labels.Add(label);
            }
        }
        return labels.Count == series.Labels.Length ? series : LabelSet.Of(labels);
    }

    /// <summary>Finds out which labels were added.</summary>
    /// <param name="without">Series as they are.</param>
    /// <param name="with">Some of the same series, with the labels.</param>
    /// <returns>The labels; null when no set of labels explains the difference.</returns>
    public static LabelSet? Infer(HashSet<LabelSet> without, IReadOnlyList<LabelSet> with)
    {
        var found = new Dictionary<string, Label>(StringComparer.Ordinal);
        var attempts = 0;
        foreach (var series in with.Where(one => !without.Contains(one)).Take(MostSeries))
        {
            if (Difference(series, without, ref attempts) is not { } added)
            {
                return null;
            }
            foreach (var label in added)
            {
                if (found.TryGetValue(label.Name, out var known) && !known.Equals(label))
                {
                    return null;
                }
                found[label.Name] = label;
            }
        }
        return LabelSet.Of(found.Values);
    }

    /// <summary>The fewest labels without which a series is one of a set.</summary>
    private static List<Label>? Difference(LabelSet series, HashSet<LabelSet> without, ref int attempts)
    {
        var chosen = new List<Label>();
        for (var count = 1; count <= Math.Min(MostLabels, series.Labels.Length - 1); count++)
        {
            if (Choose(series, 0, count, chosen, without, ref attempts))
            {
                return chosen;
            }
        }
        return null;
    }

    private static bool Choose(
        LabelSet series,
        int from,
        int count,
        List<Label> chosen,
        HashSet<LabelSet> without,
        ref int attempts
    )
    {
        if (count == 0)
        {
            attempts++;
            return without.Contains(LabelSet.Of(series.Labels.ToArray().Except(chosen)));
        }
        for (var i = from; i <= series.Labels.Length - count && attempts < MostAttempts; i++)
        {
            chosen.Add(series.Labels[i]);
            if (Choose(series, i + 1, count - 1, chosen, without, ref attempts))
            {
                return true;
            }
            chosen.RemoveAt(chosen.Count - 1);
        }
        return false;
    }
}
