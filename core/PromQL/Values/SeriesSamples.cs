using Tributary.Model;

namespace Tributary.PromQL.Values;

/// <summary>The decoded samples of one series, by rising time, without staleness markers.</summary>
internal readonly ref struct SeriesSamples
{
    /// <summary>Samples of floats, of histograms, or of both.</summary>
    /// <param name="times">Milliseconds since the epoch, rising.</param>
    /// <param name="values">One per time; any value where there is a histogram.</param>
    /// <param name="histograms">Empty when all are floats; otherwise one per time, null for a float.</param>
    /// <param name="startTimes">Empty when unknown; otherwise one per time, 0 where unknown.</param>
    public SeriesSamples(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        ReadOnlySpan<Histogram?> histograms = default,
        ReadOnlySpan<long> startTimes = default
    )
    {
        Times = times;
        Values = values;
        Histograms = histograms;
        StartTimes = startTimes;
    }

    /// <summary>Milliseconds since the epoch.</summary>
    public ReadOnlySpan<long> Times { get; }

    /// <summary>The floats.</summary>
    public ReadOnlySpan<double> Values { get; }

    /// <summary>The histograms; empty when there are none.</summary>
    public ReadOnlySpan<Histogram?> Histograms { get; }

    /// <summary>When the counter of a sample started; empty when not known.</summary>
    public ReadOnlySpan<long> StartTimes { get; }

    /// <summary>How many samples there are.</summary>
    public int Count => Times.Length;

    /// <summary>Whether all samples are floats.</summary>
    public bool IsFloats => Histograms.IsEmpty;

    /// <summary>The histogram of a sample; null when it is a float.</summary>
    public Histogram? HistogramAt(int index) => Histograms.IsEmpty ? null : Histograms[index];

    /// <summary>Some of the samples.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="end">The one behind the last.</param>
    public SeriesSamples Slice(int start, int end) =>
        new(
            Times[start..end],
            Values[start..end],
            Histograms.IsEmpty ? default : Histograms[start..end],
            StartTimes.IsEmpty ? default : StartTimes[start..end]
        );
}
