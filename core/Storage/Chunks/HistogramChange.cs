using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>How a counter histogram follows the one before it in its series.</summary>
internal static class HistogramChange
{
    /// <summary>Judges by upstream's rules: no count may fall, and no bucket in use may vanish.</summary>
    /// <param name="last">The histogram before.</param>
    /// <param name="next">The one that follows.</param>
    public static CounterResetHeader Judge(Histogram last, Histogram next)
    {
        if (next.Hint is CounterResetHint.CounterReset)
        {
            return CounterResetHeader.CounterReset;
        }
        if (next.IsStale)
        {
            return CounterResetHeader.NotCounterReset;
        }
        if (last.IsStale || last.IsFloat != next.IsFloat || last.Hint is CounterResetHint.Gauge)
        {
            return CounterResetHeader.Unknown;
        }
        if (next.Count < last.Count)
        {
            return CounterResetHeader.CounterReset;
        }
        if (last.Layout.Schema != next.Layout.Schema || last.Layout.ZeroThreshold != next.Layout.ZeroThreshold)
        {
            // Buckets of different bounds are not compared.
            return CounterResetHeader.Unknown;
        }
        var isReset =
            !last.Layout.HasSameBounds(next.Layout) || next.ZeroCount < last.ZeroCount || HasFallen(last, next);
        return isReset ? CounterResetHeader.CounterReset : CounterResetHeader.NotCounterReset;
    }

    private static bool HasFallen(Histogram last, Histogram next)
    {
        if (ReferenceEquals(last.Layout, next.Layout))
        {
            for (var i = 0; i < last.Layout.BucketCount; i++)
            {
                if (next.BucketAt(i) < last.BucketAt(i))
                {
                    return true;
                }
            }
            return false;
        }
        return HasFallen(last, last.Layout.PositiveIndexes, 0, next, next.Layout.PositiveIndexes, 0)
            || HasFallen(
                last,
                last.Layout.NegativeIndexes,
                last.Layout.PositiveCount,
                next,
                next.Layout.NegativeIndexes,
                next.Layout.PositiveCount
            );
    }

    private static bool HasFallen(
        Histogram last,
        ReadOnlySpan<int> lastIndexes,
        int lastFirst,
        Histogram next,
        ReadOnlySpan<int> nextIndexes,
        int nextFirst
    )
    {
        var j = 0;
        for (var i = 0; i < lastIndexes.Length; i++)
        {
            while (j < nextIndexes.Length && nextIndexes[j] < lastIndexes[i])
            {
                j++;
            }
            var now = j < nextIndexes.Length && nextIndexes[j] == lastIndexes[i] ? next.BucketAt(nextFirst + j) : 0;
            if (now < last.BucketAt(lastFirst + i))
            {
                return true;
            }
        }
        return false;
    }
}
