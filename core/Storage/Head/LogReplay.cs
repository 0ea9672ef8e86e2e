using Tributary.Binary;
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
    public void Recent(RecentHead head, Action<Batch>? onBatch)
    {
        var batches = new Dictionary<(string Source, long TickMs), BatchCollector>();
        foreach (var plan in plans)
        {
            foreach (var (part, column) in plan.Recent)
            {
                if (plan.Found.File.TryDecode(part, column) is { } columns && !losers.Contains(part))
                {
                    head.Append(columns);
                    Collector(batches, part, onBatch)?.Add(part, columns, column.Added);
                }
            }
            foreach (var part in plan.Found.Parts)
            {
                if (part.Report is not null && part.Range.MaxMs >= plan.RecentFromMs && !losers.Contains(part))
                {
                    Collector(batches, part, onBatch)?.Report(part.Report);
                }
            }
        }
        foreach (var batch in batches.Values.OrderBy(batch => batch.TickMs))
        {
            if (batch.ToBatch() is { } whole)
            {
                onBatch!(whole);
            }
        }
    }

    /// <summary>Decodes the columns before the recent ones into a head of their own.</summary>
    public RecentHead History()
    {
        var head = new RecentHead();
        foreach (var plan in plans)
        {
            var states = new ColumnStates();
            try
            {
                foreach (var (part, column) in plan.Older)
                {
                    var columns = plan.Found.File.Decoder.Decode(part, column, states);
                    if (!losers.Contains(part))
                    {
                        head.Append(columns);
                    }
                }
            }
            catch (CorruptDataException exception)
            {
                plan.Found.File.Problem = exception.Message;
            }
        }
        return head;
    }

    private static BatchCollector? Collector(
        Dictionary<(string, long), BatchCollector> batches,
        LogPart part,
        Action<Batch>? onBatch
    )
    {
        if (onBatch is null)
        {
            return null;
        }
        var key = (part.Source, part.TickMs);
        if (!batches.TryGetValue(key, out var collector))
        {
            batches.Add(key, collector = new BatchCollector(part.Source, part.TickMs));
        }
        return collector;
    }

    /// <summary>Which columns of a file are recent: from the last restart before the first recent sample, slot by slot.</summary>
    private sealed record FilePlan(
        FollowedParts Found,
        long RecentFromMs,
        List<(LogPart Part, LogColumn Column)> Older,
        List<(LogPart Part, LogColumn Column)> Recent
    )
    {
        public static FilePlan Of(FollowedParts file, long recentFromMs)
        {
            var plan = new FilePlan(file, recentFromMs, [], []);
            var since = new Dictionary<(string, bool, int), List<(LogPart, LogColumn)>>();
            foreach (var part in file.Parts)
            {
                foreach (var column in part.Columns)
                {
                    var key = (part.Source, column.Added, column.Slice);
                    if (!since.TryGetValue(key, out var waiting))
                    {
                        since.Add(key, waiting = []);
                        if (!column.Restart)
                        {
                            // It goes on from an earlier reading, whose states only the file has.
                            plan.Recent.Add((part, column));
                            continue;
                        }
                    }
                    else if (waiting.Count == 0)
                    {
                        plan.Recent.Add((part, column));
                        continue;
                    }
                    if (column.Restart)
                    {
                        plan.Older.AddRange(waiting);
                        waiting.Clear();
                    }
                    waiting.Add((part, column));
                    if (column.Range.MaxMs >= recentFromMs)
                    {
                        plan.Recent.AddRange(waiting);
                        waiting.Clear();
                    }
                }
            }
            foreach (var waiting in since.Values)
            {
                // The states that follow the file have to be at its end, so the last run of each slot is decoded in any case.
                plan.Recent.AddRange(waiting);
            }
            return plan;
        }
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
                );
    }
}
