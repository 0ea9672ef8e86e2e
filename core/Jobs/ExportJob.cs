using System.Collections.Concurrent;
using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Export: what is due is written, in the order of its times; what was incomplete is written again when it is filled; what is too old goes.</summary>
/// <remarks>
/// Any number of processes may do this at once: each run is claimed by a row, its output becomes visible whole, its manifest
/// after it, and the row says last that it is done. Who is killed in between leaves a run that the next one does again, with
/// the same bytes.
/// </remarks>
public sealed class ExportJob
{
    private const int MaxTries = 3;

    /// <summary>A run that failed so often does not hold up the later ones any more.</summary>
    private const int MaxBlockingFailures = 3;

    /// <summary>Runs that are shown of an export, if nothing else is asked for.</summary>
    public const int ShownRuns = 20;

    /// <summary>And is tried again after so long.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromHours(1);

    private static readonly TimeSpan RemoveEvery = TimeSpan.FromHours(1);

    private readonly Exporter exporter;
    private readonly ExportTargets targets;
    private readonly ExportRows rows;
    private readonly TimeProvider time;
    private readonly Func<Ulid> newUlid;
    private readonly Func<IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)>> sources;
    private readonly ConcurrentDictionary<string, ExportTotals> totals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> removed = new(StringComparer.Ordinal);

    /// <summary>A job.</summary>
    /// <param name="exporter">Makes outputs.</param>
    /// <param name="targets">Where they go.</param>
    /// <param name="tables">Where runs are claimed.</param>
    /// <param name="sources">What is known of the sources, as it is now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="newUlid">Makes identifiers; never the same twice.</param>
    internal ExportJob(
        Exporter exporter,
        ExportTargets targets,
        ITableStore tables,
        Func<IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)>> sources,
        TimeProvider time,
        Func<Ulid> newUlid
    )
    {
        (this.exporter, this.targets, this.sources) = (exporter, targets, sources);
        (this.time, this.newUlid) = (time, newUlid);
        rows = new ExportRows(tables, time, newUlid);
    }

    /// <summary>The exports, as the configuration has them.</summary>
    public IReadOnlyList<ExportConfig> Exports { get; set; } = [];

    /// <summary>How far back a sample counts in queries.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What is said of a source that is behind without an error.</summary>
    public string Behind { get; init; } = "not collected yet";

    /// <summary>Makes the data as young as the sources' marks that were looked at before: reads on in the log.</summary>
    public Func<CancellationToken, Task> Refresh { get; init; } = _ => Task.CompletedTask;

    /// <summary>What else is still to come that a run exports, such as results of rules; its time is the scheduled one.</summary>
    public Func<ExportConfig, long, IReadOnlyList<ExportGap>>? Pending { get; set; }

    /// <summary>What this process did.</summary>
    public IReadOnlyList<ExportTotals> Totals() =>
        [.. totals.Values.OrderBy(one => one.Export, StringComparer.Ordinal)];

    /// <summary>Does what is due, of all exports.</summary>
    /// <param name="noNewRunAfter">After so long it begins nothing more.</param>
    /// <param name="cancellationToken">Ends it; what is under way is done again by the next one.</param>
    /// <exception cref="StoreException">The store cannot be used; the rest waits for the next pass.</exception>
    public async Task<ExportPass> RunDueAsync(TimeSpan noNewRunAfter, CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Export);
        var started = time.GetTimestamp();
        var pass = new Pass(() => time.GetElapsedTime(started) < noNewRunAfter);
        StoreException? refused = null;
        foreach (var config in Exports)
        {
            try
            {
                await RunDueAsync(config, pass, cancellationToken);
                await RemoveOldAsync(config, pass, cancellationToken);
            }
            catch (StoreException exception)
            {
                // The others may go elsewhere.
                refused ??= exception;
            }
        }
        return refused is null ? pass.Result : throw refused;
    }

    /// <summary>Runs one export for one time, now: nothing is waited for.</summary>
    /// <param name="config">The export.</param>
    /// <param name="timeMs">The scheduled time, milliseconds since the epoch; any.</param>
    /// <param name="force">Whether an output that is there is written again.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<ExportResult> RunAsync(
        ExportConfig config,
        long timeMs,
        bool force,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var paid = Payers.By(Payer.Export);
        var row = await rows.GetAsync(config.Name, timeMs, cancellationToken);
        return row is { State: ExportState.Complete } && !force
            ? new ExportResult(ExportOutcome.Unchanged, row)
            : await TakeAsync(config, row ?? new ExportRow(config.Name, timeMs), force, progress, cancellationToken);
    }

    /// <summary>The exports with their last runs.</summary>
    /// <param name="runs">So many of each.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<ExportStatus>> StatusAsync(int runs, CancellationToken cancellationToken)
    {
        var all = new List<ExportStatus>();
        foreach (var config in Exports)
        {
            var last = new Queue<ExportRow>();
            await foreach (var row in rows.QueryAsync(config.Name, 0, long.MaxValue, cancellationToken))
            {
                last.Enqueue(row);
                if (last.Count > runs)
                {
                    last.Dequeue();
                }
            }
            all.Add(new ExportStatus(config, config.Schedule.NextAfter(NowMs()), [.. last]));
        }
        return all;
    }

    /// <summary>The run of a time; null when there is none.</summary>
    public Task<ExportRow?> FindAsync(ExportConfig config, long timeMs, CancellationToken cancellationToken) =>
        rows.GetAsync(config.Name, timeMs, cancellationToken);

    /// <summary>The manifest of a run; null when there is none.</summary>
    public Task<ExportManifest?> ManifestAsync(ExportConfig config, long timeMs, CancellationToken cancellationToken) =>
        targets.Of(config, timeMs).LookAsync(cancellationToken);

    private async Task RunDueAsync(ExportConfig config, Pass pass, CancellationToken cancellationToken)
    {
        var nowMs = NowMs();
        var before = await rows.OpenSinceAsync(config.Name, cancellationToken);
        // An export begins with its first time after it was seen first.
        var sinceMs = Math.Max(before ?? nowMs + 1, nowMs - (long)config.CatchUp.TotalMilliseconds);
        var known = new Dictionary<long, ExportRow>();
        if (before is not null)
        {
            await foreach (var row in rows.QueryAsync(config.Name, sinceMs, nowMs, cancellationToken))
            {
                known[row.TimeMs] = row;
            }
        }
        long? openMs = null;
        var next = config.Schedule.NextAfter(sinceMs - 1);
        for (; next is { } dueMs && dueMs <= nowMs; next = config.Schedule.NextAfter(dueMs))
        {
            var step = await StepAsync(config, known.GetValueOrDefault(dueMs), dueMs, pass, cancellationToken);
            if (step is not Step.Settled)
            {
                openMs ??= dueMs;
            }
            if (step is Step.Blocked)
            {
                break;
            }
        }
        totals[config.Name] = TotalsOf(config) with { OpenSinceMs = openMs ?? 0 };
        await rows.SetOpenSinceAsync(config.Name, before, openMs ?? next ?? sinceMs, cancellationToken);
    }

    /// <summary>One run that is due, as it is known so far.</summary>
    private async Task<Step> StepAsync(
        ExportConfig config,
        ExportRow? row,
        long timeMs,
        Pass pass,
        CancellationToken cancellationToken
    )
    {
        if (row is { State: ExportState.Complete })
        {
            return Step.Settled;
        }
        if (row is { State: ExportState.Failed, Failures: >= MaxBlockingFailures } && IsYoung(row))
        {
            return Step.Open;
        }
        var coverage = CoverageOf(config, timeMs);
        if (row is { State: ExportState.Incomplete })
        {
            if (coverage.IsOpen)
            {
                return Step.Open;
            }
            if (string.Equals(coverage.Key, row.GapKey, StringComparison.Ordinal))
            {
                // What is missing is lost: it stays as it is.
                return Step.Settled;
            }
        }
        else if (coverage.IsOpen && NowMs() < timeMs + (long)config.Wait.TotalMilliseconds)
        {
            pass.Waiting();
            return Step.Blocked;
        }
        if (!pass.HasTime())
        {
            pass.Unfinished();
            return Step.Blocked;
        }
        var result = await TakeAsync(
            config,
            row ?? new ExportRow(config.Name, timeMs),
            force: false,
            progress: null,
            cancellationToken
        );
        pass.Note(config, result);
        return result.Outcome switch
        {
            ExportOutcome.Complete or ExportOutcome.Unchanged => Step.Settled,
            ExportOutcome.Incomplete => Step.Open,
            ExportOutcome.Failed when result.Row is { Failures: >= MaxBlockingFailures } => Step.Open,
            _ => Step.Blocked,
        };
    }

    private bool IsYoung(ExportRow row) => time.GetUtcNow() - row.Written < LongPause;

    private async Task<ExportResult> TakeAsync(
        ExportConfig config,
        ExportRow row,
        bool force,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (row.State is ExportState.Running && !await rows.IsOlderAsync(row, ExportClaim.Duration, cancellationToken))
        {
            return new ExportResult(ExportOutcome.Elsewhere, row);
        }
        using var claim = await ExportClaim.TryTakeAsync(rows, row, newUlid().ToString(), cancellationToken);
        if (claim is null)
        {
            return new ExportResult(
                ExportOutcome.Elsewhere,
                await rows.GetAsync(row.Export, row.TimeMs, cancellationToken)
            );
        }
        try
        {
            return await claim.WhileAsync(
                token => WriteAsync(config, claim, force, progress, token),
                time,
                cancellationToken
            );
        }
        catch (ExportClaimLostException)
        {
            return new ExportResult(ExportOutcome.Elsewhere, claim.Row);
        }
        catch (Exception exception)
            when (exception is ExportException or OutputChangedException or IOException or UnauthorizedAccessException)
        {
            return await FailAsync(config, claim, exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await claim.EndAsync(
                row => row with { State = ExportState.Failed, Error = "it was stopped" },
                CancellationToken.None
            );
            throw;
        }
    }

    private async Task<ExportResult> FailAsync(ExportConfig config, ExportClaim claim, string problem)
    {
        var one = TotalsOf(config);
        totals[config.Name] = one with { Failed = one.Failed + 1 };
        await claim.EndAsync(
            row => row with { State = ExportState.Failed, Failures = row.Failures + 1, Error = problem },
            CancellationToken.None
        );
        return new ExportResult(ExportOutcome.Failed, claim.Row with { Error = problem });
    }

    /// <summary>Writes output, manifest and row; again when somebody else, who was taken for dead, wrote meanwhile.</summary>
    private async Task<ExportResult> WriteAsync(
        ExportConfig config,
        ExportClaim claim,
        bool force,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var timeMs = claim.Row.TimeMs;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var target = targets.Of(config, timeMs);
                var before = await target.LookAsync(cancellationToken);
                var planned = Exporter.Describe(config, timeMs, target.Shown);
                CheckOwner(planned, before);
                if (before is { IsComplete: true } && before.HasSameDefinition(planned) && !force)
                {
                    return await EndAsync(config, claim, target, before, isWritten: false, cancellationToken);
                }
                // First how far the sources are, then the data: it is at least as young.
                var coverage = CoverageOf(config, timeMs);
                await Refresh(cancellationToken);
                var manifest = await exporter.RunAsync(
                    config,
                    timeMs,
                    target,
                    coverage,
                    claim.CheckAsync,
                    progress,
                    cancellationToken
                );
                await target.WriteManifestAsync(manifest, before, cancellationToken);
                return await EndAsync(config, claim, target, manifest, isWritten: true, cancellationToken);
            }
            catch (OutputChangedException) when (attempt < MaxTries)
            {
                await claim.CheckAsync(cancellationToken);
            }
        }
    }

    private static void CheckOwner(ExportManifest planned, ExportManifest? before)
    {
        if (before is not null && !string.Equals(before.Export, planned.Export, StringComparison.Ordinal))
        {
            throw new ExportException(
                $"{planned.Output} is the output of the export {before.Export}: give the destination {{name}}, so that each export has its own, or remove that output with its manifest"
            );
        }
        if (before is not null && before.TimeMs > planned.TimeMs)
        {
            throw new ExportException(
                $"{planned.Output} is the output of the later run of {TimeText.Of(before.TimeMs)}: give the destination {{date}} and {{time}}, or {{timestamp}}, so that each run has its own"
            );
        }
    }

    private async Task<ExportResult> EndAsync(
        ExportConfig config,
        ExportClaim claim,
        ExportTarget target,
        ExportManifest manifest,
        bool isWritten,
        CancellationToken cancellationToken
    )
    {
        var isOurs = await claim.EndAsync(
            row =>
                row with
                {
                    State = manifest.IsComplete ? ExportState.Complete : ExportState.Incomplete,
                    Error = "",
                    Output = manifest.Output,
                    Manifest = target.Manifest,
                    Rows = manifest.Rows,
                    Bytes = manifest.Bytes,
                    Sha256 = manifest.Sha256,
                    GapKey = new ExportCoverage(manifest.Sources, manifest.Gaps, manifest.NotListed).Key,
                },
            cancellationToken
        );
        if (!isOurs)
        {
            throw new ExportClaimLostException();
        }
        if (!isWritten)
        {
            return new ExportResult(ExportOutcome.Unchanged, claim.Row);
        }
        var one = TotalsOf(config);
        totals[config.Name] = one with
        {
            Complete = one.Complete + (manifest.IsComplete ? 1 : 0),
            Incomplete = one.Incomplete + (manifest.IsComplete ? 0 : 1),
            Rows = one.Rows + manifest.Rows,
            Bytes = one.Bytes + manifest.Bytes,
            LastTimeMs = manifest.IsComplete ? Math.Max(one.LastTimeMs, manifest.TimeMs) : one.LastTimeMs,
        };
        return new ExportResult(
            manifest.IsComplete ? ExportOutcome.Complete : ExportOutcome.Incomplete,
            claim.Row,
            manifest
        );
    }

    /// <summary>Removes outputs that are older than the retention: the manifest first, the row last.</summary>
    private async Task RemoveOldAsync(ExportConfig config, Pass pass, CancellationToken cancellationToken)
    {
        var nowMs = NowMs();
        if (
            config.Retention is not { } kept
            || (removed.TryGetValue(config.Name, out var last) && nowMs - last < (long)RemoveEvery.TotalMilliseconds)
        )
        {
            return;
        }
        var old = new List<ExportRow>();
        await foreach (
            var row in rows.QueryAsync(config.Name, 0, nowMs - (long)kept.TotalMilliseconds - 1, cancellationToken)
        )
        {
            if (row.State is not ExportState.Running)
            {
                old.Add(row);
            }
        }
        foreach (var row in old)
        {
            if (row.IsFinished)
            {
                await targets.Of(config, row.TimeMs).DeleteAsync(cancellationToken);
                pass.Removed();
            }
            await rows.DeleteAsync(row, cancellationToken);
        }
        removed[config.Name] = nowMs;
    }

    private ExportCoverage CoverageOf(ExportConfig config, long timeMs)
    {
        var coverage = ExportCoverage.Of(config, Exporter.RangeOf(config, timeMs), sources(), Lookback, Behind);
        return Pending?.Invoke(config, timeMs) is { Count: > 0 } more
            ? coverage with
            {
                Gaps = [.. coverage.Gaps, .. more],
            }
            : coverage;
    }

    private ExportTotals TotalsOf(ExportConfig config) =>
        totals.GetValueOrDefault(config.Name) ?? new ExportTotals(config.Name);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What is to be done about a run.</summary>
    private enum Step
    {
        /// <summary>Nothing any more.</summary>
        Settled,

        /// <summary>Something later; the runs behind it go on.</summary>
        Open,

        /// <summary>Something later, and before the runs behind it.</summary>
        Blocked,
    }

    /// <summary>What a pass did so far.</summary>
    private sealed class Pass(Func<bool> hasTime)
    {
        public ExportPass Result { get; private set; } = new();

        public bool HasTime() => hasTime();

        public void Waiting() => Result = Result with { Waiting = Result.Waiting + 1 };

        public void Unfinished() => Result = Result with { IsUnfinished = true };

        public void Removed() => Result = Result with { Removed = Result.Removed + 1 };

        public void Note(ExportConfig config, ExportResult result) =>
            Result = result.Outcome switch
            {
                ExportOutcome.Complete or ExportOutcome.Incomplete when result.Manifest is { } manifest => Result with
                {
                    Written = [.. Result.Written, manifest],
                },
                ExportOutcome.Elsewhere => Result with { Elsewhere = Result.Elsewhere + 1 },
                ExportOutcome.Failed => Result with
                {
                    Problems = [.. Result.Problems, $"{config.Name}: {result.Row?.Error}"],
                },
                _ => Result,
            };
    }
}
