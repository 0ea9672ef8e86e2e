using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Collects what a classic histogram consists of, and makes a native one with custom buckets of it.</summary>
internal sealed class ClassicBuckets
{
    /// <summary>Whole numbers below this are their own floats, and integers.</summary>
    private const double MaxInteger = 1L << 62;

    private readonly List<(double Bound, double Count)> buckets = [];
    private double? count;
    private double sum;
    private string? problem;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        buckets.Clear();
        (count, sum, problem) = (null, 0, null);
    }

    /// <summary>Takes the count of all observations.</summary>
    public void SetCount(double observations)
    {
        problem ??= observations < 0 ? "the count is negative" : null;
        count = observations;
    }

    /// <summary>Takes the sum of all observations.</summary>
    public void SetSum(double observations) => sum = observations;

    /// <summary>Takes a bucket; one of a bound that is there already does not count.</summary>
    /// <param name="bound">The upper bound.</param>
    /// <param name="cumulative">How many observations are at most that.</param>
    public void Add(double bound, double cumulative)
    {
        problem ??=
            double.IsNaN(bound) ? "a bucket's bound is NaN"
            : cumulative < 0 ? "a bucket's count is negative"
            : null;
        var at = buckets.Count;
        while (at > 0 && buckets[at - 1].Bound >= bound)
        {
            at--;
        }
        if (at == buckets.Count || buckets[at].Bound != bound)
        {
            buckets.Insert(at, (bound, cumulative));
        }
    }

    /// <summary>Makes the native histogram.</summary>
    /// <param name="hint">Its hint.</param>
    /// <param name="histogram">The histogram; null when there is none.</param>
    /// <returns>Null, or why there is none.</returns>
    public string? TryConvert(CounterResetHint hint, out Histogram? histogram)
    {
        histogram = null;
        if (problem is not null)
        {
            return problem;
        }
        for (var i = 1; i < buckets.Count; i++)
        {
            if (buckets[i].Count < buckets[i - 1].Count)
            {
                return "the counts of the buckets are not cumulative";
            }
        }
        var all = count ?? (buckets.Count > 0 ? buckets[^1].Count : 0);
        if (buckets.Count == 0 || !double.IsPositiveInfinity(buckets[^1].Bound))
        {
            if (buckets.Count > 0 && buckets[^1].Count > all)
            {
                return "a bucket has more observations than there are in all";
            }
            buckets.Add((double.PositiveInfinity, all));
        }
        if (buckets[^1].Count != all)
        {
            return "the last bucket's count is not the count of all observations";
        }
        if (buckets.Count > HistogramLayout.MaxBuckets)
        {
            return $"more than {HistogramLayout.MaxBuckets} buckets";
        }
        double[] bounds = [.. buckets.Take(buckets.Count - 1).Select(bucket => bucket.Bound)];
        var layout = new HistogramLayout(
            HistogramLayout.CustomSchema,
            0,
            [new BucketSpan(0, buckets.Count)],
            [],
            bounds
        );
        histogram = Convert(layout, all, hint).Compact();
        return histogram.Check();
    }

    private Histogram Convert(HistogramLayout layout, double all, CounterResetHint hint)
    {
        if (IsInteger(all) && buckets.TrueForAll(bucket => IsInteger(bucket.Count)))
        {
            var integers = new long[buckets.Count];
            for (var (i, before) = (0, 0L); i < integers.Length; i++)
            {
                integers[i] = (long)buckets[i].Count - before;
                before = (long)buckets[i].Count;
            }
            return Histogram.OfIntegers(layout, (ulong)all, 0, sum, integers, hint);
        }
        var floats = new double[buckets.Count];
        for (var (i, before) = (0, 0.0); i < floats.Length; i++)
        {
            floats[i] = buckets[i].Count - before;
            before = buckets[i].Count;
        }
        return Histogram.OfFloats(layout, all, 0, sum, floats, hint);
    }

    private static bool IsInteger(double number) => number < MaxInteger && Math.Floor(number) == number;
}
