using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Compaction;
using Tributary.Storage.Head;

namespace Tributary.Storage.Selection;

/// <summary>Gathers the samples of the matching series from batches of the log, in whatever order they come.</summary>
/// <param name="isSelected">Which series.</param>
/// <param name="range">Which time.</param>
/// <param name="elsewhere">The part of the time that is read elsewhere; null for none.</param>
/// <param name="budget">How much may be gathered.</param>
internal sealed class LogCollector(
    Func<LabelSet, bool> isSelected,
    TimeRange range,
    TimeRange? elsewhere,
    SampleBudget budget
)
{
    private readonly Dictionary<LabelSet, Gathered?> bySeries = [];
    private readonly Dictionary<SeriesList, Gathered?[]> resolved = new(ReferenceEqualityComparer.Instance);

    /// <summary>Decodes a part, and takes its samples if it counts.</summary>
    public void Take(LogPart part, LogDecoder decoder, SlotMap<ColumnState> states, bool counts, SeriesDeletes deletes)
    {
        foreach (var column in part.Columns)
        {
            // Also of one that does not count, because later ones are written as differences to it.
            var columns = decoder.Decode(column, states);
            if (counts && column.Range.Overlaps(range))
            {
                Take(columns, deletes);
            }
        }
    }

    /// <summary>All series with samples, each in time order, one sample a timestamp.</summary>
    public IEnumerable<SelectedSeries> Finish() =>
        bySeries.Where(pair => pair.Value is not null).Select(pair => pair.Value!.Finish(pair.Key));

    private void Take(SampleColumns columns, SeriesDeletes deletes)
    {
        var series = Resolve(columns.Series);
        var timestamps = columns.TimestampsMs.Span;
        var values = columns.Values.Span;
        var histograms = columns.Histograms.Span;
        var taken = 0;
        for (var i = 0; i < series.Length; i++)
        {
            var timestampMs = timestamps[i];
            if (
                series[i] is not { } gathered
                || !range.Contains(timestampMs)
                || elsewhere?.Contains(timestampMs) == true
                || (!deletes.IsEmpty && deletes.Has(columns.Series[i], timestampMs))
            )
            {
                continue;
            }
            taken++;
            if (!histograms.IsEmpty && histograms[i] is { } histogram)
            {
                gathered.Histograms.Add(new HistogramSample(timestampMs, histogram));
            }
            else
            {
                gathered.Samples.Add(new Sample(timestampMs, values[i]));
            }
        }
        budget.Take(taken);
    }

    private Gathered?[] Resolve(SeriesList list)
    {
        if (!resolved.TryGetValue(list, out var known))
        {
            known = new Gathered?[list.Count];
            for (var i = 0; i < known.Length; i++)
            {
                if (!bySeries.TryGetValue(list[i], out known[i]))
                {
                    known[i] = isSelected(list[i]) ? new Gathered() : null;
                    bySeries.Add(list[i], known[i]);
                }
            }
            resolved.Add(list, known);
        }
        return known;
    }

    private sealed class Gathered
    {
        public List<Sample> Samples { get; } = [];

        public List<HistogramSample> Histograms { get; } = [];

        public SelectedSeries Finish(LabelSet labels) =>
            new(
                labels,
                Ordered(
                    Samples,
                    sample => sample.TimestampMs,
                    (one, other) => one with { Value = SampleRule.Choose(one.Value, other.Value) }
                )
            )
            {
                Histograms = Ordered(
                    Histograms,
                    sample => sample.TimestampMs,
                    (one, other) => one with { Value = SampleRule.Choose(one.Value, other.Value) }
                ),
            };

        private static List<T> Ordered<T>(List<T> samples, Func<T, long> timeOf, Func<T, T, T> choose)
        {
            samples.Sort((one, other) => timeOf(one).CompareTo(timeOf(other)));
            var kept = new List<T>(samples.Count);
            foreach (var sample in samples)
            {
                if (kept.Count > 0 && timeOf(kept[^1]) == timeOf(sample))
                {
                    kept[^1] = choose(kept[^1], sample);
                }
                else
                {
                    kept.Add(sample);
                }
            }
            return kept;
        }
    }
}
