using System.Numerics;
using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Histograms;

/// <summary>A histogram of floats in the making: sums, differences, means. Serves again after <see cref="Load(Histogram)"/>.</summary>
/// <remarks>
/// Counts are one array over a <see cref="HistogramLayout"/>. As long as operands have the same layout, which is the rule
/// within a series, an addition is one addition of arrays; otherwise schemas, zero buckets or custom bounds are reconciled as
/// upstream does it, and the layout grows.
/// </remarks>
internal sealed class HistogramAccumulator
{
    private readonly bool isCompensated;
    private readonly BucketRun positive = new();
    private readonly BucketRun negative = new();
    private HistogramLayout layout = HistogramLayout.Empty;
    private double[] counts = [];
    private double[] lost = [];
    private double count;
    private double lostCount;
    private double sum;
    private double lostSum;
    private double zeroCount;
    private double lostZeroCount;

    /// <summary>An empty one.</summary>
    /// <param name="isCompensated">Whether additions keep what rounding loses (<see cref="KahanSum"/>).</param>
    public HistogramAccumulator(bool isCompensated = false)
    {
        this.isCompensated = isCompensated;
    }

    /// <summary>What is known of a reset.</summary>
    public CounterResetHint Hint { get; set; }

    /// <summary>The count of all observations, without what rounding has lost.</summary>
    public double Count => count;

    /// <summary>How many buckets it has.</summary>
    public int Buckets => layout.BucketCount;

    /// <summary>Whether it has custom buckets.</summary>
    public bool IsCustom => layout.IsCustom;

    /// <summary>Whether a count, or the sum, is infinite.</summary>
    public bool HasOverflow
    {
        get
        {
            if (double.IsInfinity(zeroCount) || double.IsInfinity(count) || double.IsInfinity(sum))
            {
                return true;
            }
            foreach (var bucket in Counts)
            {
                if (double.IsInfinity(bucket))
                {
                    return true;
                }
            }
            return false;
        }
    }

    private Span<double> Counts => counts.AsSpan(0, layout.BucketCount);

    private Span<double> Lost => isCompensated ? lost.AsSpan(0, layout.BucketCount) : default;

    /// <summary>Becomes a copy of a histogram.</summary>
    public void Load(Histogram value)
    {
        var source = value.ToFloat();
        Take(source.Layout);
        source.Floats.CopyTo(counts);
        (count, sum, zeroCount, Hint) = (source.Count, source.Sum, source.ZeroCount, source.Hint);
        (lostCount, lostSum, lostZeroCount) = (0, 0, 0);
        Lost.Clear();
    }

    /// <summary>Becomes a copy of another one, compensation included.</summary>
    public void Load(HistogramAccumulator other)
    {
        Take(other.layout);
        other.Counts.CopyTo(counts);
        other.Lost.CopyTo(Lost);
        (count, sum, zeroCount, Hint) = (other.count, other.sum, other.zeroCount, other.Hint);
        (lostCount, lostSum, lostZeroCount) = (other.lostCount, other.lostSum, other.lostZeroCount);
    }

    /// <summary>Adds a histogram.</summary>
    public HistogramOutcome Add(Histogram value) => Combine(value.ToFloat(), 1);

    /// <summary>Subtracts a histogram.</summary>
    public HistogramOutcome Subtract(Histogram value) => Combine(value.ToFloat(), -1);

    /// <summary>Multiplies all counts and the sum; by less than 0 it becomes a gauge.</summary>
    public void Multiply(double factor)
    {
        (zeroCount, count, sum) = (zeroCount * factor, count * factor, sum * factor);
        (lostZeroCount, lostCount, lostSum) = (lostZeroCount * factor, lostCount * factor, lostSum * factor);
        Scale(Counts, factor);
        Scale(Lost, factor);
        if (factor < 0)
        {
            Hint = CounterResetHint.Gauge;
        }
    }

    /// <summary>Divides all counts and the sum; by 0 it loses all buckets, by less than 0 it becomes a gauge.</summary>
    public void Divide(double divisor)
    {
        (zeroCount, count, sum) = (zeroCount / divisor, count / divisor, sum / divisor);
        (lostZeroCount, lostCount, lostSum) = (lostZeroCount / divisor, lostCount / divisor, lostSum / divisor);
        if (divisor == 0)
        {
            Take(layout.WithIndexes([], []));
            return;
        }
        DivideEach(Counts, divisor);
        DivideEach(Lost, divisor);
        if (divisor < 0)
        {
            Hint = CounterResetHint.Gauge;
        }
    }

    /// <summary>Takes over the resolution, if it is coarser.</summary>
    /// <param name="schema">Exponential, as is this one.</param>
    public void Reduce(int schema)
    {
        if (schema >= layout.Schema)
        {
            return;
        }
        Fill(positive, layout.PositiveIndexes, 0, schema);
        Fill(negative, layout.NegativeIndexes, layout.PositiveCount, schema);
        Take(
            HistogramLayout.OfIndexes(schema, layout.ZeroThreshold, positive.Indexes, negative.Indexes, []),
            positive,
            negative
        );
    }

    /// <summary>Drops empty buckets.</summary>
    public void Compact()
    {
        if (Counts.Contains(0))
        {
            Keep(positive, layout.PositiveIndexes, 0, 0);
            Keep(negative, layout.NegativeIndexes, layout.PositiveCount, 0);
            Take(layout.WithIndexes(positive.Indexes, negative.Indexes), positive, negative);
        }
    }

    /// <summary>The histogram as a value of its own.</summary>
    /// <param name="isCompact">Whether empty buckets go.</param>
    public Histogram ToHistogram(bool isCompact)
    {
        if (!isCompensated)
        {
            var plain = Histogram.OfFloats(layout, count, zeroCount, sum, Counts, Hint);
            return isCompact ? plain.Compact() : plain;
        }
        var buckets = new double[layout.BucketCount];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = counts[i] + lost[i];
        }
        var value = Histogram.OfFloats(
            layout,
            count + lostCount,
            zeroCount + lostZeroCount,
            sum + lostSum,
            buckets,
            Hint
        );
        return isCompact ? value.Compact() : value;
    }

    private HistogramOutcome Combine(Histogram other, double sign)
    {
        if (other.Layout.IsCustom != layout.IsCustom)
        {
            return HistogramOutcome.Incompatible;
        }
        var outcome = HasCollision(other.Hint) ? HistogramOutcome.ResetCollision : HistogramOutcome.None;
        if (ReferenceEquals(other.Layout, layout) || layout.Equals(other.Layout))
        {
            AddTotals(other, other.ZeroCount, sign);
            AddEach(other.Floats, sign);
            return outcome;
        }
        if (!layout.IsCustom)
        {
            AddTotals(other, ReconcileZero(other), sign);
            Reduce(other.Layout.Schema);
        }
        else
        {
            AddTotals(other, other.ZeroCount, sign);
            if (!CustomBounds.Match(layout.CustomValues, other.Layout.CustomValues))
            {
                AddOverCommonBounds(other, sign);
                return outcome | HistogramOutcome.BoundsReconciled;
            }
        }
        Merge(other, sign);
        return outcome;
    }

    /// <summary>Finds the hint of the result; true when the two contradict each other.</summary>
    private bool HasCollision(CounterResetHint other)
    {
        if (other == Hint || Hint == CounterResetHint.Gauge)
        {
            return false;
        }
        if (other == CounterResetHint.Gauge)
        {
            Hint = CounterResetHint.Gauge;
            return false;
        }
        var isCollision = Hint != CounterResetHint.Unknown && other != CounterResetHint.Unknown;
        Hint = CounterResetHint.Unknown;
        return isCollision;
    }

    private void AddTotals(Histogram other, double otherZeroCount, double sign)
    {
        if (isCompensated)
        {
            KahanSum.Add(sign * otherZeroCount, ref zeroCount, ref lostZeroCount);
            KahanSum.Add(sign * other.Count, ref count, ref lostCount);
            KahanSum.Add(sign * other.Sum, ref sum, ref lostSum);
            return;
        }
        zeroCount += sign * otherZeroCount;
        count += sign * other.Count;
        sum += sign * other.Sum;
    }

    private void AddEach(ReadOnlySpan<double> others, double sign)
    {
        var mine = Counts;
        if (isCompensated)
        {
            var aside = Lost;
            for (var i = 0; i < others.Length; i++)
            {
                KahanSum.Add(sign * others[i], ref mine[i], ref aside[i]);
            }
            return;
        }
        var factor = new Vector<double>(sign);
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(mine);
        var otherVectors = MemoryMarshal.Cast<double, Vector<double>>(others);
        for (var i = 0; i < otherVectors.Length; i++)
        {
            vectors[i] += factor * otherVectors[i];
        }
        for (var i = otherVectors.Length * Vector<double>.Count; i < others.Length; i++)
        {
            mine[i] += sign * others[i];
        }
    }

    private static void Scale(Span<double> values, double factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    private static void DivideEach(Span<double> values, double divisor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] /= divisor;
        }
    }

    /// <summary>Broadens the zero bucket until it suits both; returns what the other's would then hold.</summary>
    private double ReconcileZero(Histogram other)
    {
        var otherZeroCount = other.ZeroCount;
        var otherThreshold = other.Layout.ZeroThreshold;
        while (otherThreshold != layout.ZeroThreshold)
        {
            if (layout.ZeroThreshold > otherThreshold)
            {
                otherThreshold = layout.ZeroThreshold;
                otherZeroCount = ZeroBuckets.Broader(BucketView.Of(other), ref otherThreshold);
            }
            if (otherThreshold > layout.ZeroThreshold)
            {
                BroadenZero(otherThreshold);
            }
        }
        return otherZeroCount;
    }

    private void BroadenZero(double threshold)
    {
        zeroCount = ZeroBuckets.Broader(new BucketView(layout, counts, zeroCount), ref threshold);
        var first = ZeroBuckets.Within(layout, layout.PositiveIndexes, threshold);
        var firstNegative = ZeroBuckets.Within(layout, layout.NegativeIndexes, threshold);
        if (isCompensated)
        {
            AddToLostZero(lost.AsSpan(0, first));
            AddToLostZero(lost.AsSpan(layout.PositiveCount, firstNegative));
        }
        Keep(positive, layout.PositiveIndexes, 0, first);
        Keep(negative, layout.NegativeIndexes, layout.PositiveCount, firstNegative);
        Take(
            HistogramLayout.OfIndexes(layout.Schema, threshold, positive.Indexes, negative.Indexes, []),
            positive,
            negative
        );
    }

    private void AddToLostZero(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            lostZeroCount += value;
        }
    }

    /// <summary>The populated buckets of a side from a place on.</summary>
    private void Keep(BucketRun run, ReadOnlySpan<int> indexes, int offset, int first)
    {
        run.Clear();
        for (var i = first; i < indexes.Length; i++)
        {
            var aside = isCompensated ? lost[offset + i] : 0;
            if (counts[offset + i] != 0 || aside != 0)
            {
                run.Append(indexes[i], counts[offset + i], aside);
            }
        }
    }

    private void Fill(BucketRun run, ReadOnlySpan<int> indexes, int offset, int schema)
    {
        run.Clear();
        for (var i = 0; i < indexes.Length; i++)
        {
            run.Append(
                BucketRun.Target(indexes[i], layout.Schema, schema),
                counts[offset + i],
                isCompensated ? lost[offset + i] : 0
            );
        }
    }

    /// <summary>Adds buckets of the same bounds, or of a finer schema; the layout grows by those that it lacks.</summary>
    private void Merge(Histogram other, double sign)
    {
        var view = BucketView.Of(other);
        var (from, to, threshold) = (other.Layout.Schema, layout.Schema, layout.ZeroThreshold);
        positive.Fill(other.Layout.PositiveIndexes, view.Positive, from, to, threshold);
        negative.Fill(other.Layout.NegativeIndexes, view.Negative, from, to, threshold);
        if (!Contains(layout.PositiveIndexes, positive.Indexes) || !Contains(layout.NegativeIndexes, negative.Indexes))
        {
            Widen(
                layout.WithIndexes(
                    Union(layout.PositiveIndexes, positive.Indexes),
                    Union(layout.NegativeIndexes, negative.Indexes)
                )
            );
        }
        Scatter(positive, layout.PositiveIndexes, 0, sign);
        Scatter(negative, layout.NegativeIndexes, layout.PositiveCount, sign);
    }

    private void Scatter(BucketRun run, ReadOnlySpan<int> indexes, int offset, double sign)
    {
        var place = 0;
        for (var i = 0; i < run.Indexes.Length; i++)
        {
            while (indexes[place] != run.Indexes[i])
            {
                place++;
            }
            if (isCompensated)
            {
                KahanSum.Add(sign * run.Counts[i], ref counts[offset + place], ref lost[offset + place]);
                lost[offset + place] += sign * run.Lost[i];
            }
            else
            {
                counts[offset + place] += sign * run.Counts[i];
            }
        }
    }

    private void Widen(HistogramLayout wider)
    {
        var newCounts = new double[wider.BucketCount];
        var newLost = isCompensated ? new double[wider.BucketCount] : [];
        Spread(layout.PositiveIndexes, 0, wider.PositiveIndexes, 0, newCounts, newLost);
        var (offset, widerOffset) = (layout.PositiveCount, wider.PositiveCount);
        Spread(layout.NegativeIndexes, offset, wider.NegativeIndexes, widerOffset, newCounts, newLost);
        (layout, counts, lost) = (wider, newCounts, newLost);
    }

    private void Spread(
        ReadOnlySpan<int> indexes,
        int offset,
        ReadOnlySpan<int> wider,
        int widerOffset,
        double[] newCounts,
        double[] newLost
    )
    {
        var place = 0;
        for (var i = 0; i < indexes.Length; i++)
        {
            while (wider[place] != indexes[i])
            {
                place++;
            }
            newCounts[widerOffset + place] = counts[offset + i];
            if (isCompensated)
            {
                newLost[widerOffset + place] = lost[offset + i];
            }
        }
    }

    private void AddOverCommonBounds(Histogram other, double sign)
    {
        var common = CustomBounds.Intersect(layout.CustomValues, other.Layout.CustomValues);
        var sums = new double[common.Length + 1];
        var aside = new double[common.Length + 1];
        var indexes = layout.PositiveIndexes;
        for (var i = 0; i < indexes.Length; i++)
        {
            var target = CustomBounds.Target(indexes[i], layout.CustomValues, common);
            KahanSum.Add(counts[i], ref sums[target], ref aside[target]);
            aside[target] += isCompensated ? lost[i] : 0;
        }
        indexes = other.Layout.PositiveIndexes;
        for (var i = 0; i < indexes.Length; i++)
        {
            var target = CustomBounds.Target(indexes[i], other.Layout.CustomValues, common);
            KahanSum.Add(sign * other.Floats[i], ref sums[target], ref aside[target]);
        }
        positive.Clear();
        negative.Clear();
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] != 0 || aside[i] != 0)
            {
                positive.Append(i, sums[i], aside[i]);
            }
        }
        var custom = HistogramLayout.OfIndexes(HistogramLayout.CustomSchema, 0, positive.Indexes, [], common);
        Take(custom, positive, negative);
    }

    /// <summary>Takes over a layout; its counts are still to be written.</summary>
    private void Take(HistogramLayout newLayout)
    {
        layout = newLayout;
        if (counts.Length < newLayout.BucketCount)
        {
            counts = new double[newLayout.BucketCount];
            lost = isCompensated ? new double[newLayout.BucketCount] : [];
        }
    }

    private void Take(HistogramLayout newLayout, BucketRun newPositive, BucketRun newNegative)
    {
        Take(newLayout);
        newPositive.Counts.CopyTo(counts);
        newNegative.Counts.CopyTo(counts.AsSpan(newLayout.PositiveCount));
        if (isCompensated)
        {
            newPositive.Lost.CopyTo(lost);
            newNegative.Lost.CopyTo(lost.AsSpan(newLayout.PositiveCount));
        }
    }

    private static bool Contains(ReadOnlySpan<int> all, ReadOnlySpan<int> some)
    {
        var place = 0;
        foreach (var index in some)
        {
            while (place < all.Length && all[place] < index)
            {
                place++;
            }
            if (place == all.Length || all[place] != index)
            {
                return false;
            }
        }
        return true;
    }

    private static int[] Union(ReadOnlySpan<int> one, ReadOnlySpan<int> other)
    {
        var union = new List<int>(one.Length + other.Length);
        for (int i = 0, j = 0; i < one.Length || j < other.Length; )
        {
            var next = Math.Min(i < one.Length ? one[i] : int.MaxValue, j < other.Length ? other[j] : int.MaxValue);
            union.Add(next);
            i += i < one.Length && one[i] == next ? 1 : 0;
            j += j < other.Length && other[j] == next ? 1 : 0;
        }
        return [.. union];
    }
}
