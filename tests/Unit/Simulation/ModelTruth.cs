using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One series of a model Prometheus with all its samples, staleness markers too, in time order.</summary>
/// <param name="labels">As its own store has it: without external labels.</param>
internal sealed class ModelTruth(LabelSet labels)
{
    private readonly List<TruthSample> samples = [];

    public LabelSet Labels { get; } = labels;

    public IReadOnlyList<TruthSample> Samples => samples;

    public void Add(TruthSample sample) => samples.Add(sample);

    /// <summary>The index of the first sample at or behind a time.</summary>
    public int IndexOf(long fromMs)
    {
        var (low, high) = (0, samples.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = samples[middle].TimestampMs < fromMs ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>What a reader sees of a range at a moment: the first samples of it, because they come to light in their order.</summary>
    public IEnumerable<TruthSample> Seen(TimeRange range, long nowMs)
    {
        for (var i = IndexOf(range.MinMs); i < samples.Count && samples[i].TimestampMs <= range.MaxMs; i++)
        {
            if (samples[i].VisibleMs <= nowMs)
            {
                yield return samples[i];
            }
        }
    }

    /// <summary>The newest sample that a reader sees of a range at a moment; null when there is none.</summary>
    public TruthSample? Newest(TimeRange range, long nowMs)
    {
        for (var i = IndexOf(range.MaxMs + 1) - 1; i >= 0 && samples[i].TimestampMs >= range.MinMs; i--)
        {
            if (samples[i].VisibleMs <= nowMs)
            {
                return samples[i];
            }
        }
        return null;
    }
}

/// <summary>A sample of a model Prometheus.</summary>
/// <param name="TimestampMs">Its time: that of the scrape.</param>
/// <param name="Value">A number or a staleness marker.</param>
/// <param name="VisibleMs">When the scrape was done: from then on readers see it.</param>
internal readonly record struct TruthSample(long TimestampMs, double Value, long VisibleMs)
{
    public bool IsMarker => StaleMarker.IsStale(Value);

    public long Bits => BitConverter.DoubleToInt64Bits(Value);
}
