using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>The cumulative buckets of one classic histogram at one step; working space that is used again.</summary>
internal sealed class ClassicBuckets
{
    private const double Tolerance = 1e-12;
    private const double SmallestNormal = 2.2250738585072014e-308;

    private double[] bounds = new double[16];
    private double[] counts = new double[16];
    private int length;
    private bool isSorted;

    /// <summary>How many buckets there are.</summary>
    public int Count => length;

    /// <summary>Whether the last bucket has no bound, as it must be.</summary>
    public bool IsComplete => length > 0 && double.IsPositiveInfinity(bounds[length - 1]);

    /// <summary>Forgets all buckets.</summary>
    public void Clear()
    {
        (length, isSorted) = (0, true);
    }

    /// <summary>Adds a bucket; those of equal bounds become one by <see cref="Join"/>.</summary>
    /// <param name="bound">Its upper bound.</param>
    /// <param name="count">The observations up to there.</param>
    public void Add(double bound, double count)
    {
        if (length == bounds.Length)
        {
            Array.Resize(ref bounds, length * 2);
            Array.Resize(ref counts, length * 2);
        }
        isSorted &= length == 0 || bounds[length - 1] <= bound;
        (bounds[length], counts[length]) = (bound, count);
        length++;
    }

    /// <summary>Sorts buckets and joins those of equal bounds.</summary>
    public void Join()
    {
        if (!isSorted)
        {
            Array.Sort(bounds, counts, 0, length);
            isSorted = true;
        }
        var last = 0;
        for (var i = 1; i < length; i++)
        {
            if (bounds[i] == bounds[last])
            {
                counts[last] += counts[i];
            }
            else
            {
                last++;
                (bounds[last], counts[last]) = (bounds[i], counts[i]);
            }
        }
        length = Math.Min(length, last + 1);
    }

    /// <summary>A quantile of the observations.</summary>
    /// <param name="quantile">−∞ comes of less than 0, +∞ of more than 1, NaN of NaN.</param>
    /// <param name="repair">What had to be made monotonic; null when nothing.</param>
    public double Quantile(double quantile, out MonotonicityRepair? repair)
    {
        repair = null;
        if (double.IsNaN(quantile) || quantile < 0 || quantile > 1)
        {
            return double.IsNaN(quantile) ? double.NaN
                : quantile < 0 ? double.NegativeInfinity
                : double.PositiveInfinity;
        }
        Join();
        if (!IsComplete)
        {
            return double.NaN;
        }
        repair = MakeMonotonic();
        if (length < 2 || counts[length - 1] == 0)
        {
            return double.NaN;
        }
        var rank = quantile * counts[length - 1];
        var found = FirstReaching(rank);
        if (found == length - 1)
        {
            return bounds[length - 2];
        }
        if (found == 0 && bounds[0] <= 0)
        {
            return bounds[0];
        }
        var (start, below) = found > 0 ? (bounds[found - 1], counts[found - 1]) : (0, 0);
        return start + ((bounds[found] - start) * ((rank - below) / (counts[found] - below)));
    }

    /// <summary>Which part of the observations lies between two values.</summary>
    public double Fraction(double lower, double upper)
    {
        Join();
        if (!IsComplete)
        {
            return double.NaN;
        }
        var count = counts[length - 1];
        if (count == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }
        return lower >= upper
            ? 0
            : (Math.Min(RankOf(upper), count) - Math.Min(RankOf(lower), count)) / count;
    }

    /// <summary>How many observations lie below a value; +∞ above all bounds.</summary>
    private double RankOf(double value)
    {
        var start = bounds[0] > 0 ? 0 : double.NegativeInfinity;
        var below = 0.0;
        for (var i = 0; i < length; i++)
        {
            if (start >= value)
            {
                return below;
            }
            if (bounds[i] > value)
            {
                // Nothing can be said about where in an infinite bucket a value lies.
                return double.IsNegativeInfinity(start)
                    ? counts[i]
                    : below + ((counts[i] - below) * (value - start) / (bounds[i] - start));
            }
            (start, below) = (bounds[i], counts[i]);
        }
        return double.PositiveInfinity;
    }

    private int FirstReaching(double rank)
    {
        var (low, high) = (0, length - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (counts[middle] >= rank)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }

    /// <summary>
    /// Counts that fall become those before them: silently where the difference is one of rounding, which is also undone
    /// where they rise.
    /// </summary>
    private MonotonicityRepair? MakeMonotonic()
    {
        MonotonicityRepair? repair = null;
        var before = counts[0];
        for (var i = 1; i < length; i++)
        {
            var count = counts[i];
            if (count == before)
            {
                continue;
            }
            if (AreAlmostEqual(before, count))
            {
                counts[i] = before;
            }
            else if (count < before)
            {
                counts[i] = before;
                var here = new MonotonicityRepair(0, 0, bounds[i], bounds[i], before - count);
                repair = repair?.Merge(here) ?? here;
            }
            else
            {
                before = count;
            }
        }
        return repair;
    }

    private static bool AreAlmostEqual(double one, double other)
    {
        if (double.IsNaN(one) && double.IsNaN(other))
        {
            return true;
        }
        var (sum, difference) = (Math.Abs(one) + Math.Abs(other), Math.Abs(one - other));
        return one == 0 || other == 0 || sum < SmallestNormal
            ? difference < Tolerance * SmallestNormal
            : difference / Math.Min(sum, double.MaxValue) < Tolerance;
    }
}
