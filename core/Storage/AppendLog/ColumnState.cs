using System.Buffers;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>What the next column of one slot is a difference to: by position of the slot's last list. Both directions use it.</summary>
/// <remarks>
/// A slot is (source, scraped or added, slice). When a source's list changes, each series takes its state along; a series
/// that is new begins at timestamp = tick, value = 0.
/// </remarks>
internal sealed class ColumnState
{
    private long[] timestamps = [];
    private double[] values = [];
    private Histogram?[] histograms = [];
    private Histogram?[] histogramsBefore = [];
    private bool hasHistograms;
    private bool hasHistogramsBefore;

    /// <summary>The list of the last column.</summary>
    public SeriesList List { get; private set; } = SeriesList.Empty;

    /// <summary>The tick of the last restart.</summary>
    public long RestartTickMs { get; private set; } = long.MinValue;

    /// <summary>The tick of the last column.</summary>
    public long TickMs { get; private set; } = long.MinValue;

    /// <summary>The last timestamps, by position.</summary>
    public Span<long> Timestamps => timestamps.AsSpan(0, List.Count);

    /// <summary>The last values, by position.</summary>
    public Span<double> Values => values.AsSpan(0, List.Count);

    /// <summary>The last column; valid until the next one of this slot.</summary>
    public SampleColumns Columns =>
        new(List, timestamps.AsMemory(0, List.Count), values.AsMemory(0, List.Count))
        {
            Histograms = hasHistograms ? histograms.AsMemory(0, List.Count) : default,
        };

    /// <summary>Begins the histograms of a column; what was before is <see cref="HistogramBefore"/>.</summary>
    /// <param name="hasAny">Whether the column has histograms.</param>
    public void BeginHistograms(bool hasAny)
    {
        hasHistogramsBefore = hasHistograms;
        (histograms, histogramsBefore) = (histogramsBefore, histograms);
        if (hasAny && histograms.Length < List.Count)
        {
            histograms = new Histogram?[List.Count];
        }
        else
        {
            // Also so that histograms which are no more are not kept alive.
            histograms.AsSpan().Clear();
        }
        hasHistograms = hasAny;
    }

    /// <summary>The histogram before at a position.</summary>
    public Histogram? HistogramBefore(int position) => hasHistogramsBefore ? histogramsBefore[position] : null;

    /// <summary>Takes a histogram of the column.</summary>
    public void SetHistogram(int position, Histogram value) => histograms[position] = value;

    /// <summary>Whether the column of a tick has to begin anew.</summary>
    public bool MustRestart(long tickMs) =>
        TickMs == long.MinValue || tickMs < TickMs || tickMs - RestartTickMs >= LogFormat.RestartMs;

    /// <summary>Makes ready for a column over <paramref name="list"/>.</summary>
    public void MoveTo(SeriesList list, long tickMs, bool restart)
    {
        if (restart)
        {
            Resize(list.Count);
            timestamps.AsSpan(0, list.Count).Fill(tickMs);
            values.AsSpan(0, list.Count).Clear();
            hasHistograms = false;
            RestartTickMs = tickMs;
        }
        else if (!ReferenceEquals(list, List))
        {
            Remap(list, tickMs);
        }
        List = list;
        TickMs = tickMs;
    }

    private void Remap(SeriesList list, long tickMs)
    {
        var places = PlacesBefore(list);
        var newTimestamps = new long[list.Count];
        var newValues = new double[list.Count];
        var newHistograms = hasHistograms ? new Histogram?[list.Count] : [];
        // The column's ticks advance together: a new series is predicted where a known one would have been.
        for (var i = 0; i < list.Count; i++)
        {
            var before = places[i];
            if (before >= 0)
            {
                newTimestamps[i] = timestamps[before];
                newValues[i] = values[before];
                if (hasHistograms)
                {
                    newHistograms[i] = histograms[before];
                }
            }
            else
            {
                newTimestamps[i] = tickMs;
            }
        }
        timestamps = newTimestamps;
        values = newValues;
        histograms = newHistograms;
    }

    /// <summary>For each position of a list, where its series was in the last one; −1 for one that is new.</summary>
    private int[] PlacesBefore(SeriesList list)
    {
        var places = new int[list.Count];
        if (list.IsNumbered || List.IsNumbered)
        {
            FindByNumber(list.Numbers, List.Numbers, places);
            return places;
        }
        var positions = new Dictionary<LabelSet, int>(List.Count);
        for (var i = 0; i < List.Count; i++)
        {
            positions[List[i]] = i;
        }
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = positions.TryGetValue(list[i], out var before) ? before : -1;
        }
        return places;
    }

    private static void FindByNumber(ReadOnlySpan<int> numbers, ReadOnlySpan<int> before, Span<int> places)
    {
        var (least, most) = (0, -1);
        foreach (var number in before)
        {
            (least, most) = (most < 0 ? number : Math.Min(least, number), Math.Max(most, number));
        }
        var placeOf = ArrayPool<int>.Shared.Rent(most - least + 1);
        for (var i = 0; i < before.Length; i++)
        {
            placeOf[before[i] - least] = i;
        }
        for (var i = 0; i < numbers.Length; i++)
        {
            var number = numbers[i];
            var place = number >= least && number <= most ? placeOf[number - least] : -1;
            // What nothing was written to, is whatever stood there.
            places[i] = (uint)place < (uint)before.Length && before[place] == number ? place : -1;
        }
        ArrayPool<int>.Shared.Return(placeOf);
    }

    private void Resize(int count)
    {
        if (timestamps.Length < count || timestamps.Length > (count * 2) + 64)
        {
            timestamps = new long[count];
            values = new double[count];
        }
    }
}
