using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Pulls what a source has since the cursor, and makes a batch of it.</summary>
/// <param name="requests">Asks the API.</param>
/// <param name="time">The clock.</param>
internal sealed class LivePull(PullRequests requests, TimeProvider time)
{
    private readonly PullSlices slices = new(requests, time);
    private readonly EndedSeries ended = new(requests);

    /// <summary>Pulls. Whatever the source does ends in a batch.</summary>
    public async Task<Collected> RunAsync(
        SourceTurn turn,
        AskedSource asked,
        PullMemory memory,
        CancellationToken cancellationToken
    )
    {
        var (target, state) = (turn.Target, turn.State);
        var startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var started = time.GetTimestamp();
        var stampMs = Scraper.StampOf(state, startedMs, turn.TickMs);
        var (range, gap) = RangeOf(turn, memory, startedMs);
        var body = state.Pulled;
        if (body.IsFirst)
        {
            // The memory of scrapes is not needed any more.
            state.Body.Forget();
        }
        body.MaxSamples = PullLimits.MostSamples;
        var external = asked.Mode is PullMode.Range ? asked.ExternalLabels ?? LabelSet.Empty : LabelSet.Empty;
        body.Begin(target.Labels, target.Config, external, target.NativeHistograms.IsScraped, turn.TickMs);
        body.BeginRange(range.AfterMs);
        var run = await slices.RunAsync(asked, body, range, memory, cancellationToken);
        var newestMs = body.NewestMs;
        var scraped = body.Scraped;
        var samples = body.End();
        var (verdict, error) = Judge(target.Config, body, range, run);
        IReadOnlyList<SeriesEnd> ends = asked.Mode is PullMode.RemoteRead ? body.Markers() : [];
        var bytes = run.Bytes;
        if (verdict is Verdict.Complete && asked.Mode is PullMode.Range && range.UntilMs > range.AfterMs)
        {
            var found = await ended.FindAsync(asked, state, samples, (range.UntilMs, turn.TickMs), cancellationToken);
            (ends, bytes) = (found.Ends, bytes + found.Bytes);
        }
        var report = new ScrapeReport
        {
            Verdict = verdict,
            StartedMs = startedMs,
            DurationSeconds = time.GetElapsedTime(started).TotalSeconds,
            BodyBytes = bytes,
            Error = Words.Clean(error, PullLimits.MaxErrorChars),
        };
        var batch = state.FinishPull(target, report, samples, ends, (stampMs, turn.TickMs));
        var reached = verdict is Verdict.Failed ? range.AfterMs : run.ReachedMs;
        var after = memory with { SliceMs = run.SliceMs, SamplesPerSecond = RateOf(memory, range, run, scraped) };
        return verdict is Verdict.Failed
            ? new Collected(batch, turn.Memory with { Pull = after with { Failures = memory.Failures + 1 } })
            {
                IsPulled = true,
            }
            : new Collected(batch, Advanced(turn.Memory, after, range.AfterMs, reached, newestMs))
            {
                IsPulled = true,
                Gaps = GapsOf(gap, range, run),
            };
    }

    /// <summary>The batch of a turn without a pull.</summary>
    public Collected Without(SourceTurn turn, PullMemory memory, Verdict verdict, string error)
    {
        var startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var report = new ScrapeReport
        {
            Verdict = verdict,
            StartedMs = startedMs,
            Error = Words.Clean(error, PullLimits.MaxErrorChars),
        };
        turn.State.Pulled.BeginNothing(turn.TickMs);
        var nothing = new SampleColumns(SeriesList.Empty, default, default);
        var stampMs = Scraper.StampOf(turn.State, startedMs, turn.TickMs);
        var batch = turn.State.FinishPull(turn.Target, report, nothing, [], (stampMs, turn.TickMs));
        return new Collected(batch, turn.Memory with { Pull = memory }) { IsPulled = true };
    }

    /// <summary>What is asked for: since the cursor, but not beyond the tick, so that two who take one tick ask for the same.</summary>
    private static (SliceRange Range, FoundGap? Gap) RangeOf(SourceTurn turn, PullMemory memory, long nowMs)
    {
        var intervalMs = (long)turn.Target.Interval.TotalMilliseconds;
        var untilMs = Math.Min(turn.TickMs, nowMs) / 1000 * 1000;
        var overlapMs = OverlapOf(memory);
        var oldestMs = untilMs - PullLimits.MaxLiveMs;
        FoundGap? gap = null;
        long afterMs;
        if (memory.CursorMs > 0)
        {
            afterMs = memory.CursorMs - overlapMs;
            if (afterMs < oldestMs)
            {
                gap = new FoundGap(afterMs, oldestMs, "the source was not pulled for too long");
                afterMs = oldestMs;
            }
        }
        else
        {
            var known = turn.Memory.CompleteUntilMs - overlapMs;
            afterMs = known >= oldestMs ? Math.Min(known, untilMs - intervalMs) : untilMs - intervalMs;
        }
        var range = new SliceRange(afterMs, untilMs)
        {
            MaxSamples = PullLimits.BatchSamples,
            DeadlineMs = nowMs + (intervalMs / 10 * 9),
            FirstMs = intervalMs,
        };
        return (range, gap);
    }

    private static (Verdict Verdict, string Error) Judge(
        ScrapeConfig config,
        PulledBody body,
        SliceRange range,
        SliceRun run
    )
    {
        if (config.Limits.SampleLimit > 0 && body.SeriesCount > config.Limits.SampleLimit)
        {
            return (
                Verdict.Failed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"sample_limit exceeded: the pull has {body.SeriesCount} series after relabelling, the limit is {config.Limits.SampleLimit}"
                )
            );
        }
        if (run.Problem is { } problem)
        {
            return run.ReachedMs > range.AfterMs
                ? (Verdict.Partial, $"pulled up to {TimeOf(run.ReachedMs)} only: {problem.Message}")
                : (Verdict.Failed, problem.Message);
        }
        if (run.ReachedMs < range.UntilMs)
        {
            return (
                Verdict.Partial,
                $"pulled up to {TimeOf(run.ReachedMs)} only: there is much; it goes on at the next tick"
            );
        }
        return run.HasWarnings
            ? (Verdict.Partial, "the source warns that something may be missing in its answers")
            : (Verdict.Complete, "");
    }

    private static SourceMemory Advanced(
        SourceMemory memory,
        PullMemory pull,
        long afterMs,
        long reachedMs,
        long newestMs
    )
    {
        // The source's clock may be behind: what it has not got yet is not passed over.
        var seenMs = Math.Max(newestMs, reachedMs - PullLimits.MaxSilenceMs);
        var cursorMs = Math.Max(pull.CursorMs, Math.Min(reachedMs, seenMs));
        return memory with
        {
            CompleteUntilMs = Math.Max(memory.CompleteUntilMs, cursorMs - OverlapOf(pull)),
            Pull = pull with
            {
                CursorMs = cursorMs,
                SinceMs = pull.CursorMs > 0 ? pull.SinceMs : afterMs,
                Failures = 0,
            },
        };
    }

    private static List<FoundGap> GapsOf(FoundGap? gap, SliceRange range, SliceRun run)
    {
        var gaps = new List<FoundGap>();
        if (gap is not null)
        {
            gaps.Add(gap);
        }
        if (run.HasWarnings)
        {
            gaps.Add(new FoundGap(range.AfterMs, run.ReachedMs, "the source warned that something may be missing"));
        }
        return gaps;
    }

    private static long RateOf(PullMemory memory, SliceRange range, SliceRun run, int scraped)
    {
        var seconds = (run.ReachedMs - range.AfterMs) / 1000;
        return seconds < 1 || scraped == 0 ? memory.SamplesPerSecond : Math.Max(1, scraped / seconds);
    }

    private static long OverlapOf(PullMemory memory) =>
        memory.OverlapMs > 0 ? memory.OverlapMs : PullLimits.DefaultOverlapMs;

    private static string TimeOf(long timestampMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timestampMs).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
