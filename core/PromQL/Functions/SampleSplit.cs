using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>The samples of a series, floats and histograms apart; nothing is copied when all are floats.</summary>
internal readonly ref struct SampleSplit
{
    /// <summary>Takes samples apart; histograms become those of floats.</summary>
    public SampleSplit(in SeriesSamples samples)
    {
        if (samples.IsFloats)
        {
            Times = samples.Times;
            Values = samples.Values;
            Starts = samples.StartTimes;
            return;
        }
        var isFloat = CountFloats(samples);
        var (times, values) = (new long[isFloat], new double[isFloat]);
        var (histogramTimes, histograms) = (new long[samples.Count - isFloat], new Histogram[samples.Count - isFloat]);
        var starts = samples.StartTimes.IsEmpty ? [] : new long[isFloat];
        var histogramStarts = samples.StartTimes.IsEmpty ? [] : new long[samples.Count - isFloat];
        for (int i = 0, f = 0, h = 0; i < samples.Count; i++)
        {
            if (samples.Histograms[i] is { } histogram)
            {
                (histogramTimes[h], histograms[h]) = (samples.Times[i], histogram.ToFloat());
                if (histogramStarts.Length > 0)
                {
                    histogramStarts[h] = samples.StartTimes[i];
                }
                h++;
                continue;
            }
            (times[f], values[f]) = (samples.Times[i], samples.Values[i]);
            if (starts.Length > 0)
            {
                starts[f] = samples.StartTimes[i];
            }
            f++;
        }
        Times = times;
        Values = values;
        Starts = starts;
        HistogramTimes = histogramTimes;
        Histograms = histograms;
        HistogramStarts = histogramStarts;
    }

    /// <summary>When the floats were.</summary>
    public ReadOnlySpan<long> Times { get; }

    /// <summary>The floats.</summary>
    public ReadOnlySpan<double> Values { get; }

    /// <summary>Their start times; empty when unknown.</summary>
    public ReadOnlySpan<long> Starts { get; }

    /// <summary>When the histograms were.</summary>
    public ReadOnlySpan<long> HistogramTimes { get; }

    /// <summary>The histograms, all of floats.</summary>
    public ReadOnlySpan<Histogram> Histograms { get; }

    /// <summary>Their start times; empty when unknown.</summary>
    public ReadOnlySpan<long> HistogramStarts { get; }

    private static int CountFloats(in SeriesSamples samples)
    {
        var count = 0;
        foreach (var histogram in samples.Histograms)
        {
            count += histogram is null ? 1 : 0;
        }
        return count;
    }
}
