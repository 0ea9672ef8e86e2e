using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>What is not in blocks yet: from the head where it has everything, else from the log files.</summary>
/// <param name="blobs">Where the log lies.</param>
/// <param name="recent">The head; null for a process without one.</param>
/// <param name="logCacheBytes">Bytes of log files that are kept from one selection to the next.</param>
internal sealed class RecentPart(IBlobStore blobs, RecentLog? recent, long logCacheBytes)
{
    private readonly LogSelection log = new(blobs, logCacheBytes);

    /// <summary>Series with samples of a plan's range.</summary>
    public async Task<IEnumerable<SelectedSeries>> SelectAsync(
        StorePlan plan,
        IReadOnlyList<VectorSelector> selectors,
        SampleBudget budget,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var (fromHead, share) = Ask(plan, (head, range) => head.Select(selectors, range), []);
        foreach (var series in fromHead)
        {
            budget.Take(series);
        }
        var merge = new SeriesMerge();
        var files = FilesBeside(plan, share, warnings);
        if (files.Count > 0)
        {
            var collector = new LogCollector(
                series => selectors.Any(selector => selector.Matches(series)),
                plan.Range,
                share,
                budget
            );
            await log.SelectAsync(plan, files, collector, warnings, cancellationToken);
            foreach (var series in collector.Finish())
            {
                merge.Add(series);
            }
        }
        foreach (var series in fromHead)
        {
            merge.Add(series);
        }
        return merge.Finish();
    }

    /// <summary>The chunks of the series that satisfy all matchers, from log and head.</summary>
    /// <param name="plan">What to read.</param>
    /// <param name="matchers">Which series.</param>
    /// <param name="rank">The rank of the log; that of the head is the next one.</param>
    /// <param name="table">Receives the chunks.</param>
    /// <param name="warnings">Receives what is left out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task SelectChunksAsync(
        StorePlan plan,
        IReadOnlyList<LabelMatcher> matchers,
        int rank,
        SelectionTable table,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var (fromHead, share) = Ask(plan, (head, range) => head.SelectChunks(matchers, range), []);
        var files = FilesBeside(plan, share, warnings);
        if (files.Count > 0)
        {
            var collector = new LogCollector(
                series => matchers.All(matcher => matcher.Matches(series)),
                plan.Range,
                share,
                // What is gathered is compressed at once, and then counts as what it is.
                new SampleBudget(table.Budget.MaxLogSamples)
            );
            await log.SelectAsync(plan, files, collector, warnings, cancellationToken);
            var origin = new ChunkOrigin(rank, "log", plan.Range);
            var chunks = new List<ChunkData>();
            table.Begin();
            foreach (var series in collector.Finish().OrderBy(series => series.Labels))
            {
                SampleChunks.Encode(series.Samples, chunks);
                SampleChunks.Encode(series.Histograms, chunks);
                table.Add(series.Labels, chunks, origin);
                chunks.Clear();
            }
            table.End();
        }
        if (share is { } answered)
        {
            var origin = new ChunkOrigin(rank + 1, "head", answered);
            table.Begin();
            foreach (var (labels, chunks) in fromHead)
            {
                table.Add(labels, chunks, origin);
            }
            table.End();
        }
    }

    /// <summary>The matching series of a plan's range, in the order of their labels.</summary>
    public async Task<IReadOnlyList<LabelSet>> SelectLabelsAsync(
        StorePlan plan,
        IReadOnlyList<VectorSelector> selectors,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var (fromHead, share) = Ask(plan, (head, range) => head.SelectLabels(selectors, range), []);
        var union = new LabelSetUnion();
        union.Add(fromHead);
        union.Add(await LabelsOfLogAsync(plan, selectors, share, warnings, cancellationToken));
        return union.Sorted;
    }

    /// <summary>The label names of the matching series, or of all without selectors.</summary>
    public async Task<IEnumerable<string>> LabelNamesAsync(
        StorePlan plan,
        IReadOnlyList<VectorSelector> selectors,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var (fromHead, share) = Ask(plan, (head, range) => head.LabelNames(selectors, range), []);
        var names = new HashSet<string>(fromHead, StringComparer.Ordinal);
        foreach (var series in await LabelsOfLogAsync(plan, selectors, share, warnings, cancellationToken))
        {
            foreach (var label in series.Labels)
            {
                names.Add(label.Name);
            }
        }
        return names;
    }

    /// <summary>The values of a label among the matching series, or among all without selectors.</summary>
    public async Task<IEnumerable<string>> LabelValuesAsync(
        StorePlan plan,
        string name,
        IReadOnlyList<VectorSelector> selectors,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var (fromHead, share) = Ask(plan, (head, range) => head.LabelValues(name, selectors, range), []);
        var fromLog = await LabelsOfLogAsync(plan, selectors, share, warnings, cancellationToken);
        return fromHead.Concat(fromLog.Select(series => series.Get(name)).OfType<string>());
    }

    private async Task<IReadOnlyCollection<LabelSet>> LabelsOfLogAsync(
        StorePlan plan,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange? share,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var files = FilesBeside(plan, share, warnings);
        return files.Count == 0
            ? []
            : await log.SelectLabelsAsync(
                plan,
                files,
                series => selectors.Count == 0 || selectors.Any(selector => selector.Matches(series)),
                warnings,
                cancellationToken
            );
    }

    /// <summary>Asks the head for its share of a plan's range; again when it has dropped something meanwhile.</summary>
    private (T Answer, TimeRange? Share) Ask<T>(StorePlan plan, Func<RecentHead, TimeRange, T> ask, T nothing)
    {
        while (recent is not null)
        {
            var coverage = recent.Coverage;
            if (ShareOf(plan, coverage.Whole) is not { } share)
            {
                break;
            }
            var answer = ask(coverage.Head, share);
            if (recent.Coverage == coverage)
            {
                return (answer, share);
            }
        }
        return (nothing, null);
    }

    /// <summary>
    /// The part of a plan's range that the head answers: where it has all of the log, and nothing that became a block or
    /// was deleted, of which it does not know.
    /// </summary>
    private static TimeRange? ShareOf(StorePlan plan, TimeRange? whole)
    {
        if (whole is not { } known)
        {
            return null;
        }
        var minMs = Math.Max(known.MinMs, plan.Range.MinMs);
        foreach (var (window, row) in plan.Manifest.Windows)
        {
            minMs = row.LengthBytes.Count > 0 ? Math.Max(minMs, window.EndMs) : minMs;
        }
        foreach (var file in plan.Deletes.SelectMany(delete => delete.LogFiles))
        {
            minMs = Math.Max(minMs, file.Window.EndMs);
        }
        var maxMs = Math.Min(known.MaxMs, plan.Range.MaxMs);
        return minMs <= maxMs ? new TimeRange(minMs, maxMs) : null;
    }

    /// <summary>The plan's log files of which the head does not have all that is asked for.</summary>
    private List<PlannedLogFile> FilesBeside(StorePlan plan, TimeRange? share, WarningList warnings)
    {
        var files = new List<PlannedLogFile>();
        var problems = share is null ? null : recent?.Problems;
        foreach (var file in plan.LogFiles)
        {
            var minMs = Math.Max(file.Name.Window.StartMs, plan.Range.MinMs);
            var maxMs = Math.Min(file.Name.Window.EndMs - 1, plan.Range.MaxMs);
            if (share is not { } covered || covered.MinMs > minMs || covered.MaxMs < maxMs)
            {
                files.Add(file);
            }
            else if (problems?.TryGetValue(file.Name, out var problem) == true)
            {
                warnings.Add($"a log file is damaged, what follows in it is left out: {problem}");
            }
        }
        return files;
    }
}
