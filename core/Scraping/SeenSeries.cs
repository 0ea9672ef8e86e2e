using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The series that a batch brought, and when each had its last sample; position i of both is one series.</summary>
internal sealed class SeenSeries
{
    private long[] lastMs;

    private SeenSeries(SeriesList list, long[] lastMs, long tickMs, IReadOnlyList<LabelSet> ends)
    {
        List = list;
        this.lastMs = lastMs;
        Ends = ends;
        TickMs = tickMs;
    }

    /// <summary>The series; one may stand in it repeatedly.</summary>
    public SeriesList List { get; private set; }

    /// <summary>When each series had its last sample, by position.</summary>
    public ReadOnlySpan<long> LastMs => lastMs;

    /// <summary>The tick of the newest batch in here.</summary>
    public long TickMs { get; private set; }

    /// <summary>The series with which the bodies in here ended, as far as a whole one has to reach.</summary>
    public IReadOnlyList<LabelSet> Ends { get; private set; }

    /// <summary>What a batch brought; its columns are copied.</summary>
    public static SeenSeries Of(Batch batch, IReadOnlyList<LabelSet> ends) =>
        new(batch.Scraped.Series, batch.Scraped.TimestampsMs.ToArray(), batch.TickMs, ends);

    /// <summary>Becomes what a complete batch brought, in the memory at hand.</summary>
    public void Replace(Batch batch)
    {
        var columns = batch.Scraped;
        if (lastMs.Length != columns.Count)
        {
            lastMs = new long[columns.Count];
        }
        columns.TimestampsMs.Span.CopyTo(lastMs);
        List = columns.Series;
        Ends = batch.Ends;
        TickMs = batch.TickMs;
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
        return Of(last, Math.Max(older.TickMs, newer.TickMs), [.. older.Ends.Union(newer.Ends)]);
    }

    /// <summary>The same without the series that have a marker at a time, and no sample from then on.</summary>
    /// <param name="markers">The markers.</param>
    /// <param name="ended">Receives what is left out.</param>
    public SeenSeries Without(IReadOnlyDictionary<LabelSet, long> markers, Dictionary<LabelSet, long> ended)
    {
        var last = new Dictionary<LabelSet, long>(List.Count);
        AddMissing(SeriesList.Empty, last);
        var gone = markers.Where(one => last.TryGetValue(one.Key, out var at) && at < one.Value).ToList();
        if (gone.Count == 0)
        {
            return this;
        }
        foreach (var (series, _) in gone)
        {
            ended[series] = Math.Max(last[series], ended.GetValueOrDefault(series, long.MinValue));
            last.Remove(series);
        }
        return Of(last, TickMs, [.. Ends.Where(last.ContainsKey)]);
    }

    /// <summary>Collects the series that are not in <paramref name="now"/>, with the time of their last sample.</summary>
    public void AddMissing(SeriesList now, Dictionary<LabelSet, long> missing)
    {
        var (prefix, suffix) = List.CommonWith(now);
        var series = List.Span;
        for (var i = prefix; i < series.Length - suffix; i++)
        {
            missing[series[i]] = Math.Max(lastMs[i], missing.GetValueOrDefault(series[i], long.MinValue));
        }
    }

    /// <summary>Sets the times of series to those at which they were seen last, where they are newer.</summary>
    /// <remarks>The tick counts, too: the timestamps of a source may step back.</remarks>
    public void RaiseTo(Dictionary<LabelSet, long> table)
    {
        var series = List.Span;
        for (var i = 0; i < series.Length; i++)
        {
            var seenMs = Math.Max(lastMs[i], TickMs);
            if (table.TryGetValue(series[i], out var at) && at < seenMs)
            {
                table[series[i]] = seenMs;
            }
        }
    }

    /// <summary>What is in here and not in a list, null when that is nothing.</summary>
    public SeenSeries? Rest(SeriesList now)
    {
        var rest = new Dictionary<LabelSet, long>();
        AddMissing(now, rest);
        var present = now.Span;
        for (var i = 0; i < present.Length && rest.Count > 0; i++)
        {
            rest.Remove(present[i]);
        }
        return rest.Count == 0 ? null : Of(rest, TickMs, [.. Ends.Where(rest.ContainsKey)]);
    }

    /// <summary>Series with the times of their last samples, some of which ended a body.</summary>
    public static SeenSeries Of(Dictionary<LabelSet, long> last, long tickMs, IReadOnlyList<LabelSet> ends) =>
        new(new SeriesList([.. last.Keys]), [.. last.Values], tickMs, ends);
}
