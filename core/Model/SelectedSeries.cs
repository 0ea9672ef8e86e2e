namespace Tributary.Model;

/// <summary>A series with its samples of a range, in time order, one a timestamp.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Samples">The samples, staleness markers included.</param>
public sealed record SelectedSeries(LabelSet Labels, IReadOnlyList<Sample> Samples)
{
    /// <summary>Its native histograms, in time order; one counts before a float at its time.</summary>
    public IReadOnlyList<HistogramSample> Histograms { get; init; } = [];
}
