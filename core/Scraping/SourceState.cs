using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What is kept of one source between its scrapes: its series and their order, and the staleness state.</summary>
/// <remarks>
/// Not safe for several threads: one scrape at a time. The columns of a batch lie in memory of this object and are valid
/// until the next scrape with it. <see cref="Apply"/> takes a batch over once it is in the log, and may be left out when
/// it never got there.
/// </remarks>
public sealed class SourceState
{
    private readonly StalenessState staleness;
    private readonly SeriesBudget budget;
    private PulledBody? pulled;
    private SeriesList? finished;
    private ReportSeries? reports;
    private SeriesList lastReports = SeriesList.Empty;
    private long lastReportMs = long.MinValue;
    private long lastFromMs = long.MinValue;
    private bool tracksTimestamps = true;
    private long[] addedTimestampsMs = [];
    private double[] addedValues = [];

    /// <summary>The state of a source of which nothing is known.</summary>
    /// <param name="series">Where equal label sets become one.</param>
    /// <param name="limits">What the source may send.</param>
    /// <param name="budget">What the series of all sources may take.</param>
    public SourceState(SeriesTable series, ScrapeLimits limits, SeriesBudget budget)
    {
        Series = series;
        Limits = limits;
        this.budget = budget;
        Body = new SourceBody(series, limits, budget);
        Body.Divide("", 1);
        staleness = new StalenessState((long)limits.Lookback.TotalMilliseconds);
    }

    /// <summary>The <c>up</c> of the replica that the last batch with samples is from; null before one.</summary>
    internal LabelSet? LastFrom { get; private set; }

    /// <summary>The report series of the last batch in the log, with <c>up</c> of further replicas behind them.</summary>
    internal SeriesList LastReports => lastReports;

    /// <summary>The times before which, and at which, samples of series are not taken: those of another replica, and a margin.</summary>
    internal Dictionary<LabelSet, long> Floors { get; } = [];

    /// <summary>Whether there was a body with series, as far as the next one is compared with it.</summary>
    internal bool HasSeries => staleness.HasSeries;

    /// <summary>Whether the last sample of a series was a histogram.</summary>
    internal bool IsHistogram(LabelSet series) => staleness.IsHistogram(series);

    /// <summary>Samples of the last complete body.</summary>
    internal int LastCompleteCount => staleness.LastCompleteCount;

    /// <summary>When each series had its last sample, by position of a list; false when only <see cref="LastTimes"/> tells.</summary>
    internal bool TryLastTimes(SeriesList list, out ReadOnlySpan<long> lastMs) =>
        staleness.TryLastTimes(list, out lastMs);

    /// <summary>When each series had its last sample, milliseconds since the epoch.</summary>
    internal Dictionary<LabelSet, long> LastTimes() => staleness.LastTimes();

    /// <summary>The time of the last report in the log, milliseconds since the epoch.</summary>
    internal long LastReportMs => lastReportMs;

    /// <summary>Whether the log was read (or is known to be empty); before that no staleness markers are written.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>What the source says of its metric families now, sorted by name; safe to read from any thread.</summary>
    public IReadOnlyList<MetricMetadata> Metadata => Body.Metadata.Current;

    internal SeriesTable Series { get; }

    internal ScrapeLimits Limits { get; }

    internal SourceBody Body { get; }

    /// <summary>What is kept of the source's pulls.</summary>
    internal PulledBody Pulled => pulled ??= new PulledBody(Series, Limits, budget);

    /// <summary>Says that every batch of this source in the log that matters was applied.</summary>
    public void MarkLoaded()
    {
        IsLoaded = true;
        Body.Metadata.Publish();
    }

    /// <summary>Takes what the source says of its families beside its bodies, all of it.</summary>
    /// <returns>What the log does not have of it yet; null when there is no memory for it.</returns>
    internal IReadOnlyList<MetricMetadata>? Tell(IReadOnlyList<MetricMetadata> metadata) =>
        Body.Metadata.Tell(metadata) ? Body.Metadata.Unsent() : null;

    /// <summary>Gives memory back, when the source is not scraped any more.</summary>
    public void Release()
    {
        ReleasePulled();
        Body.Forget();
        Body.Metadata.Release();
    }

    /// <summary>Gives the memory of pulls back, when the source is not pulled any more.</summary>
    internal void ReleasePulled()
    {
        pulled?.Forget();
        pulled = null;
    }

    /// <summary>Takes over a batch that is in the log: a replayed one, in the log's order, or the one of the last scrape.</summary>
    public void Apply(Batch batch)
    {
        staleness.Apply(batch);
        // Another process' batch of the same tick says nothing of this one's.
        if (pulled is not null && ReferenceEquals(batch.Scraped.Series, finished))
        {
            pulled.Commit();
            finished = null;
        }
        Body.Metadata.MarkSent(batch.Metadata);
        if (IsLoaded)
        {
            Body.Metadata.Publish();
        }
        var count = ReportSeries.CountIn(batch.Added);
        if (count == 0)
        {
            return;
        }
        var isRemoval = batch.Added.IsStale(0);
        if (!isRemoval && batch.Scraped.Count > 0 && batch.TickMs >= lastFromMs)
        {
            (LastFrom, lastFromMs) = (batch.Added.Series[0], batch.TickMs);
        }
        count += isRemoval ? 0 : ReportSeries.CountReplicasIn(batch.Added, count);
        var reportMs = isRemoval ? batch.TickMs : batch.Added.TimestampsMs.Span[0];
        if (reportMs < lastReportMs)
        {
            // Another process' batch may be read after a newer one.
            return;
        }
        lastReportMs = reportMs;
        if (isRemoval)
        {
            lastReports = SeriesList.Empty;
        }
        else if (
            reports is not null
            && reports.List.Count == count
            && ReferenceEquals(batch.Added.Series[0], reports.List[0])
        )
        {
            lastReports = reports.List;
        }
        else
        {
            lastReports = new SeriesList(batch.Added.Series.Span[..count].ToArray());
        }
    }

    /// <summary>The batch for a target that left the configuration: markers for all its series, the report series included.</summary>
    /// <param name="source">The key of the source.</param>
    /// <param name="tickMs">The first tick at which it is no longer scraped, milliseconds since the epoch.</param>
    /// <param name="newest">When series were seen last anywhere: one that went on elsewhere did not end. Null is nowhere.</param>
    /// <returns>A batch, or null when nothing is known to end.</returns>
    public Batch? MarkersForRemoval(string source, long tickMs, IReadOnlyDictionary<LabelSet, long>? newest = null)
    {
        var ended = EndedBy(tickMs);
        if (newest is not null)
        {
            var own = ended.ToDictionary();
            RaiseTo(own);
            foreach (var (series, seenMs) in own)
            {
                if (newest.GetValueOrDefault(series, long.MinValue) > seenMs)
                {
                    ended.Remove(series);
                }
            }
        }
        if (ended.Count == 0)
        {
            return null;
        }
        // The report series stand first in every batch, and here too.
        var ordered = lastReports.Span.ToArray().Where(ended.ContainsKey).Concat(ended.Keys).Distinct().ToArray();
        var columns = new SampleColumns(
            new SeriesList(ordered),
            ordered.Select(series => MarkerTime(ended[series], tickMs)).ToArray(),
            ordered
                .Select(series => staleness.IsHistogram(series) ? StaleMarker.NormalNaN : StaleMarker.Value)
                .ToArray()
        )
        {
            Histograms = ordered.Any(staleness.IsHistogram)
                ? ordered.Select(series => staleness.IsHistogram(series) ? Histogram.Stale : null).ToArray()
                : default,
        };
        var report = new ScrapeReport
        {
            Verdict = Verdict.Failed,
            StartedMs = tickMs,
            Markers = ordered.Length,
            Error = ScrapeReport.LeftConfiguration,
        };
        return new Batch
        {
            Source = source,
            TickMs = tickMs,
            Report = report,
            Scraped = new SampleColumns(SeriesList.Empty, default, default),
            Added = columns,
        };
    }

    /// <summary>Adds the series that end when the target leaves the configuration.</summary>
    internal void AddEnded(Dictionary<LabelSet, long> table, long tickMs)
    {
        foreach (var (series, lastMs) in EndedBy(tickMs))
        {
            table[series] = Math.Max(lastMs, table.GetValueOrDefault(series, long.MinValue));
        }
    }

    /// <summary>Sets the times of series to those at which this source had them last, where they are newer.</summary>
    internal void RaiseTo(Dictionary<LabelSet, long> table)
    {
        staleness.RaiseTo(table);
        foreach (var series in lastReports.Span)
        {
            if (table.TryGetValue(series, out var lastMs) && lastMs < lastReportMs)
            {
                table[series] = lastReportMs;
            }
        }
    }

    /// <summary>Sets into which requests the next scrapes are divided; null for one.</summary>
    /// <remarks>The parts of a division that is new have to reach as far as the last complete scrape did.</remarks>
    internal void Divide(ScrapeDivision? division)
    {
        if (!Body.Divide(division?.Key ?? "", division?.Parts.Count ?? 1) || division is null)
        {
            return;
        }
        var waiting = Enumerable.Range(0, division.Parts.Count).ToList();
        var last = staleness.LastComplete;
        for (var i = last.Count - 1; i >= 0 && waiting.Count > 0; i--)
        {
            var found = waiting.FindIndex(part => division.Parts[part].Holds(last[i]));
            if (found >= 0)
            {
                Body.Parts[waiting[found]].ExpectedEnd = last[i];
                waiting.RemoveAt(found);
            }
        }
    }

    /// <summary>Decides whether the body of a part that ended is whole; for a suspect or failed one also why not.</summary>
    internal (Verdict Verdict, string Error) Judge(int part, BodyEnd end, bool isFederate) =>
        Body.Parts.Count == 1 ? Judge(end, isFederate) : Body.Parts[part].Judge(end);

    /// <summary>Decides whether a body that ended is whole; for a suspect or failed one also why not.</summary>
    /// <param name="end">Where it ended.</param>
    /// <param name="isFederate">Whether a last line may be whole although it has no newline.</param>
    internal (Verdict Verdict, string Error) Judge(BodyEnd end, bool isFederate)
    {
        if (end is BodyEnd.AtMarker)
        {
            return (Verdict.Complete, "");
        }
        if (end is BodyEnd.InMessage)
        {
            const string Cut = "the body is cut off: it ends inside a metric family";
            return (Body.Scraped == 0 ? Verdict.Failed : Verdict.Suspect, Cut);
        }
        var isCut = end is BodyEnd.InLine;
        if (isCut && Body.Scraped == 0 && (!staleness.HasSeries || staleness.EndedLikeThis(null)))
        {
            return (Verdict.Failed, "the body ends inside its first line: cut off, or no metrics");
        }
        if (isCut && !isFederate && staleness.EndedLikeThis(Body.LastSeries))
        {
            return (
                Verdict.Failed,
                "the body ends inside its last line, as the one before it: not cut off, but malformed"
            );
        }
        var reason = isCut ? "its last line has no end" : WhatIsMissing();
        return reason.Length == 0 || staleness.EndedLikeThis(Body.LastSeries)
            ? (Verdict.Complete, "")
            : (Verdict.Suspect, $"the body may be cut off: {reason}");
    }

    /// <summary>The batch of a scrape: its samples, the report series, and the markers that the verdict calls for.</summary>
    internal Batch Finish(Target target, ScrapeReport report, BodyExtent extent, long stampMs, long tickMs)
    {
        Prepare(target);
        var ended = Ended(target, report.Verdict, tickMs);
        var hasFailed = report.Verdict is Verdict.Failed;
        var final = report with
        {
            Scraped = extent is BodyExtent.Read ? Body.Scraped : 0,
            PostRelabeling = extent is BodyExtent.Read ? Body.Relabeled : 0,
            SeriesAdded = extent is BodyExtent.Read ? CountAdded() : 0,
            OutOfBounds = Body.OutOfBounds,
            Duplicates = Body.Duplicates,
            Markers = ended.Count,
        };
        var metadata = hasFailed ? [] : Body.Metadata.Unsent();
        var ends = hasFailed ? null : Body.Ends;
        var batch = new Batch
        {
            Source = target.Source,
            TickMs = tickMs,
            Report = final,
            Scraped = Body.End(report.Verdict, report.BodyBytes == 0),
            Added = Added(target, final, extent, MarkersOf(ended, tickMs), stampMs),
            Metadata = metadata,
        };
        return ends is null ? batch : batch with { Ends = ends };
    }

    /// <summary>The batch of a pull: its samples, the report series, and markers.</summary>
    /// <param name="target">What was asked.</param>
    /// <param name="report">How it ended; the counts of samples are filled in here.</param>
    /// <param name="samples">What <see cref="PulledBody.End"/> gave.</param>
    /// <param name="ends">The markers.</param>
    /// <param name="times">The time of the report series, and the tick.</param>
    internal Batch FinishPull(
        Target target,
        ScrapeReport report,
        SampleColumns samples,
        IReadOnlyList<SeriesEnd> ends,
        (long StampMs, long TickMs) times
    )
    {
        Prepare(target);
        var hasFailed = report.Verdict is Verdict.Failed;
        finished = hasFailed ? null : samples.Series;
        var body = Pulled;
        var final = report with
        {
            Scraped = hasFailed ? 0 : body.Scraped,
            PostRelabeling = hasFailed ? 0 : body.Relabeled,
            SeriesAdded = hasFailed
                ? 0
                : Math.Min(body.Added, staleness.HasSeries ? staleness.CountNew(samples.Series) : int.MaxValue),
            Duplicates = hasFailed ? 0 : body.Duplicates,
            Markers = hasFailed ? 0 : ends.Count,
        };
        return new Batch
        {
            Source = target.Source,
            TickMs = times.TickMs,
            Report = final,
            Scraped = hasFailed ? new SampleColumns(SeriesList.Empty, default, default) : samples,
            Added = Added(target, final, BodyExtent.Read, hasFailed ? [] : ends, times.StampMs),
        };
    }

    /// <summary>The series known to be alive that are not in a list, with the time of their last sample.</summary>
    internal Dictionary<LabelSet, long> MissingIn(Target target, SeriesList now, long tickMs)
    {
        Prepare(target);
        return IsLoaded ? staleness.Missing(now, tickMs, tracksTimestamps) : [];
    }

    private void Prepare(Target target)
    {
        if (reports is null || !reports.IsOf(target))
        {
            reports = ReportSeries.Of(target, Series);
        }
        // Prometheus leaves series with timestamps of their own alone unless it is told otherwise; a federated one would
        // linger for the whole lookback behind its end.
        tracksTimestamps = target.Config.TrackTimestampsStaleness ?? target.IsFederate;
    }

    private List<SeriesEnd> MarkersOf(Dictionary<LabelSet, long> ended, long tickMs)
    {
        if (ended.Count == 0)
        {
            return [];
        }
        var markers = new List<SeriesEnd>(ended.Count);
        foreach (var (series, lastMs) in ended)
        {
            markers.Add(new SeriesEnd(series, MarkerTime(lastMs, tickMs), staleness.IsHistogram(series)));
        }
        return markers;
    }

    private Dictionary<LabelSet, long> EndedBy(long tickMs)
    {
        if (!IsLoaded)
        {
            return [];
        }
        var ended = staleness.Missing(SeriesList.Empty, tickMs, tracksTimestamps);
        if (lastReportMs >= tickMs - (long)Limits.Lookback.TotalMilliseconds)
        {
            foreach (var series in lastReports.Span)
            {
                ended[series] = lastReportMs;
            }
        }
        return ended;
    }

    /// <summary>A process that takes a source over has not seen its texts, but knows its series from the log.</summary>
    private int CountAdded() =>
        Body.IsFirst && staleness.HasSeries ? Math.Min(Body.Added, staleness.CountNew(Body.Series)) : Body.Added;

    private string WhatIsMissing()
    {
        if (staleness.EndsOfComplete.FirstOrDefault(series => !WasExposed(series)) is { } last)
        {
            return $"it lacks {last}, with which the last complete one ended";
        }
        if (staleness.Ends.FirstOrDefault(series => !WasExposed(series)) is { } end)
        {
            return $"it lacks {end}, as far as which one before it reached";
        }
        return staleness.IsMostlyMissing(Body.Series, Body.OutOfBounds)
            ? "it lacks more than half of the series of the last complete one"
            : "";
    }

    private bool WasExposed(LabelSet series) => ReferenceEquals(series, Body.LastSeries) || Body.WasExposed(series);

    private Dictionary<LabelSet, long> Ended(Target target, Verdict verdict, long tickMs)
    {
        if (!IsLoaded || !(verdict is Verdict.Complete || (verdict is Verdict.Failed && !target.IsFederate)))
        {
            return [];
        }
        var now = verdict is Verdict.Failed ? SeriesList.Empty : Body.Series;
        var ended = staleness.Missing(now, tickMs, tracksTimestamps);
        if (ended.Count > 0 && verdict is Verdict.Complete && Body.OutOfBounds > 0)
        {
            // Their samples are not stored, but the source still has them: they did not end.
            Body.RemoveExposed(ended);
        }
        return ended;
    }

    /// <summary>The report series, then the markers.</summary>
    private SampleColumns Added(
        Target target,
        ScrapeReport report,
        BodyExtent extent,
        IReadOnlyList<SeriesEnd> ends,
        long stampMs
    )
    {
        var reportSeries = reports!.List;
        var count = reportSeries.Count + ends.Count;
        if (addedValues.Length < count)
        {
            addedTimestampsMs = new long[count];
            addedValues = new double[count];
        }
        addedTimestampsMs.AsSpan(0, reportSeries.Count).Fill(stampMs);
        reports.Write(report, target, extent, addedValues);
        if (ends.Count == 0)
        {
            return new SampleColumns(
                reportSeries,
                addedTimestampsMs.AsMemory(0, count),
                addedValues.AsMemory(0, count)
            );
        }
        var sets = new LabelSet[count];
        reportSeries.Span.CopyTo(sets);
        Histogram?[]? histograms = null;
        var next = reportSeries.Count;
        foreach (var end in ends)
        {
            sets[next] = end.Series;
            addedTimestampsMs[next] = end.AtMs;
            if (end.IsHistogram)
            {
                histograms ??= new Histogram?[count];
                histograms[next] = Histogram.Stale;
            }
            addedValues[next++] = end.IsHistogram ? StaleMarker.NormalNaN : StaleMarker.Value;
        }
        return new SampleColumns(
            new SeriesList(sets),
            addedTimestampsMs.AsMemory(0, count),
            addedValues.AsMemory(0, count)
        )
        {
            Histograms = histograms,
        };
    }

    private static long MarkerTime(long lastMs, long tickMs) => Math.Max(tickMs, lastMs + 1);
}
