using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The series that a batch brought, and when each had its last sample; position i of both is one series.</summary>
internal sealed class SeenSeries
{
    private long[] lastMs;

    private SeenSeries(SeriesList list, long[] lastMs, long tickMs)
    {
        List = list;
        this.lastMs = lastMs;
        TickMs = tickMs;
    }

    /// <summary>The series; one may stand in it repeatedly.</summary>
    public SeriesList List { get; private set; }

    /// <summary>The tick of the newest batch in here.</summary>
    public long TickMs { get; private set; }

    /// <summary>What columns brought; they are copied.</summary>
    public static SeenSeries Of(SampleColumns columns, long tickMs) =>
        new(columns.Series, columns.TimestampsMs.ToArray(), tickMs);

    /// <summary>Becomes what other columns brought, in the memory at hand.</summary>
    public void Replace(SampleColumns columns, long tickMs)
    {
        if (lastMs.Length != columns.Count)
        {
            lastMs = new long[columns.Count];
        }
        columns.TimestampsMs.Span.CopyTo(lastMs);
        List = columns.Series;
        TickMs = tickMs;
    }

    /// <summary>Takes the timestamps of columns with the same list.</summary>
    public void Advance(SampleColumns columns, long tickMs)
    {
        var fresh = columns.TimestampsMs.Span;
        for (var i = 0; i < fresh.Length; i++)
        {
            lastMs[i] = Math.Max(lastMs[i], fresh[i]);
        }
        TickMs = Math.Max(TickMs, tickMs);
    }

    /// <summary>Both in one.</summary>
    public static SeenSeries Merge(SeenSeries older, SeenSeries newer)
    {
        var last = new Dictionary<LabelSet, long>(newer.List.Count);
        older.AddMissing(SeriesList.Empty, last);
        newer.AddMissing(SeriesList.Empty, last);
        return Of(last, Math.Max(older.TickMs, newer.TickMs));
    }

    /// <summary>The same without some series.</summary>
    public SeenSeries Without(IReadOnlySet<LabelSet> ended)
    {
        var last = new Dictionary<LabelSet, long>(List.Count);
        AddMissing(SeriesList.Empty, last);
        foreach (var series in ended)
        {
            last.Remove(series);
        }
        return Of(last, TickMs);
    }

    /// <summary>Collects the series that are not in <paramref name="now"/>, with the time of their last sample.</summary>
    public void AddMissing(SeriesList now, Dictionary<LabelSet, long> missing)
    {
        var (prefix, suffix) = SeriesDifference.Common(List, now);
        var series = List.Span;
        for (var i = prefix; i < series.Length - suffix; i++)
        {
            missing[series[i]] = Math.Max(lastMs[i], missing.GetValueOrDefault(series[i], long.MinValue));
        }
    }

    private static SeenSeries Of(Dictionary<LabelSet, long> last, long tickMs) =>
        new(new SeriesList([.. last.Keys]), [.. last.Values], tickMs);
}
