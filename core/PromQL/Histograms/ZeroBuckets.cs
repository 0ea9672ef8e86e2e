using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Histograms;

/// <summary>Zero buckets of different breadth made equal.</summary>
internal static class ZeroBuckets
{
    /// <summary>What the zero bucket would hold if it were broader.</summary>
    /// <param name="view">A histogram with exponential buckets.</param>
    /// <param name="threshold">
    /// Not less than the layout's; lifted to the end of a populated bucket that it would cut.
    /// </param>
    public static double Broader(in BucketView view, ref double threshold)
    {
        if (threshold == view.Layout.ZeroThreshold)
        {
            return view.ZeroCount;
        }
        while (true)
        {
            var (count, lost) = (view.ZeroCount, 0.0);
            // A bucket that is cut on the positive side only moves the threshold: what was added stays right.
            Take(view.Layout, view.Layout.PositiveIndexes, view.Positive, ref threshold, ref count, ref lost);
            if (!Take(view.Layout, view.Layout.NegativeIndexes, view.Negative, ref threshold, ref count, ref lost))
            {
                return count;
            }
        }
    }

    /// <summary>How many leading buckets of a side lie within the threshold.</summary>
    public static int Within(HistogramLayout layout, ReadOnlySpan<int> indexes, double threshold)
    {
        var count = 0;
        while (count < indexes.Length && HistogramBounds.Exponential(layout.Schema, indexes[count] - 1) < threshold)
        {
            count++;
        }
        return count;
    }

    /// <summary>Adds the buckets within the threshold; true when the last of them moved it.</summary>
    private static bool Take(
        HistogramLayout layout,
        ReadOnlySpan<int> indexes,
        ReadOnlySpan<double> counts,
        ref double threshold,
        ref double count,
        ref double lost
    )
    {
        for (var i = 0; i < indexes.Length; i++)
        {
            if (HistogramBounds.Exponential(layout.Schema, indexes[i] - 1) >= threshold)
            {
                return false;
            }
            KahanSum.Add(counts[i], ref count, ref lost);
            var upper = HistogramBounds.Exponential(layout.Schema, indexes[i]);
            if (upper > threshold)
            {
                if (counts[i] == 0)
                {
                    return false;
                }
                threshold = upper;
                return true;
            }
        }
        return false;
    }
}
