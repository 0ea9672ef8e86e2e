using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>
/// Makes a batch of one replica one that goes on where the other ended: without samples that lie before it, without markers
/// for what the other has and this one may only not have yet, and with <c>up</c> of all replicas of which something is known.
/// </summary>
/// <param name="turn">The source and its tick.</param>
/// <param name="table">Where equal label sets become one.</param>
/// <param name="memory">Which replicas are down, after the tick.</param>
internal sealed class ReplicaBatch(SourceTurn turn, SeriesTable table, ReplicaMemory memory)
{
    /// <summary>
    /// Replicas stamp a sample when they ask for it, and the answer is made a little later: the sample of one that is stamped
    /// less than a part of the interval behind the other's can hold an older value.
    /// </summary>
    private const int MarginOfInterval = 10;

    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(1);

    private readonly SourceState state = turn.State;

    /// <summary>When each series had its last sample, looked up once.</summary>
    private Dictionary<LabelSet, long> Last => field ??= state.LastTimes();

    /// <summary>So much later than the last sample of one replica a sample of another has to be, in milliseconds.</summary>
    public static long MarginMs(Target target)
    {
        var part = target.Interval / MarginOfInterval;
        return (long)(part < LongestMargin ? part : LongestMargin).TotalMilliseconds;
    }

    /// <summary>Finishes the batch of the replica that was taken, or the last one of those that failed.</summary>
    /// <param name="batch">What it sent.</param>
    /// <param name="asked">Who was asked.</param>
    /// <param name="isOther">Whether it is another one than before; where that cannot be seen by its labels.</param>
    public Batch Finish(Batch batch, IReadOnlyList<AskedReplica> asked, bool isOther)
    {
        var isTakeOver = isOther || (state.LastFrom is { } from && !from.Equals(batch.Added.Series[0]));
        var scraped = batch.Scraped;
        if (scraped.Count > 0 && Late(scraped, isTakeOver) is { Count: > 0 } late)
        {
            scraped = Without(scraped, late);
        }
        var keepsLabel = turn.Target.Config.Source.KeepReplicaLabel;
        var hasFailed = batch.Report.Verdict is Verdict.Failed;
        var added = Added(batch, asked, isTakeOver && !keepsLabel && !hasFailed);
        // Its texts are new, and most of its series are not.
        var fresh = isTakeOver && !hasFailed ? CountFresh(batch.Scraped) : batch.Report.SeriesAdded;
        if (ReferenceEquals(scraped, batch.Scraped) && ReferenceEquals(added, batch.Added) && !isTakeOver)
        {
            return batch;
        }
        return batch with
        {
            Scraped = scraped,
            Added = ReportSeries.WithSeriesAdded(added, fresh),
            Ends = batch.Ends,
            Report = batch.Report with { Markers = CountMarkers(added), SeriesAdded = fresh },
        };
    }

    private int CountFresh(SampleColumns scraped)
    {
        var last = Last;
        return scraped.Series.Span.ToArray().Where(series => !last.ContainsKey(series)).Distinct().Count();
    }

    /// <summary>The positions of the samples that lie before what is stored of their series.</summary>
    private HashSet<int> Late(SampleColumns scraped, bool isTakeOver)
    {
        var late = new HashSet<int>();
        var timestamps = scraped.TimestampsMs.Span;
        if (!isTakeOver && state.Floors.Count == 0 && state.TryLastTimes(scraped.Series, out var aligned))
        {
            for (var i = 0; i < timestamps.Length; i++)
            {
                if (timestamps[i] < aligned[i])
                {
                    late.Add(i);
                }
            }
            return late;
        }
        var marginMs = MarginMs(turn.Target);
        var last = Last;
        var floors = isTakeOver ? [] : new Dictionary<LabelSet, long>(state.Floors);
        var series = scraped.Series.Span;
        for (var i = 0; i < timestamps.Length; i++)
        {
            if (!last.TryGetValue(series[i], out var lastMs))
            {
                continue;
            }
            var floorMs = isTakeOver ? lastMs + marginMs : floors.GetValueOrDefault(series[i], lastMs - 1);
            if (timestamps[i] <= floorMs)
            {
                late.Add(i);
                floors[series[i]] = floorMs;
            }
            else
            {
                floors.Remove(series[i]);
            }
        }
        state.Floors.Clear();
        foreach (var (one, floorMs) in floors.Where(floor => floor.Value >= last.GetValueOrDefault(floor.Key)))
        {
            state.Floors[one] = floorMs;
        }
        return late;
    }

    private static SampleColumns Without(SampleColumns columns, HashSet<int> left)
    {
        var kept = Enumerable.Range(0, columns.Count).Where(i => !left.Contains(i)).ToArray();
        var histograms = columns.Histograms;
        return new SampleColumns(
            new SeriesList([.. kept.Select(i => columns.Series[i])]),
            kept.Select(i => columns.TimestampsMs.Span[i]).ToArray(),
            kept.Select(i => columns.Values.Span[i]).ToArray()
        )
        {
            Histograms = histograms.IsEmpty ? default : kept.Select(i => histograms.Span[i]).ToArray(),
        };
    }

    /// <summary>Report series of the replica that was taken, <c>up</c> of the others, and markers for what is not written any more.</summary>
    private SampleColumns Added(Batch batch, IReadOnlyList<AskedReplica> asked, bool dropsMarkers)
    {
        var added = batch.Added;
        var reports = ReportSeries.CountIn(added);
        var ups = Ups(added.Series[0], asked);
        var now = added.Series.Span[..reports].ToArray().Concat(ups.Keys).ToHashSet();
        var ended = state.IsLoaded
            ? state.LastReports.Span.ToArray().Where(one => !now.Contains(one)).Concat(Renamed(batch)).ToArray()
            : [];
        var markers = dropsMarkers ? 0 : added.Count - reports;
        if (ups.Count == 0 && ended.Length == 0 && markers == added.Count - reports)
        {
            return added;
        }
        var stampMs = added.TimestampsMs.Span[0];
        var endMs = Math.Max(turn.TickMs, state.LastReportMs + 1);
        var kept = added.Series.Span.Slice(reports, markers).ToArray();
        var none = new Histogram?[ups.Count];
        var lasts = Array.ConvertAll(ended, one => state.IsHistogram(one) ? Histogram.Stale : null);
        var histograms = added.Histograms;
        return new SampleColumns(
            new SeriesList([.. added.Series.Span[..reports], .. ups.Keys, .. ended, .. kept]),
            (long[])
                [
                    .. added.TimestampsMs.Span[..reports],
                    .. ups.Select(_ => stampMs),
                    .. ended.Select(one => Math.Max(endMs, Last.GetValueOrDefault(one, long.MinValue) + 1)),
                    .. added.TimestampsMs.Span.Slice(reports, markers),
                ],
            (double[])
                [
                    .. added.Values.Span[..reports],
                    .. ups.Values,
                    .. lasts.Select(last => last is null ? StaleMarker.Value : StaleMarker.NormalNaN),
                    .. added.Values.Span.Slice(reports, markers),
                ]
        )
        {
            Histograms =
                histograms.IsEmpty && Array.TrueForAll(lasts, last => last is null)
                    ? default
                    : (Histogram?[])
                        [.. Part(histograms, 0, reports), .. none, .. lasts, .. Part(histograms, reports, markers)],
        };
    }

    private static ReadOnlySpan<Histogram?> Part(ReadOnlyMemory<Histogram?> histograms, int from, int count) =>
        histograms.IsEmpty ? new Histogram?[count] : histograms.Span.Slice(from, count);

    /// <summary>Series with the label that the source sent before it was known for a replica's, and now is without.</summary>
    private IEnumerable<LabelSet> Renamed(Batch batch)
    {
        var label = turn.Target.ReplicaLabel;
        if (
            label.Length == 0
            || turn.Target.Config.Source.KeepReplicaLabel
            || state.TryLastTimes(batch.Scraped.Series, out _)
        )
        {
            return [];
        }
        var series = batch.Scraped.Series.Span.ToArray().ToHashSet();
        var marked = batch.Added.Series.Span.ToArray().ToHashSet();
        return Last.Keys.Where(one =>
            one.Get(label) is not null && !marked.Contains(one) && series.Contains(ReplicaLabels.Without(one, [label]))
        );
    }

    /// <summary><c>up</c> of the others: of those that were asked what they did, and 0 of those that are left alone because they are down.</summary>
    private OrderedDictionary<LabelSet, double> Ups(LabelSet own, IReadOnlyList<AskedReplica> asked)
    {
        var ups = new OrderedDictionary<LabelSet, double>();
        foreach (var target in turn.Replicas)
        {
            var up = asked.FirstOrDefault(one => ReferenceEquals(one.Target, target)) is { } one
                ? one.Report.Verdict is Verdict.Failed
                    ? 0
                    : 1
                : memory.FailureOf(target.Replica) is { IsDown: true }
                    ? 0
                    : (double?)null;
            if (up is { } value && ReportSeries.UpOf(target, table) is var series && !series.Equals(own))
            {
                ups.TryAdd(series, value);
            }
        }
        return ups;
    }

    private static int CountMarkers(SampleColumns columns)
    {
        var count = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            count += columns.IsStale(i) ? 1 : 0;
        }
        return count;
    }
}
