using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;

namespace Tributary.Jobs;

/// <summary>Brings what became of the ticks of sources into the ledger: this process' own and, by the log, those of others.</summary>
/// <remarks>Guarded by the lock of the job that it belongs to. Until the ledger is loaded, the log is where ticks wait.</remarks>
/// <param name="ledger">What is remembered.</param>
/// <param name="recent">The log.</param>
internal sealed class TickBook(SourceLedger ledger, RecentLog recent)
{
    /// <summary>Why the gaps of an exporter stay.</summary>
    public const string NoHistory = "only a Prometheus can be asked for the past: this target has no history";

    /// <summary>What another process has collected is read so often, at least.</summary>
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(30);

    /// <summary>How far a source was pulled is saved so often.</summary>
    private static readonly TimeSpan Saving = TimeSpan.FromMinutes(1);

    /// <summary>The time between two looks of whoever calls, if that is rarer than a source's interval.</summary>
    public TimeSpan Cadence { get; init; }

    /// <summary>Notes a batch of this process; it is in the log.</summary>
    public void Note(SourceRun run, Collected collected)
    {
        if (!ledger.IsLoaded)
        {
            ledger.Note(collected.Memory, [], isOwn: false);
            run.IsBehind = true;
            return;
        }
        var batch = collected.Batch;
        CatchUp(run, batch.TickMs);
        var known = ledger.Of(run.Source);
        if (batch.TickMs <= known.LastTickMs)
        {
            run.HasLate |= batch.Report.Verdict is Verdict.Complete;
            ledger.Note(SourceMemory.Merge(known, collected.Memory), GapsOf(known, collected), isOwn: true);
            return;
        }
        var fact = FactOf(run, batch.TickMs, batch.Report.Verdict) with
        {
            Error = batch.Report.Error,
            Missed = batch.Report.Missed,
        };
        // A source without series has no cursor, and is complete all the same.
        var isPulled =
            collected.IsPulled && (collected.Memory.Pull.CursorMs > 0 || batch.Report.Verdict is not Verdict.Complete);
        var (next, gap) = isPulled
            ? (fact.Passed(known), BeforeFirstPull(fact, known, collected))
            : fact.Applied(known);
        var memory = collected.Memory with
        {
            Job = run.Targets.Count > 0 ? run.Targets[0].Job : known.Job,
            LastTickMs = next.LastTickMs,
            LastVerdict = next.LastVerdict,
            LastError = next.LastError,
            IntervalMs = next.IntervalMs,
            // The pull may have begun before the row was read.
            Pull = collected.IsPulled ? collected.Memory.Pull.Merge(known.Pull) : collected.Memory.Pull,
            CompleteUntilMs = Math.Max(
                next.CompleteUntilMs,
                isPulled ? collected.Memory.CompleteUntilMs : long.MinValue
            ),
            ConstantLabels = ConstantsOf(run, batch, known),
        };
        var found = GapsOf(known, collected);
        ledger.Note(memory, gap is null ? found : [.. found, gap], isOwn: true);
    }

    /// <summary>The gaps that a pull found, and the one before it when it began before the row of others was read.</summary>
    private static IReadOnlyList<SourceGap> GapsOf(SourceMemory known, Collected collected)
    {
        var found = collected.Gaps.Select(SourceGap.Of);
        return [.. SourceMemory.GapBetween(known, collected.Memory) is { } between ? found.Append(between) : found];
    }

    /// <summary>Takes in what the log knows of a source and the ledger does not.</summary>
    /// <param name="run">The source.</param>
    /// <param name="beforeMs">Ticks from here on are not looked at.</param>
    public void CatchUp(SourceRun run, long beforeMs = long.MaxValue)
    {
        if (!ledger.IsLoaded)
        {
            return;
        }
        if (run.IsBehind)
        {
            run.IsBehind = false;
            var known = ledger.Of(run.Source);
            var found = new List<SourceGap>();
            var memory = known;
            foreach (var (tickMs, verdict, isEnding) in recent.TicksAfter(run.Source, known.LastTickMs))
            {
                if (tickMs >= beforeMs)
                {
                    break;
                }
                var error =
                    isEnding ? ScrapeReport.LeftConfiguration
                    : tickMs == run.LastTickMs ? run.Report!.Error
                    : "";
                var fact = FactOf(run, tickMs, verdict) with { Error = error };
                if (MayBePulled(run, memory))
                {
                    memory = fact.Passed(memory);
                    continue;
                }
                (memory, var gap) = fact.Applied(memory);
                found.AddRange(gap is null ? [] : [gap]);
            }
            if (!ReferenceEquals(memory, known))
            {
                ledger.Note(memory, found, isOwn: false);
            }
        }
        if (run.HasLate)
        {
            run.HasLate = false;
            // A pull's tick does not say how far it came.
            if (!IsPulled(run, ledger.Of(run.Source)))
            {
                TakeOutLate(run);
            }
        }
    }

    /// <summary>So far behind the present a source may be without anything being wrong.</summary>
    public long ToleranceMs(Target target, SourceMemory memory)
    {
        var intervals = 2 * ExpectedMs((long)target.Interval.TotalMilliseconds);
        var reading = (long)(target.Timeout + Reading).TotalMilliseconds;
        return target.IsFederate && target.Config.Source.Pull is not PullMode.Federate
            ? intervals
                + reading
                + Math.Max(memory.Pull.OverlapMs, PullLimits.DefaultOverlapMs)
                + PullLimits.MaxSilenceMs
                + (long)Saving.TotalMilliseconds
            : intervals + reading;
    }

    /// <summary>Batches that came into the log late may lie where there is a gap: what is whole by them, is none.</summary>
    private void TakeOutLate(SourceRun run)
    {
        var expectedMs = ExpectedMs(run.ExpectedMs);
        foreach (var gap in ledger.GapsOf(run.Source).All)
        {
            if (gap.State is GapState.Filled)
            {
                continue;
            }
            var complete = recent
                .TicksAfter(run.Source, gap.FromMs)
                .Where(tick => tick.TickMs < gap.ToMs && tick.Verdict is Verdict.Complete)
                .Select(tick => tick.TickMs);
            var fromMs = gap.FromMs;
            foreach (var toMs in complete.Append(gap.ToMs))
            {
                if (!TickFact.IsGap(fromMs, toMs, expectedMs))
                {
                    ledger.Raise(run.Source, fromMs, toMs, GapState.Filled, "");
                }
                fromMs = toMs;
            }
        }
    }

    /// <summary>The first pull begins an interval before its tick: what is missing up to there was missed by scrapes.</summary>
    private static SourceGap? BeforeFirstPull(TickFact fact, SourceMemory known, Collected collected)
    {
        if (known.Pull.CursorMs > 0 || collected.Memory.Pull.CursorMs == 0)
        {
            return null;
        }
        var gap = (fact with { Verdict = Verdict.Complete }).Applied(known).Gap;
        var toMs = fact.TickMs - fact.IntervalMs;
        return gap is null || gap.FromMs >= toMs ? null : gap with { ToMs = toMs };
    }

    private TickFact FactOf(SourceRun run, long tickMs, Verdict verdict) =>
        new(tickMs, verdict, ExpectedMs(run.ExpectedMs))
        {
            Unfillable = run.Targets.Any(target => target.IsFederate) ? "" : NoHistory,
        };

    private long ExpectedMs(long intervalMs) => Math.Max(intervalMs, (long)Cadence.TotalMilliseconds);

    /// <summary>Whether pulls say how far a source is, and not its ticks.</summary>
    public static bool IsPulled(SourceRun run, SourceMemory memory) =>
        memory.Pull.CursorMs > 0
        && run.Targets.Any(target => target.IsFederate && target.Config.Source.Pull is not PullMode.Federate);

    /// <summary>
    /// Whether a tick of another process may have been a pull, which says only in the ledger how far it came. The row that
    /// is known here may be older than the first pull.
    /// </summary>
    private static bool MayBePulled(SourceRun run, SourceMemory memory) =>
        IsPulled(run, memory)
        || run.Targets.Any(target =>
            target.IsFederate
            && (
                target.Config.Source.Pull is PullMode.Range or PullMode.RemoteRead
                // Where no way that brings all samples works, it is scraped.
                || (target.Config.Source.Pull is PullMode.Auto && memory.Pull.Refused.Count == 0)
            )
        );

    private static LabelSet ConstantsOf(SourceRun run, Batch batch, SourceMemory known)
    {
        if (batch.Report.Verdict is not Verdict.Complete || ReferenceEquals(run.ConstantsOf, batch.Scraped.Series))
        {
            return known.ConstantLabels;
        }
        run.ConstantsOf = batch.Scraped.Series;
        var labels = ConstantLabels.Of(batch.Scraped.Series);
        return labels.Equals(known.ConstantLabels) ? known.ConstantLabels : labels;
    }
}
