using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Histograms without their buckets, for queries that only want count and sum.</summary>
internal static class HistogramStatistics
{
    /// <summary>
    /// Takes the buckets away. What they would tell of counter resets becomes the hint: it is known of every sample but
    /// the first.
    /// </summary>
    /// <param name="samples">The samples of one series, in time order; null where one is a float.</param>
    public static void Reduce(Span<Histogram?> samples)
    {
        Histogram? before = null;
        var layout = HistogramLayout.Empty;
        foreach (ref var sample in samples)
        {
            if (sample is null || sample.IsStale)
            {
                continue;
            }
            var whole = sample.ToFloat();
            if (layout.Schema != whole.Layout.Schema)
            {
                layout = new HistogramLayout(whole.Layout.Schema, 0, [], [], []);
            }
            sample = Histogram.OfFloats(layout, whole.Count, 0, whole.Sum, [], Hint(whole, before));
            before = whole;
        }
    }

    private static CounterResetHint Hint(Histogram sample, Histogram? before)
    {
        if (sample.Hint != CounterResetHint.Unknown || before is null)
        {
            return sample.Hint;
        }
        return ResetDetection.IsReset(sample, before) ? CounterResetHint.CounterReset : CounterResetHint.NotCounterReset;
    }
}
