using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Compares lists of series; lists that are mostly alike cost little.</summary>
internal static class SeriesDifference
{
    /// <summary>How many positions at the beginning and at the end are the same in both.</summary>
    public static (int Prefix, int Suffix) Common(SeriesList left, SeriesList right)
    {
        if (ReferenceEquals(left, right))
        {
            return (left.Count, 0);
        }
        var a = left.Span;
        var b = right.Span;
        var shorter = Math.Min(a.Length, b.Length);
        var prefix = 0;
        while (prefix < shorter && a[prefix].Equals(b[prefix]))
        {
            prefix++;
        }
        var suffix = 0;
        while (suffix < shorter - prefix && a[^(suffix + 1)].Equals(b[^(suffix + 1)]))
        {
            suffix++;
        }
        return (prefix, suffix);
    }

    /// <summary>How many series of <paramref name="list"/> are not in <paramref name="other"/>.</summary>
    public static int CountMissing(SeriesList list, SeriesList other)
    {
        var (prefix, suffix) = Common(list, other);
        if (prefix + suffix == list.Count)
        {
            return 0;
        }
        var missing = new HashSet<LabelSet>();
        foreach (var series in list.Span[prefix..^suffix])
        {
            missing.Add(series);
        }
        foreach (var series in other.Span)
        {
            missing.Remove(series);
        }
        return missing.Count;
    }
}
