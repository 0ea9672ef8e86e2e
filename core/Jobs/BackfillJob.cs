using System.Globalization;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Backfill: fills the gaps of the ledger from the sources' own history, oldest first, in bounded steps.</summary>
/// <remarks>
/// It runs beside Collect and uses nothing of its states. A step goes into the log under a name of its own, so that doing
/// it again, or in two processes, changes nothing; the ledger hears of it behind that. It writes only into gaps that are
/// open, and these lie above the source's watermark.
/// </remarks>
/// <param name="collect">Knows the targets.</param>
/// <param name="pull">Pulls a range of a source.</param>
/// <param name="newState">Makes a state for pulls.</param>
/// <param name="ledger">The gaps.</param>
/// <param name="writer">Puts batches into the log.</param>
/// <param name="recent">The log as it is read.</param>
/// <param name="time">The clock.</param>
public sealed class BackfillJob(
    CollectJob collect,
    RangePull pull,
    Func<SourceState> newState,
    SourceLedger ledger,
    LogWriter writer,
    RecentLog recent,
    TimeProvider time
)
{
    /// <summary>Samples of one pull, of which each takes about 30 bytes.</summary>
    private const int MaxSamples = 500_000;

    /// <summary>Steps end at multiples of this, whoever makes them: the same step has the same name.</summary>
    private static readonly long StepMs = (long)TimeSpan.FromMinutes(5).TotalMilliseconds;

    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(15);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Rest> resting = new(StringComparer.Ordinal);
    private bool isBusy;

    /// <summary>What lies nearer to the present is not filled yet, and neither is what a source may still append to.</summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which gaps are filled.</summary>
    public BackfillOptions Options { get; set; } = new(TimeSpan.FromHours(6), TimeSpan.FromHours(6), null);

    /// <summary>Whether there is something to do now.</summary>
    public bool IsDue => NextGap() is not null;

    /// <summary>Fills what it can; a call while another one runs does nothing.</summary>
    /// <param name="noNewStepAfter">After so long it begins nothing more.</param>
    /// <param name="cancellationToken">Ends it; what was stored stays.</param>
    /// <exception cref="StoreException">The log or the ledger cannot be written; the next run goes on.</exception>
    public async Task<BackfillResult> RunAsync(TimeSpan noNewStepAfter, CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Backfill);
        lock (gate)
        {
            if (isBusy)
            {
                return new BackfillResult();
            }
            isBusy = true;
        }
        try
        {
            return await FillAsync(noNewStepAfter, cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                isBusy = false;
            }
        }
    }

    /// <summary>Fetches a range of a source, whatever the ledger says of it, and marks the gaps in it as filled.</summary>
    /// <param name="target">The target.</param>
    /// <param name="range">The range, its first moment outside, its last inside.</param>
    /// <param name="progress">Told how far it is, after each step.</param>
    /// <param name="cancellationToken">Ends it; what was stored stays.</param>
    /// <exception cref="BackfillException">The range is too old, or the source does not give it; the message says what to do.</exception>
    /// <exception cref="StoreException">The log or the ledger cannot be written.</exception>
    public async Task<BackfillResult> RunAsync(
        Target target,
        TimeRange range,
        Action<long>? progress,
        CancellationToken cancellationToken
    )
    {
        using var paid = Payers.By(Payer.Backfill);
        RequireKept(range);
        var result = new BackfillResult();
        var state = newState();
        try
        {
            for (var fromMs = range.MinMs; fromMs < range.MaxMs; )
            {
                var toMs = StepEnd(fromMs, range.MaxMs);
                if (recent.Has(SourceKey.BackfillOf(target.Source, fromMs, toMs), toMs))
                {
                    result = result with { Known = result.Known + 1 };
                    ledger.Raise(target.Source, fromMs, toMs, GapState.Filled, "");
                    fromMs = toMs;
                }
                else
                {
                    var pulled = await StepAsync(target, state, new TimeRange(fromMs, toMs), cancellationToken);
                    if (IsPause(pulled, fromMs))
                    {
                        await PauseAsync(pulled.NotBeforeMs, cancellationToken);
                        continue;
                    }
                    if (pulled.ReachedMs <= fromMs)
                    {
                        var reason = pulled.Unfillable.Length > 0 ? pulled.Unfillable : pulled.Error;
                        throw new BackfillException($"{target.Source} gave nothing after {Time(fromMs)}: {reason}");
                    }
                    result = Add(result, pulled);
                    fromMs = pulled.ReachedMs;
                }
                progress?.Invoke(fromMs);
            }
        }
        finally
        {
            state.Release();
            await ledger.SaveAsync(cancellationToken);
        }
        return result;
    }

    private async Task<BackfillResult> FillAsync(TimeSpan noNewStepAfter, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var states = new Dictionary<string, SourceState>(StringComparer.Ordinal);
        var result = new BackfillResult();
        try
        {
            while (time.GetElapsedTime(began) < noNewStepAfter)
            {
                if (NextGap() is not { } next)
                {
                    // The pauses between the pulls of one source are short; after a failure they are not.
                    var pause = NextPause();
                    if (pause > ShortPause || time.GetElapsedTime(began) + pause >= noNewStepAfter)
                    {
                        break;
                    }
                    await Task.Delay(pause, time, cancellationToken);
                    continue;
                }
                if (!states.TryGetValue(next.Target.Source, out var state))
                {
                    states.Add(next.Target.Source, state = newState());
                }
                result = await FillAsync(next.Target, next.Gap, state, result, cancellationToken);
            }
        }
        finally
        {
            foreach (var state in states.Values)
            {
                state.Release();
            }
        }
        await ledger.SaveAsync(cancellationToken);
        return result;
    }

    /// <summary>One step into a gap, or its end.</summary>
    private async Task<BackfillResult> FillAsync(
        Target target,
        SourceGap gap,
        SourceState state,
        BackfillResult result,
        CancellationToken cancellationToken
    )
    {
        var (oldestMs, why) = Oldest();
        if (gap.FromMs < oldestMs)
        {
            var upToMs = Math.Min(gap.ToMs, oldestMs);
            ledger.Raise(target.Source, gap.FromMs, upToMs, GapState.GivenUp, why);
            result = result with { GivenUp = result.GivenUp + 1 };
            if (upToMs == gap.ToMs)
            {
                return result;
            }
            gap = gap with { FromMs = upToMs };
        }
        var range = new TimeRange(gap.FromMs, StepEnd(gap.FromMs, gap.ToMs));
        var pulled = await StepAsync(target, state, range, cancellationToken);
        if (pulled.Unfillable.Length > 0)
        {
            ledger.Raise(target.Source, gap.FromMs, gap.ToMs, GapState.GivenUp, pulled.Unfillable);
            return result with { GivenUp = result.GivenUp + 1 };
        }
        if (IsPause(pulled, range.MinMs))
        {
            LeaveAlone(target.Source, pulled.NotBeforeMs);
            return result;
        }
        if (pulled.ReachedMs < range.MaxMs && (pulled.Error.Length > 0 || pulled.ReachedMs <= range.MinMs))
        {
            var problem = pulled.Error.Length > 0 ? pulled.Error : "the source gave nothing, and did not say why";
            LetRest(target.Source, pulled.NotBeforeMs);
            result = result with { Problems = [.. result.Problems, $"{target.Source}: {problem}"] };
        }
        else
        {
            LeaveAlone(target.Source, pulled.NotBeforeMs);
        }
        return pulled.ReachedMs > range.MinMs ? Add(result, pulled) : result;
    }

    /// <summary>Pulls a step, stores it, and then marks it as filled.</summary>
    private async Task<PulledRange> StepAsync(
        Target target,
        SourceState state,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        var startedMs = NowMs();
        var began = time.GetTimestamp();
        var pulled = await pull(target, state, ledger.Of(target.Source), range, MaxSamples, cancellationToken);
        Learn(target.Source, pulled.Memory);
        if (pulled.ReachedMs <= range.MinMs)
        {
            return pulled;
        }
        var source = SourceKey.BackfillOf(target.Source, range.MinMs, pulled.ReachedMs);
        var isKnown = recent.Has(source, pulled.ReachedMs);
        if (pulled.Samples.Count + pulled.Markers.Count > 0 && !isKnown)
        {
            var batch = new Batch
            {
                Source = source,
                TickMs = pulled.ReachedMs,
                Report = new ScrapeReport
                {
                    Verdict = Verdict.Complete,
                    StartedMs = startedMs,
                    DurationSeconds = time.GetElapsedTime(began).TotalSeconds,
                    BodyBytes = pulled.BodyBytes,
                    Scraped = pulled.Samples.Count,
                    PostRelabeling = pulled.Samples.Count,
                },
                Scraped = pulled.Samples,
                Added = pulled.Markers,
            };
            recent.Apply(await writer.AppendAsync([batch], cancellationToken));
        }
        ledger.Raise(target.Source, range.MinMs, pulled.ReachedMs, GapState.Filled, "");
        return pulled;
    }

    /// <summary>Which mode works is worth to be remembered; how far the live pulls are, is not this job's business.</summary>
    private void Learn(string source, SourceMemory memory)
    {
        var known = ledger.Of(source);
        if (!ReferenceEquals(known.Pull, memory.Pull))
        {
            ledger.Note(known with { Pull = memory.Pull.Merge(known.Pull) });
        }
    }

    /// <summary>The oldest gap of the sources that may be asked now.</summary>
    private (Target Target, SourceGap Gap)? NextGap()
    {
        var nowMs = NowMs();
        (Target Target, SourceGap Gap)? next = null;
        foreach (var (memory, gaps) in ledger.All)
        {
            if (
                gaps.OldestOpenMs is not { } fromMs
                || (next is { } other && other.Gap.FromMs <= fromMs)
                || RestsUntil(memory.Source) > nowMs
                || collect.TargetsOf(memory.Source).FirstOrDefault(target => target.IsFederate) is not { } target
            )
            {
                continue;
            }
            var gap = gaps.All.First(gap => gap.State is GapState.Open);
            var settledMs = nowMs - Math.Max((long)Settling.TotalMilliseconds, memory.Pull.OverlapMs);
            if (StepEnd(gap.FromMs, gap.ToMs) > settledMs)
            {
                // Scrapes of the source that are under way may still bring samples of then.
                continue;
            }
            next = (target, gap);
        }
        return next;
    }

    private (long OldestMs, string Why) Oldest()
    {
        var nowMs = NowMs();
        return Options.MaxAge <= Options.Window
            ? (
                nowMs - (long)Options.MaxAge.TotalMilliseconds,
                $"older than tributary.backfill.max_age ({DurationText.Format(Options.MaxAge)})"
            )
            : (
                nowMs - (long)Options.Window.TotalMilliseconds,
                $"older than out_of_order_time_window ({DurationText.Format(Options.Window)}), which no sample may be"
            );
    }

    private void RequireKept(TimeRange range)
    {
        if (Options.Retention is { } kept && range.MinMs < NowMs() - (long)kept.TotalMilliseconds)
        {
            throw new BackfillException(
                $"{Time(range.MinMs)} is longer ago than samples are kept here ({DurationText.Format(kept)}): they would be "
                    + "deleted as soon as they are in a block. Take a later --from, or raise the retention."
            );
        }
        if (range.MaxMs > NowMs())
        {
            throw new BackfillException($"{Time(range.MaxMs)} is in the future: take an earlier --to.");
        }
    }

    /// <summary>Whether nothing was asked, because the source is to be left alone.</summary>
    private bool IsPause(PulledRange pulled, long fromMs) =>
        pulled.ReachedMs <= fromMs
        && pulled.Error.Length == 0
        && pulled.Unfillable.Length == 0
        && pulled.NotBeforeMs > NowMs();

    private Task PauseAsync(long untilMs, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, untilMs - NowMs())), time, cancellationToken);

    /// <summary>Does not ask a source that has nothing wrong with it until then.</summary>
    private void LeaveAlone(string source, long untilMs)
    {
        lock (gate)
        {
            resting[source] = new Rest(untilMs, FirstRest / 2);
        }
    }

    /// <summary>How long it is until the first source may be asked that has an open gap.</summary>
    private TimeSpan NextPause()
    {
        var nowMs = NowMs();
        var soonestMs = ledger
            .All.Where(known => known.Gaps.OldestOpenMs is not null)
            .Select(known => RestsUntil(known.Memory.Source))
            .Where(untilMs => untilMs > nowMs)
            .DefaultIfEmpty(nowMs + (long)LongestRest.TotalMilliseconds)
            .Min();
        return TimeSpan.FromMilliseconds(soonestMs - nowMs);
    }

    private void LetRest(string source, long notBeforeMs)
    {
        lock (gate)
        {
            var pause = resting.TryGetValue(source, out var before) ? before.Pause * 2 : FirstRest;
            pause = pause < LongestRest ? pause : LongestRest;
            resting[source] = new Rest(Math.Max(notBeforeMs, NowMs() + (long)pause.TotalMilliseconds), pause);
        }
    }

    private long RestsUntil(string source)
    {
        lock (gate)
        {
            return resting.TryGetValue(source, out var rest) ? rest.UntilMs : long.MinValue;
        }
    }

    private static BackfillResult Add(BackfillResult result, PulledRange pulled) =>
        result with
        {
            Steps = result.Steps + 1,
            Samples = result.Samples + pulled.Samples.Count + pulled.Markers.Count,
        };

    private static long StepEnd(long fromMs, long toMs) => Math.Min(toMs, ((fromMs / StepMs) + 1) * StepMs);

    private static string Time(long timestampMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(timestampMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly record struct Rest(long UntilMs, TimeSpan Pause);
}
