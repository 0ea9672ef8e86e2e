using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Whether a counter histogram was reset.</summary>
internal static class ResetDetection
{
    /// <summary>
    /// Whether there was a reset between two samples: the later one's hint says so, or a count of it is less, or it lacks
    /// a populated bucket, or it is finer than the earlier one.
    /// </summary>
    /// <param name="current">The later sample, of floats.</param>
    /// <param name="previous">The earlier one, of floats.</param>
    public static bool IsReset(Histogram current, Histogram previous)
    {
        if (current.Hint is CounterResetHint.CounterReset or CounterResetHint.NotCounterReset)
        {
            return current.Hint == CounterResetHint.CounterReset;
        }
        if (current.Count < previous.Count)
        {
            return true;
        }
        var (layout, before) = (current.Layout, previous.Layout);
        if (ReferenceEquals(layout, before) && (layout.IsCustom || layout.ZeroThreshold == 0))
        {
            return current.ZeroCount < previous.ZeroCount || AnyLess(current.Floats, previous.Floats);
        }
        if (layout.IsCustom)
        {
            return !before.IsCustom || IsResetOfCustom(current, previous);
        }
        if (layout.Schema > before.Schema || before.IsCustom || layout.ZeroThreshold < before.ZeroThreshold)
        {
            return true;
        }
        var threshold = layout.ZeroThreshold;
        var zeroCount = ZeroBuckets.Broader(BucketView.Of(previous), ref threshold);
        return threshold != layout.ZeroThreshold
            || current.ZeroCount < zeroCount
            || IsResetOfSide(current, previous, isPositive: true)
            || IsResetOfSide(current, previous, isPositive: false);
    }

    private static bool AnyLess(ReadOnlySpan<double> current, ReadOnlySpan<double> previous)
    {
        for (var i = 0; i < previous.Length; i++)
        {
            if (current[i] < previous[i])
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsResetOfSide(Histogram current, Histogram previous, bool isPositive)
    {
        var (now, before) = (new BucketRun(), new BucketRun());
        Fill(now, current, current.Layout, isPositive);
        Fill(before, previous, current.Layout, isPositive);
        return IsReset(now, before);
    }

    private static void Fill(BucketRun run, Histogram value, HistogramLayout target, bool isPositive)
    {
        var view = BucketView.Of(value);
        run.Fill(
            isPositive ? value.Layout.PositiveIndexes : value.Layout.NegativeIndexes,
            isPositive ? view.Positive : view.Negative,
            value.Layout.Schema,
            target.Schema,
            target.ZeroThreshold
        );
    }

    private static bool IsResetOfCustom(Histogram current, Histogram previous)
    {
        var bounds = current.Layout.CustomValues;
        var before = previous.Layout.CustomValues;
        var common = CustomBounds.Match(bounds, before) ? null : CustomBounds.Intersect(bounds, before);
        return IsReset(Mapped(current, common), Mapped(previous, common));
    }

    private static BucketRun Mapped(Histogram value, double[]? common)
    {
        var run = new BucketRun();
        var indexes = value.Layout.PositiveIndexes;
        for (var i = 0; i < indexes.Length; i++)
        {
            var index = common is null
                ? indexes[i]
                : CustomBounds.Target(indexes[i], value.Layout.CustomValues, common);
            run.Append(index, value.Floats[i]);
        }
        return run;
    }

    /// <summary>Whether a bucket has become less, or is gone although it was populated.</summary>
    private static bool IsReset(BucketRun current, BucketRun previous)
    {
        var next = 0;
        for (var i = 0; i < previous.Indexes.Length; i++)
        {
            var index = previous.Indexes[i];
            while (next < current.Indexes.Length && current.Indexes[next] < index)
            {
                next++;
            }
            var isThere = next < current.Indexes.Length && current.Indexes[next] == index;
            if (isThere ? current.Counts[next] < previous.Counts[i] : previous.Counts[i] != 0)
            {
                return true;
            }
        }
        return false;
    }
}
