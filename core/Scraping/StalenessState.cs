using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What a source's batches in the log say about the next one: which series may have ended, which body looks cut.</summary>
/// <param name="lookbackMs">Batches older than this are not compared, in milliseconds.</param>
internal sealed class StalenessState(long lookbackMs)
{
    /// <summary>Above this many lists they are merged, so that memory does not grow with the scrapes between two complete ones.</summary>
    private const int MaxLists = 3;

    /// <summary>So many more than are there make it worth while to look for those that have gone.</summary>
    private const int ManyHistograms = 256;

    private readonly List<SeenSeries> seen = [];

    /// <summary>When the scrapes within the lookback were stamped: a sample at another time brought its own timestamp.</summary>
    private readonly HashSet<long> stamps = [];

    /// <summary>The series whose last sample was a histogram, with its tick: their markers are histograms, too.</summary>
    private readonly Dictionary<LabelSet, long> histograms = [];
    private long lastCompleteTickMs = long.MinValue;
    private SeriesList lastComplete = SeriesList.Empty;
    private long newestBodyTickMs = long.MinValue;
    private long markedTickMs = long.MinValue;
    private Dictionary<LabelSet, long> marked = [];
    private bool hasSuspect;
    private IReadOnlyList<LabelSet> suspectEnds = [];
    private IReadOnlyList<LabelSet> completeEnds = [];

    /// <summary>Whether there was a complete body with series.</summary>
    public bool HasComplete => lastComplete.Count > 0;

    /// <summary>The series of the last complete body; none without one.</summary>
    public SeriesList LastComplete => lastComplete;

    /// <summary>Samples of the last complete body.</summary>
    public int LastCompleteCount => lastComplete.Count;

    /// <summary>Whether there was a body with series, as far as the next one is compared with it.</summary>
    public bool HasSeries => seen.Count > 0;

    /// <summary>The series with which the bodies ended that the next one is compared with; it has to reach as far.</summary>
    public IEnumerable<LabelSet> Ends => seen.SelectMany(one => one.Ends);

    /// <summary>The series of which one was the last of the last complete body; none without one.</summary>
    public IReadOnlyList<LabelSet> EndsOfComplete => completeEnds;

    /// <summary>Whether the last body was suspect and ended with the same series (null: with none).</summary>
    public bool EndedLikeThis(LabelSet? last) =>
        hasSuspect && (last is null ? suspectEnds.Count == 0 : suspectEnds.Count == 1 && last.Equals(suspectEnds[0]));

    /// <summary>Whether more than half of the last complete body's series are not in a list.</summary>
    /// <param name="list">The series of the body.</param>
    /// <param name="unlisted">How many series the body has that are not in the list.</param>
    public bool IsMostlyMissing(SeriesList list, int unlisted) =>
        2L * (SeriesDifference.CountMissing(lastComplete, list) - unlisted) > lastComplete.Count;

    /// <summary>How many series of a list have not been seen since the last complete body.</summary>
    public int CountNew(SeriesList list) =>
        seen.Count == 0
            ? SeriesDifference.CountMissing(list, SeriesList.Empty)
            : seen.Min(one => SeriesDifference.CountMissing(list, one.List));

    /// <summary>The series seen that are not in a list, with the time of their last sample.</summary>
    /// <param name="now">The list.</param>
    /// <param name="tickMs">The tick, milliseconds since the epoch.</param>
    /// <param name="tracksTimestamps">Whether series count whose last sample brought its own timestamp.</param>
    public Dictionary<LabelSet, long> Missing(SeriesList now, long tickMs, bool tracksTimestamps)
    {
        var missing = new Dictionary<LabelSet, long>();
        foreach (var one in seen)
        {
            if (one.TickMs >= tickMs - lookbackMs)
            {
                one.AddMissing(now, missing);
            }
        }
        var present = now.Span;
        for (var i = 0; i < present.Length && missing.Count > 0; i++)
        {
            missing.Remove(present[i]);
        }
        if (!tracksTimestamps)
        {
            foreach (var (series, lastMs) in missing)
            {
                if (!stamps.Contains(lastMs))
                {
                    missing.Remove(series);
                }
            }
        }
        return missing;
    }

    /// <summary>Sets the times of series to those at which they were seen last, where they are newer.</summary>
    public void RaiseTo(Dictionary<LabelSet, long> table)
    {
        foreach (var one in seen)
        {
            one.RaiseTo(table);
        }
    }

    /// <summary>When each series had its last sample, by position of a list; false when only <see cref="LastTimes"/> tells.</summary>
    public bool TryLastTimes(SeriesList list, out ReadOnlySpan<long> lastMs)
    {
        var isOnly = seen.Count == 1 && ReferenceEquals(seen[0].List, list);
        lastMs = isOnly ? seen[0].LastMs : [];
        return isOnly;
    }

    /// <summary>When each series had its last sample, milliseconds since the epoch.</summary>
    public Dictionary<LabelSet, long> LastTimes()
    {
        var last = new Dictionary<LabelSet, long>();
        foreach (var one in seen)
        {
            one.AddMissing(SeriesList.Empty, last);
        }
        return last;
    }

    /// <summary>Takes over a batch that is in the log; another process' may come after a newer one of this.</summary>
    public void Apply(Batch batch)
    {
        NoteStamp(batch);
        NoteHistograms(batch);
        if (batch.Report.Verdict is not Verdict.Failed && batch.TickMs >= newestBodyTickMs)
        {
            newestBodyTickMs = batch.TickMs;
            hasSuspect = batch.Report.Verdict is Verdict.Suspect;
            suspectEnds = batch.Ends;
        }
        if (batch.Report.Verdict is Verdict.Complete && batch.TickMs > lastCompleteTickMs)
        {
            lastCompleteTickMs = batch.TickMs;
            lastComplete = batch.Scraped.Series;
            completeEnds = batch.Ends;
            Reset(batch);
            return;
        }
        Forget(batch);
        if (batch.Report.Verdict is not Verdict.Failed)
        {
            Add(batch);
        }
    }

    /// <summary>Whether the last sample of a series was a histogram.</summary>
    public bool IsHistogram(LabelSet series) => histograms.ContainsKey(series);

    private void NoteHistograms(Batch batch)
    {
        var values = batch.Scraped.Histograms.Span;
        if (values.IsEmpty && histograms.Count == 0)
        {
            return;
        }
        var series = batch.Scraped.Series.Span;
        var found = 0;
        for (var i = 0; i < series.Length; i++)
        {
            if (histograms.GetValueOrDefault(series[i], long.MinValue) > batch.TickMs)
            {
                continue;
            }
            if (!values.IsEmpty && values[i] is not null)
            {
                histograms[series[i]] = batch.TickMs;
                found++;
            }
            else
            {
                histograms.Remove(series[i]);
            }
        }
        if (histograms.Count > 2 * found + ManyHistograms)
        {
            foreach (var (gone, tickMs) in histograms)
            {
                if (tickMs < batch.TickMs - 2 * lookbackMs)
                {
                    histograms.Remove(gone);
                }
            }
        }
    }

    /// <summary>The report series have the time with which samples were stamped.</summary>
    private void NoteStamp(Batch batch)
    {
        if (batch.Added.Count > 0 && !batch.Added.IsStale(0))
        {
            stamps.Add(batch.Added.TimestampsMs.Span[0]);
            stamps.RemoveWhere(stampMs => stampMs < batch.TickMs - 2 * lookbackMs);
        }
    }

    /// <summary>
    /// A complete batch replaces everything before it, but for the series that it lacks without a marker: whoever wrote it
    /// did not know of them.
    /// </summary>
    private void Reset(Batch batch)
    {
        SeenSeries? replaced = null;
        for (var i = seen.Count - 1; i >= 0; i--)
        {
            if (seen[i].TickMs > batch.TickMs)
            {
                continue;
            }
            if (seen[i].TickMs >= batch.TickMs - lookbackMs && seen[i].Rest(batch.Scraped.Series) is { } rest)
            {
                seen[i] = rest;
            }
            else
            {
                replaced = seen[i];
                seen.RemoveAt(i);
            }
        }
        Forget(batch);
        replaced?.Replace(batch);
        seen.Insert(0, replaced ?? SeenSeries.Of(batch, batch.Ends));
        ForgetEnded(batch, 0);
        Shorten();
    }

    /// <summary>A pull brings the last samples of a series and its marker together.</summary>
    private void ForgetEnded(Batch batch, int place)
    {
        var markers = MarkersOf(batch.Added);
        if (markers.Count > 0)
        {
            seen[place] = seen[place].Without(markers, []);
        }
    }

    private void Add(Batch batch)
    {
        if (batch.Scraped.Count == 0)
        {
            return;
        }
        foreach (var one in seen)
        {
            if (ReferenceEquals(one.List, batch.Scraped.Series))
            {
                one.Advance(batch.Scraped, batch.TickMs);
                return;
            }
        }
        seen.RemoveAll(one => one.TickMs < batch.TickMs - lookbackMs);
        // A suspect body that lacks the end of the complete one may be another replica's: it shows no way beyond.
        var reaches =
            batch.Report.Verdict is not Verdict.Suspect
            || completeEnds.All(end => batch.Scraped.Series.Span.Contains(end));
        seen.Add(SeenSeries.Of(batch, reaches ? batch.Ends : []));
        ForgetEnded(batch, seen.Count - 1);
        Shorten();
    }

    private void Shorten()
    {
        while (seen.Count > MaxLists)
        {
            var merged = SeenSeries.Merge(seen[^2], seen[^1]);
            seen.RemoveRange(seen.Count - 2, 2);
            seen.Add(merged);
        }
    }

    /// <summary>Drops the series that have got their marker, but for those with a sample since.</summary>
    private void Forget(Batch batch)
    {
        var markers = MarkersOf(batch.Added);
        if (batch.TickMs == markedTickMs)
        {
            // Of two batches of one tick only one counts: what only one of them ends may not have ended.
            var doubtful = marked.Where(one => !markers.ContainsKey(one.Key)).ToDictionary();
            if (doubtful.Count > 0)
            {
                seen.Add(SeenSeries.Of(doubtful, batch.TickMs, []));
                marked = [];
            }
            return;
        }
        var ended = new Dictionary<LabelSet, long>();
        for (var i = seen.Count - 1; i >= 0 && markers.Count > 0; i--)
        {
            seen[i] = seen[i].Without(markers, ended);
            if (seen[i].List.Count == 0)
            {
                seen.RemoveAt(i);
            }
        }
        if (batch.TickMs > markedTickMs)
        {
            (markedTickMs, marked) = (batch.TickMs, ended);
        }
    }

    private static Dictionary<LabelSet, long> MarkersOf(SampleColumns added)
    {
        var markers = new Dictionary<LabelSet, long>();
        for (var i = 0; i < added.Count; i++)
        {
            if (added.IsStale(i))
            {
                markers[added.Series[i]] = added.TimestampsMs.Span[i];
            }
        }
        return markers;
    }
}
