using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>Joins what several places have of the same series; where two have a sample at one time, the earlier place counts.</summary>
internal sealed class SeriesMerge
{
    private readonly Dictionary<LabelSet, SelectedSeries> merged = [];

    /// <summary>Takes a series of the next place; each series at most once a place.</summary>
    public void Add(SelectedSeries next)
    {
        if (next.Samples.Count + next.Histograms.Count == 0)
        {
            return;
        }
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(merged, next.Labels, out var exists);
        known = exists ? Join(known!, next) : next;
    }

    /// <summary>All series, in the order of their labels.</summary>
    public IReadOnlyList<SelectedSeries> Finish()
    {
        var all = merged.Values.ToArray();
        Array.Sort(all, (a, b) => a.Labels.CompareTo(b.Labels));
        return all;
    }

    private static SelectedSeries Join(SelectedSeries first, SelectedSeries second)
    {
        if (MaxMs(first) < MinMs(second))
        {
            return Append(first, second);
        }
        return MaxMs(second) < MinMs(first) ? Append(second, first) : Interleave(first, second);
    }

    /// <summary>Lists grow at their ends, so that many places in time order cost no copy each.</summary>
    private static SelectedSeries Append(SelectedSeries early, SelectedSeries late)
    {
        var samples = Growable(early.Samples);
        samples.AddRange(late.Samples);
        if (late.Histograms.Count == 0)
        {
            return early with { Samples = samples };
        }
        var histograms = Growable(early.Histograms);
        histograms.AddRange(late.Histograms);
        return early with { Samples = samples, Histograms = histograms };
    }

    private static List<T> Growable<T>(IReadOnlyList<T> list) => list as List<T> ?? [.. list];

    private static SelectedSeries Interleave(SelectedSeries first, SelectedSeries second)
    {
        // A float and a histogram at one time conflict, too.
        var taken = new HashSet<long>();
        if (second.Histograms.Count + first.Histograms.Count > 0)
        {
            taken.UnionWith(first.Samples.Select(sample => sample.TimestampMs));
            taken.UnionWith(first.Histograms.Select(sample => sample.TimestampMs));
        }
        var samples = Interleave(
            first.Samples,
            [.. second.Samples.Where(sample => !taken.Contains(sample.TimestampMs))],
            sample => sample.TimestampMs
        );
        if (second.Histograms.Count == 0)
        {
            return first with { Samples = samples };
        }
        var histograms = Interleave(
            first.Histograms,
            [.. second.Histograms.Where(sample => !taken.Contains(sample.TimestampMs))],
            sample => sample.TimestampMs
        );
        return first with { Samples = samples, Histograms = [.. histograms.Select(Unhinted)] };
    }

    /// <summary>What a chunk says of the sample before does not hold any more when others come in between.</summary>
    private static HistogramSample Unhinted(HistogramSample sample) =>
        sample.Value.IsStale || sample.Value.Hint is CounterResetHint.Gauge
            ? sample
            : sample with
            {
                Value = sample.Value.With(CounterResetHint.Unknown),
            };

    private static List<T> Interleave<T>(IReadOnlyList<T> first, List<T> second, Func<T, long> timeOf)
    {
        var all = new List<T>(first.Count + second.Count);
        var next = 0;
        foreach (var sample in first)
        {
            var timestampMs = timeOf(sample);
            for (; next < second.Count && timeOf(second[next]) < timestampMs; next++)
            {
                all.Add(second[next]);
            }
            if (next < second.Count && timeOf(second[next]) == timestampMs)
            {
                next++;
            }
            all.Add(sample);
        }
        all.AddRange(second[next..]);
        return all;
    }

    private static long MinMs(SelectedSeries series) =>
        Math.Min(
            series.Samples.Count > 0 ? series.Samples[0].TimestampMs : long.MaxValue,
            series.Histograms.Count > 0 ? series.Histograms[0].TimestampMs : long.MaxValue
        );

    private static long MaxMs(SelectedSeries series) =>
        Math.Max(
            series.Samples.Count > 0 ? series.Samples[^1].TimestampMs : long.MinValue,
            series.Histograms.Count > 0 ? series.Histograms[^1].TimestampMs : long.MinValue
        );
}
