using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>How many samples a selection may still load. Safe for several threads.</summary>
internal sealed class SampleBudget(long maxSamples)
{
    /// <summary>A histogram takes as much memory as about so many floats.</summary>
    private const int HistogramSamples = 16;

    private long used;

    /// <summary>Counts loaded series.</summary>
    /// <exception cref="SelectionLimitException">They are too many, together with those before.</exception>
    public void Take(SelectedSeries series) =>
        Take(series.Samples.Count + ((long)HistogramSamples * series.Histograms.Count));

    /// <summary>Counts loaded samples.</summary>
    /// <exception cref="SelectionLimitException">They are too many, together with those before.</exception>
    public void Take(long samples)
    {
        if (Interlocked.Add(ref used, samples) > maxSamples)
        {
            throw new SelectionLimitException(
                $"more than {maxSamples} samples would be loaded into memory: ask for fewer series, or for less time"
            );
        }
    }
}
