namespace Tributary.Model;

/// <summary>The series of one scrape in their order; position i of every column of the scrape belongs to series i.</summary>
/// <remarks>
/// A scrape that brings the same series in the same order hands out the same object again, and whoever keeps a state per
/// series (the log's encoder, the head) keeps it by position and looks nothing up. A series may stand in it repeatedly,
/// with timestamps of its own.
/// </remarks>
public sealed class SeriesList
{
    /// <summary>The list without series.</summary>
    public static readonly SeriesList Empty = new([]);

    private readonly LabelSet[] series;
    private readonly int[]? numbers;

    /// <summary>A list of series.</summary>
    public SeriesList(LabelSet[] series)
        : this(series, null) { }

    private SeriesList(LabelSet[] series, int[]? numbers) => (this.series, this.numbers) = (series, numbers);

    /// <summary>How many positions the list has.</summary>
    public int Count => numbers?.Length ?? series.Length;

    /// <summary>Whether its series are known by <see cref="Numbers"/> only, and not by their labels.</summary>
    internal bool IsNumbered => numbers is not null;

    /// <summary>The numbers of the series, by position; empty when they are known by their labels.</summary>
    internal ReadOnlySpan<int> Numbers => numbers;

    /// <summary>All series, by position.</summary>
    public ReadOnlySpan<LabelSet> Span => series;

    /// <summary>The series at a position.</summary>
    public LabelSet this[int position] => series[position];

    /// <summary>How many positions at the beginning and at the end are the same in another list, which is known by labels, too.</summary>
    internal (int Prefix, int Suffix) CommonWith(SeriesList other)
    {
        if (ReferenceEquals(this, other))
        {
            return (Count, 0);
        }
        var prefix = series.AsSpan().CommonPrefixLength(other.series);
        var most = Math.Min(series.Length, other.series.Length) - prefix;
        var suffix = 0;
        while (suffix < most && series[^(suffix + 1)].Equals(other.series[^(suffix + 1)]))
        {
            suffix++;
        }
        return (prefix, suffix);
    }

    /// <summary>A list for whoever keeps the labels elsewhere: equal series have equal numbers, from 0 on.</summary>
    internal static SeriesList OfNumbers(int[] numbers) => new([], numbers);
}
