using Tributary.Model;

namespace Tributary.Rules;

/// <summary>What the rules of a group gave so far at one time: later rules see it before it is in the log.</summary>
/// <param name="timeMs">The time of the samples, milliseconds since the epoch.</param>
internal sealed class GroupResults(long timeMs)
{
    private readonly List<RuleSample> samples = [];
    private readonly Dictionary<LabelSet, RuleSample> markers = [];
    private readonly Dictionary<LabelSet, RuleSample> found = [];

    /// <summary>The time of the samples, milliseconds since the epoch.</summary>
    public long TimeMs => timeMs;

    /// <summary>Samples and staleness markers, by series.</summary>
    public IEnumerable<RuleSample> All => found.Values.Concat(markers.Values);

    /// <summary>Takes the result of a rule.</summary>
    /// <returns>The series that are in now, and how many are not because another rule gave them another value.</returns>
    public (IReadOnlyList<RuleSeries> Series, int Refused) Add(IReadOnlyList<RuleSample> result)
    {
        var series = new List<RuleSeries>(result.Count);
        var refused = 0;
        foreach (var sample in result)
        {
            if (found.TryAdd(sample.Labels, sample))
            {
                markers.Remove(sample.Labels);
                samples.Add(sample);
            }
            else if (!found[sample.Labels].HasValueOf(sample))
            {
                refused++;
                continue;
            }
            series.Add(sample.Series);
        }
        return (series, refused);
    }

    /// <summary>Ends the series of a rule that it does not give any more; what another rule gives did not end.</summary>
    public void End(IReadOnlyList<RuleSeries> before, IReadOnlyList<RuleSeries> now)
    {
        if (before.Count == 0)
        {
            return;
        }
        var given = now.Select(series => series.Labels).ToHashSet();
        foreach (var series in before)
        {
            if (!given.Contains(series.Labels) && !found.ContainsKey(series.Labels))
            {
                markers[series.Labels] = series.Marker;
            }
        }
    }

    /// <summary>The samples in the order of the rules.</summary>
    /// <param name="last">The list of series of the evaluation before; it is used again when the series are the same.</param>
    public SampleColumns Samples(SeriesList last) => Columns(samples, last);

    /// <summary>The staleness markers, in the order of their series.</summary>
    public SampleColumns Markers() => Columns([.. markers.Values.OrderBy(marker => marker.Labels)], SeriesList.Empty);

    private SampleColumns Columns(List<RuleSample> columns, SeriesList last)
    {
        var times = new long[columns.Count];
        Array.Fill(times, timeMs);
        return new SampleColumns(ListOf(columns, last), times, columns.ConvertAll(sample => sample.Value).ToArray())
        {
            Histograms = columns.Exists(sample => sample.Histogram is not null)
                ? columns.ConvertAll(sample => sample.Histogram).ToArray()
                : default,
        };
    }

    private static SeriesList ListOf(List<RuleSample> columns, SeriesList last)
    {
        var isSame = columns.Count == last.Count;
        for (var i = 0; isSame && i < columns.Count; i++)
        {
            isSame = columns[i].Labels.Equals(last[i]);
        }
        return isSame ? last : new SeriesList([.. columns.Select(sample => sample.Labels)]);
    }
}
