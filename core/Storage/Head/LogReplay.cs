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
        var batches = new List<BatchCollector>();
        var bySource = new Dictionary<string, Dictionary<long, BatchCollector>>(StringComparer.Ordinal);
        foreach (var plan in plans)
        {
            foreach (var column in plan.Recent)
            {
                if (plan.Found.File.TryDecode(column) is { } columns && !losers.Contains(column.Part))
                {
                    head.Append(columns);
                    if (onBatch is not null)
                    {
                        Collector(column.Part).Add(columns, column.Added);
                    }
                }
            }
            if (onBatch is null)
            {
                continue;
            }
            foreach (var part in plan.Found.Parts)
            {
                if (part.Report is not null && part.Range.MaxMs >= plan.RecentFromMs && !losers.Contains(part))
                {
                    Collector(part).Report(part.Report);
                }
            }
        }
        batches.Sort((a, b) => a.TickMs.CompareTo(b.TickMs));
        foreach (var batch in batches)
        {
            if (batch.ToBatch() is { } whole)
            {
                onBatch!(whole);
            }
        }

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

    /// <summary>Decodes the columns before the recent ones into a head of their own.</summary>
    public RecentHead History()
    {
        var head = new RecentHead();
        foreach (var plan in plans)
        {
            var states = new SlotMap<ColumnState>();
            try
            {
                foreach (var column in plan.Older)
                {
                    var columns = plan.Found.File.Decoder.Decode(column, states);
                    if (!losers.Contains(column.Part))
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
        private ScrapeReport? report;

        public long TickMs => tickMs;

        public void Add(SampleColumns columns, bool isAdded) =>
            (isAdded ? added : scraped).Add(
                new SampleColumns(columns.Series, columns.TimestampsMs.ToArray(), columns.Values.ToArray())
            );

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
