using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Compares lists of series; lists that are mostly alike cost little.</summary>
internal static class SeriesDifference
{
    /// <summary>How many series of <paramref name="list"/> are not in <paramref name="other"/>.</summary>
    public static int CountMissing(SeriesList list, SeriesList other)
    {
        var (prefix, suffix) = list.CommonWith(other);
        if (prefix + suffix == list.Count)
        {
            return 0;
        }
        var missing = new HashSet<LabelSet>();
        foreach (var series in list.Span[prefix..^suffix])
        {
            missing.Add(series);
        }
        var present = other.Span;
        for (var i = 0; i < present.Length && missing.Count > 0; i++)
        {
            missing.Remove(present[i]);
        }
        return missing.Count;
    }
}
