using Tributary.Binary;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Head;

/// <summary>Decodes the parts that a reading of the log found: the last minutes first, the rest when there is time.</summary>
internal sealed class LogReplay
{
    private readonly List<FilePlan> plans = [];
    private readonly HashSet<LogPart> losers = [];

    /// <summary>Plans the decoding.</summary>
    /// <param name="found">What was read.</param>
    /// <param name="ledger">Has been offered all parts.</param>
    /// <param name="recentFromMs">Samples from here on come first.</param>
    public LogReplay(IReadOnlyList<FollowedParts> found, BatchLedger ledger, long recentFromMs)
    {
        foreach (var file in found)
        {
            plans.Add(FilePlan.Of(file, recentFromMs));
            losers.UnionWith(file.Parts.Where(part => !ledger.Counts(part)));
        }
    }

    /// <summary>Decodes the recent columns into a head, file by file.</summary>
    /// <param name="head">Receives the samples.</param>
    /// <param name="onBatch">Receives the recent batches, by tick; columns are copies.</param>
    /// <param name="isHandedOut">Which parts it receives; null is all.</param>
    /// <param name="deletedOf">Which samples of a file the head does not take; null for all.</param>
    public void Recent(
        RecentHead head,
        Action<Batch>? onBatch,
        Predicate<LogPart>? isHandedOut = null,
        Func<LogFileName, Func<LabelSet, long, bool>?>? deletedOf = null
    )
    {
        var batches = new List<BatchCollector>();
        var bySource = new Dictionary<string, Dictionary<long, BatchCollector>>(StringComparer.Ordinal);
        var lastOfGroups = LastOfGroups();
        foreach (var plan in plans)
        {
            var isDeleted = plan.Found.Parts is [var first, ..] ? deletedOf?.Invoke(first.File) : null;
            foreach (var column in plan.Recent)
            {
                if (plan.Found.File.TryDecode(column) is { } columns && !losers.Contains(column.Part))
                {
                    head.Append(columns, isDeleted);
                    if (onBatch is not null && isHandedOut?.Invoke(column.Part) != false)
                    {
                        Collector(column.Part).Add(column.Part, columns, column.Added);
                    }
                }
            }
            if (onBatch is null)
            {
                continue;
            }
            foreach (var part in plan.Found.Parts)
            {
                if (
                    part.Report is not null
                    && (part.Range.MaxMs >= plan.RecentFromMs || lastOfGroups.Contains(part))
                    && !losers.Contains(part)
                    && isHandedOut?.Invoke(part) != false
                )
                {
                    Collector(part).Report(part.Report);
                }
            }
        }
        HandOut(batches, onBatch);

        BatchCollector Collector(LogPart part)
        {
            if (!bySource.TryGetValue(part.Source, out var ticks))
            {
                bySource.Add(part.Source, ticks = []);
            }
            if (!ticks.TryGetValue(part.TickMs, out var collector))
            {
                ticks.Add(part.TickMs, collector = new BatchCollector(part.Source, part.TickMs));
                batches.Add(collector);
            }
            return collector;
        }
    }

    /// <summary>
    /// The last batch of each rule group: its evaluations go on from there, however long ago it was. It is decoded in any
    /// case, as the last of its slot.
    /// </summary>
    private HashSet<LogPart> LastOfGroups()
    {
        var last = new Dictionary<string, LogPart>(StringComparer.Ordinal);
        foreach (var part in plans.SelectMany(plan => plan.Found.Parts))
        {
            if (
                part.Report is not null
                && SourceKey.IsRules(part.Source)
                && !losers.Contains(part)
                && (!last.TryGetValue(part.Source, out var known) || known.TickMs < part.TickMs)
            )
            {
                last[part.Source] = part;
            }
        }
        return [.. last.Values];
    }

    /// <summary>Hands out batches by tick, the last of each source with the metadata that was read since the one before.</summary>
    private void HandOut(List<BatchCollector> batches, Action<Batch>? onBatch)
    {
        batches.Sort((a, b) => a.TickMs.CompareTo(b.TickMs));
        var whole = batches.ConvertAll(batch => batch.ToBatch()).OfType<Batch>().ToList();
        var metadata = TakeMetadata(whole.Select(batch => batch.Source).ToHashSet(StringComparer.Ordinal));
        for (var i = whole.Count - 1; i >= 0; i--)
        {
            if (metadata.Remove(whole[i].Source, out var families))
            {
                whole[i] = whole[i] with { Metadata = [.. families.Values] };
            }
        }
        whole.ForEach(batch => onBatch!(batch));
    }

    /// <summary>What the files hold of the metadata of sources, each once; that of others waits for a batch of theirs.</summary>
    private Dictionary<string, Dictionary<string, MetricMetadata>> TakeMetadata(HashSet<string> sources)
    {
        var taken = new Dictionary<string, Dictionary<string, MetricMetadata>>(StringComparer.Ordinal);
        foreach (var plan in sources.Count == 0 ? [] : plans)
        {
            var waiting = plan.Found.File.Decoder.Metadata;
            foreach (var (source, item) in waiting)
            {
                if (!sources.Contains(source))
                {
                    continue;
                }
                if (!taken.TryGetValue(source, out var families))
                {
                    taken.Add(source, families = new(StringComparer.Ordinal));
                }
                families[item.Family] = item;
            }
            waiting.RemoveAll(entry => sources.Contains(entry.Source));
        }
        return taken;
    }

    /// <summary>Decodes the columns before the recent ones into heads of their own, on all processors.</summary>
    public IReadOnlyList<RecentHead> History()
    {
        // What begins with a restart needs nothing before it, so the runs are decoded independently; in order of time, so
        // that those of one head follow one another.
        var runs = plans.SelectMany(plan => Runs(plan)).OrderBy(run => run.Columns[0].Part.TickMs).ToList();
        var heads = new RecentHead[Math.Min(runs.Count, Environment.ProcessorCount)];
        Parallel.For(
            0,
            heads.Length,
            i =>
            {
                heads[i] = new RecentHead();
                var (first, end) = (runs.Count * i / heads.Length, runs.Count * (i + 1) / heads.Length);
                foreach (var (file, columns) in runs[first..end])
                {
                    Decode(file, columns, heads[i]);
                }
            }
        );
        return heads;
    }

    private void Decode(FollowedFile file, List<LogColumn> run, RecentHead head)
    {
        var states = new SlotMap<ColumnState>();
        try
        {
            foreach (var column in run)
            {
                var columns = file.Decoder.Decode(column, states);
                if (!losers.Contains(column.Part))
                {
                    head.Append(columns);
                }
            }
        }
        catch (CorruptDataException exception)
        {
            file.Problem = exception.Message;
        }
    }

    /// <summary>The older columns from each restart to the next, slot by slot.</summary>
    private static IEnumerable<(FollowedFile File, List<LogColumn> Columns)> Runs(FilePlan plan)
    {
        var open = new SlotMap<Waiting>();
        foreach (var column in plan.Older)
        {
            var slot = open.Of(column.Part.Source, column.Added, column.Slice, static () => new Waiting());
            if (column.Restart && slot.Columns.Count > 0)
            {
                yield return (plan.Found.File, [.. slot.Columns]);
                slot.Columns.Clear();
            }
            slot.Columns.Add(column);
        }
        foreach (var slot in open.Values.Where(slot => slot.Columns.Count > 0))
        {
            yield return (plan.Found.File, slot.Columns);
        }
    }

    /// <summary>Which columns of a file are recent: from the last restart before the first recent sample, slot by slot.</summary>
    private sealed record FilePlan(
        FollowedParts Found,
        long RecentFromMs,
        List<LogColumn> Older,
        List<LogColumn> Recent
    )
    {
        public static FilePlan Of(FollowedParts file, long recentFromMs)
        {
            var plan = new FilePlan(file, recentFromMs, [], []);
            var waiting = new SlotMap<Waiting>();
            foreach (var column in file.Parts.SelectMany(part => part.Columns))
            {
                var slot = waiting.Of(column.Part.Source, column.Added, column.Slice, static () => new Waiting());
                // Without a restart it goes on from an earlier reading, whose states only the file has.
                slot.IsRecent |= slot.Columns.Count == 0 && !column.Restart;
                if (slot.IsRecent)
                {
                    plan.Recent.Add(column);
                    continue;
                }
                if (column.Restart)
                {
                    plan.Older.AddRange(slot.Columns);
                    slot.Columns.Clear();
                }
                slot.Columns.Add(column);
                if (column.Range.MaxMs >= recentFromMs)
                {
                    plan.Recent.AddRange(slot.Columns);
                    slot.Columns.Clear();
                    slot.IsRecent = true;
                }
            }
            foreach (var slot in waiting.Values)
            {
                // The states that follow the file have to be at its end, so the last run of each slot is decoded in any case.
                plan.Recent.AddRange(slot.Columns);
            }
            return plan;
        }
    }

    /// <summary>The columns of a slot since its last restart, until one is recent.</summary>
    private sealed class Waiting
    {
        public List<LogColumn> Columns { get; } = [];
        public bool IsRecent { get; set; }
    }

    /// <summary>Puts the columns of one batch together again.</summary>
    private sealed class BatchCollector(string source, long tickMs)
    {
        private readonly List<SampleColumns> scraped = [];
        private readonly List<SampleColumns> added = [];
        private readonly Dictionary<LogFileName, LabelSet> ends = [];
        private ScrapeReport? report;

        public long TickMs => tickMs;

        public void Add(LogPart part, SampleColumns columns, bool isAdded)
        {
            (isAdded ? added : scraped).Add(
                new SampleColumns(columns.Series, columns.TimestampsMs.ToArray(), columns.Values.ToArray())
                {
                    Histograms = columns.Histograms.ToArray(),
                }
            );
            if (!isAdded && columns.Count > 0)
            {
                ends[part.File] = columns.Series[columns.Count - 1];
            }
        }

        public void Report(ScrapeReport found) => report = found;

        public Batch? ToBatch() =>
            report is null
                ? null
                : new Batch
                {
                    Source = source,
                    TickMs = tickMs,
                    Report = report,
                    Scraped = Join(scraped),
                    Ends = [.. ends.Values],
                    Added = Join(added),
                };

        private static SampleColumns Join(List<SampleColumns> columns) =>
            columns.Count == 1
                ? columns[0]
                : new SampleColumns(
                    new SeriesList([.. columns.SelectMany(column => column.Series.Span.ToArray())]),
                    columns.SelectMany(column => column.TimestampsMs.ToArray()).ToArray(),
                    columns.SelectMany(column => column.Values.ToArray()).ToArray()
                )
                {
                    Histograms = columns.Exists(column => column.Histograms.Length > 0)
                        ? columns.SelectMany(HistogramsOf).ToArray()
                        : default,
                };

        private static IEnumerable<Histogram?> HistogramsOf(SampleColumns columns) =>
            columns.Histograms.Length > 0
                ? columns.Histograms.ToArray()
                : Enumerable.Repeat<Histogram?>(null, columns.Count);
    }
}
