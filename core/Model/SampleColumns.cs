namespace Tributary.Model;

/// <summary>Samples by column: position i is a sample of <c>Series[i]</c> at <c>TimestampsMs[i]</c>.</summary>
/// <remarks>
/// The memory behind the columns belongs to whoever made them; a reader keeps nothing of it beyond the call it was handed
/// to, unless the maker says otherwise.
/// </remarks>
/// <param name="Series">The series, by position.</param>
/// <param name="TimestampsMs">Milliseconds since the epoch.</param>
/// <param name="Values">
/// Floats, bit for bit; a staleness marker is <see cref="StaleMarker.Value"/>. Where there is a histogram, NaN.
/// </param>
public sealed record SampleColumns(SeriesList Series, ReadOnlyMemory<long> TimestampsMs, ReadOnlyMemory<double> Values)
{
    /// <summary>How many samples there are.</summary>
    public int Count => Series.Count;

    /// <summary>Native histograms, by position, null where the sample is a float; empty when all are floats.</summary>
    public ReadOnlyMemory<Histogram?> Histograms { get; init; }

    /// <summary>Whether the sample at a position is a staleness marker, as a float or as a histogram.</summary>
    public bool IsStale(int position) =>
        StaleMarker.IsStale(Values.Span[position])
        || (!Histograms.IsEmpty && Histograms.Span[position] is { IsStale: true });
}
