namespace Tributary.PromQL.Histograms;

/// <summary>Custom bounds of two histograms, made one.</summary>
internal static class CustomBounds
{
    /// <summary>Whether both are the same numbers.</summary>
    public static bool Match(ReadOnlySpan<double> one, ReadOnlySpan<double> other) => one.SequenceEqual(other);

    /// <summary>The bounds that both have; rising, as both are.</summary>
    public static double[] Intersect(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        var common = new List<double>(Math.Min(one.Length, other.Length));
        for (int i = 0, j = 0; i < one.Length && j < other.Length; )
        {
            if (one[i] == other[j])
            {
                common.Add(one[i]);
                i++;
                j++;
            }
            else if (one[i] < other[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }
        return [.. common];
    }

    /// <summary>The bucket of coarser bounds that holds a bucket of finer ones; the last, infinite one has no bound.</summary>
    /// <param name="index">The bucket of <paramref name="bounds"/>.</param>
    /// <param name="bounds">The finer bounds.</param>
    /// <param name="common">The coarser ones, all of them among the finer.</param>
    public static int Target(int index, ReadOnlySpan<double> bounds, ReadOnlySpan<double> common)
    {
        if (index >= bounds.Length)
        {
            return common.Length;
        }
        var found = common.BinarySearch(bounds[Math.Max(index, 0)]);
        return found < 0 ? ~found : found;
    }
}
