namespace Tributary.Model;

/// <summary>The series of one scrape in their order; position i of every column of the scrape belongs to series i.</summary>
/// <remarks>
/// A scrape that brings the same series in the same order hands out the same object again, and whoever keeps a state per
/// series (the log's encoder, the head) keeps it by position and looks nothing up. A series may stand in it repeatedly,
/// with timestamps of its own.
/// </remarks>
public sealed class SeriesList(LabelSet[] series)
{
    /// <summary>The list without series.</summary>
    public static readonly SeriesList Empty = new([]);

    private readonly LabelSet[] series = series;

    /// <summary>How many positions the list has.</summary>
    public int Count => series.Length;

    /// <summary>All series, by position.</summary>
    public ReadOnlySpan<LabelSet> Span => series;

    /// <summary>The series at a position.</summary>
    public LabelSet this[int position] => series[position];
}
