using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Rules;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>What the recent log says of sources and rule groups that their rows do not say yet, for who follows no log.</summary>
internal sealed class LoggedProgress
{
    /// <summary>Why something may be missing that is stored.</summary>
    public const string Behind =
        "not collected yet, or not noted yet: how far a source is, is noted about once a minute";

    /// <summary>Evaluations so rare may be in no file of the log any more; then a row says when the last one was.</summary>
    private static readonly TimeSpan LongInterval = TimeSpan.FromHours(1);

    private readonly Dictionary<string, SortedList<long, ScrapeReport>> ticks = new(StringComparer.Ordinal);

    /// <summary>Reads the log of the last hours, without its samples.</summary>
    /// <exception cref="StoreException">The log cannot be read.</exception>
    public static async Task<LoggedProgress> ReadAsync(
        IBlobStore blobs,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var present = Window.Of(time.GetUtcNow().ToUnixTimeMilliseconds());
        IReadOnlyList<Window> windows =
        [
            new Window(present.StartMs - Window.LengthMs),
            present,
            new Window(present.StartMs + Window.LengthMs),
        ];
        var progress = new LoggedProgress();
        var files = await new LogFollower(blobs, new SeriesTable()).ReadOnAsync(windows, _ => false, cancellationToken);
        foreach (var part in files.SelectMany(file => file.Parts))
        {
            // The last part of a batch has the report.
            if (part.Report is { } report && !SourceKey.IsBackfill(part.Source) && !SourceKey.IsWrite(part.Source))
            {
                progress.TicksOf(SourceKey.WithoutPull(part.Source))[part.TickMs] = report;
            }
        }
        return progress;
    }

    /// <summary>The sources as the rows have them, with what the log says of later times.</summary>
    public IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)> Sources(
        IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)> rows
    )
    {
        var known = rows.Select(row => row.Memory.Source).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. rows.Select(row => (Further(row.Memory), row.Gaps)),
            .. ticks
                .Keys.Where(source => !SourceKey.IsRules(source) && !known.Contains(source))
                .Select(source => (Further(new SourceMemory(source)), new SourceGaps(source))),
        ];
    }

    /// <summary>Rule groups with the times of their last evaluations.</summary>
    /// <exception cref="StoreException">The rows cannot be read.</exception>
    public async Task<IReadOnlyList<RuleGroupStatus>> GroupsAsync(
        IEnumerable<RuleGroupConfig> groups,
        ITableStore tables,
        CancellationToken cancellationToken
    )
    {
        var rows = new GroupRows(tables);
        var all = new List<RuleGroupStatus>();
        foreach (var group in groups)
        {
            var key = SourceKey.RulesOf(group.File, group.Name);
            var row = group.Interval >= LongInterval ? await rows.ReadAsync(key, cancellationToken) : null;
            var logged = ticks.TryGetValue(key, out var known) ? known.GetKeyAtIndex(known.Count - 1) : 0;
            all.Add(new RuleGroupStatus(group) { LastEvaluationMs = Math.Max(logged, row?.TickMs ?? 0) });
        }
        return all;
    }

    /// <summary>As far as ticks follow each other without a gap; what a gap is worth, only the collector knows.</summary>
    private SourceMemory Further(SourceMemory memory)
    {
        if (!ticks.TryGetValue(memory.Source, out var reports))
        {
            return memory;
        }
        foreach (var (tickMs, report) in reports.Where(tick => tick.Key > memory.LastTickMs))
        {
            // A pull's tick does not say how far it came.
            if (memory.Pull.CursorMs > 0 || (memory.CompleteUntilMs > 0 && report.Missed is not null))
            {
                break;
            }
            var intervalMs = memory.IntervalMs > 0 ? memory.IntervalMs : tickMs - memory.LastTickMs;
            var fact = new TickFact(tickMs, report.Verdict, intervalMs) { Error = report.Error };
            var (next, gap) = fact.Applied(memory);
            if (gap is not null)
            {
                break;
            }
            memory = next with { IntervalMs = memory.IntervalMs };
        }
        return memory;
    }

    private SortedList<long, ScrapeReport> TicksOf(string source)
    {
        if (!ticks.TryGetValue(source, out var known))
        {
            ticks.Add(source, known = []);
        }
        return known;
    }
}
