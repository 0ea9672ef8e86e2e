using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What a source's batches in the log say about the next one: which series may have ended, which body looks cut.</summary>
/// <param name="lookbackMs">Batches older than this are not compared, in milliseconds.</param>
internal sealed class StalenessState(long lookbackMs)
{
    /// <summary>Above this many lists they are merged, so that memory does not grow with the scrapes between two complete ones.</summary>
    private const int MaxLists = 3;

    private readonly List<SeenSeries> seen = [];
    private long lastCompleteTickMs = long.MinValue;
    private SeriesList lastComplete = SeriesList.Empty;
    private bool hasSuspect;
    private LabelSet? suspectEnd;

    /// <summary>Whether there was a complete body with series.</summary>
    public bool HasComplete => lastComplete.Count > 0;

    /// <summary>The last series of the last complete body, or null.</summary>
    public LabelSet? LastOfComplete => HasComplete ? lastComplete[lastComplete.Count - 1] : null;

    /// <summary>Whether the last body was suspect and ended with the same series (null: with none).</summary>
    public bool EndedLikeThis(LabelSet? last) =>
        hasSuspect && (last is null ? suspectEnd is null : last.Equals(suspectEnd));

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

    /// <summary>The series seen that are not in <paramref name="now"/>, with the time of their last sample.</summary>
    public Dictionary<LabelSet, long> Missing(SeriesList now, long tickMs)
    {
        var missing = new Dictionary<LabelSet, long>();
        foreach (var one in seen)
        {
            if (one.TickMs >= tickMs - lookbackMs)
            {
                one.AddMissing(now, missing);
            }
        }
        if (missing.Count > 0)
        {
            foreach (var series in now.Span)
            {
                missing.Remove(series);
            }
        }
        return missing;
    }

    /// <summary>Takes over a batch that is in the log.</summary>
    public void Apply(Batch batch)
    {
        if (batch.Report.Verdict is Verdict.Complete && batch.TickMs > lastCompleteTickMs)
        {
            lastCompleteTickMs = batch.TickMs;
            lastComplete = batch.Scraped.Series;
            hasSuspect = false;
            Reset(batch);
            return;
        }
        Forget(batch.Added);
        switch (batch.Report.Verdict)
        {
            case Verdict.Suspect:
                hasSuspect = true;
                suspectEnd = batch.Scraped.Count == 0 ? null : batch.Scraped.Series[batch.Scraped.Count - 1];
                Add(batch);
                break;
            case Verdict.Failed:
                break;
            default:
                hasSuspect = false;
                Add(batch);
                break;
        }
    }

    /// <summary>A complete batch replaces everything.</summary>
    private void Reset(Batch batch)
    {
        if (seen.Count > 1)
        {
            seen.RemoveRange(1, seen.Count - 1);
        }
        if (seen.Count == 1)
        {
            seen[0].Replace(batch.Scraped, batch.TickMs);
        }
        else
        {
            seen.Add(SeenSeries.Of(batch.Scraped, batch.TickMs));
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
        seen.Add(SeenSeries.Of(batch.Scraped, batch.TickMs));
        if (seen.Count > MaxLists)
        {
            var merged = SeenSeries.Merge(seen[^2], seen[^1]);
            seen.RemoveRange(seen.Count - 2, 2);
            seen.Add(merged);
        }
    }

    /// <summary>Drops the series that have got their marker.</summary>
    private void Forget(SampleColumns added)
    {
        var ended = new HashSet<LabelSet>();
        var values = added.Values.Span;
        for (var i = 0; i < values.Length; i++)
        {
            if (StaleMarker.IsStale(values[i]))
            {
                ended.Add(added.Series[i]);
            }
        }
        if (ended.Count == 0)
        {
            return;
        }
        for (var i = 0; i < seen.Count; i++)
        {
            seen[i] = seen[i].Without(ended);
        }
    }
}
