using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>Puts layouts together.</summary>
internal static class HistogramLayouts
{
    /// <summary>The buckets of both; the first object itself when it has all of them. Their bounds are the same.</summary>
    public static HistogramLayout Union(HistogramLayout one, HistogramLayout other)
    {
        var positive = Union(one.PositiveIndexes, other.PositiveIndexes);
        var negative = Union(one.NegativeIndexes, other.NegativeIndexes);
        return positive.Count == one.PositiveCount && negative.Count == one.NegativeCount
            ? one
            : one.WithIndexes(CollectionsMarshal.AsSpan(positive), CollectionsMarshal.AsSpan(negative));
    }

    private static List<int> Union(ReadOnlySpan<int> one, ReadOnlySpan<int> other)
    {
        var union = new List<int>(Math.Max(one.Length, other.Length));
        var (i, j) = (0, 0);
        while (i < one.Length || j < other.Length)
        {
            if (j == other.Length || (i < one.Length && one[i] < other[j]))
            {
                union.Add(one[i++]);
            }
            else
            {
                i += i < one.Length && one[i] == other[j] ? 1 : 0;
                union.Add(other[j++]);
            }
        }
        return union;
    }
}
