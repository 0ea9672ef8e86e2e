namespace Tributary.Model;

/// <summary>A series with its samples of a range, in time order, one a timestamp.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Samples">The samples, staleness markers included.</param>
public sealed record SelectedSeries(LabelSet Labels, IReadOnlyList<Sample> Samples);
