using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The ledger: what it says is true at every moment, and at the end nothing is left that could be had.</summary>
internal sealed partial class PullChecker
{
    /// <summary>How long behind the beginning of a tick its pull may still fetch what came to light late.</summary>
    private static readonly long OverlapMs = (long)TimeSpan.FromMinutes(2).TotalMilliseconds;

    /// <summary>No clock is ahead by more, and what was decided is saved within that.</summary>
    private const long SkewMs = 10_000;

    /// <summary>Rows never say less than before.</summary>
    private void Forward(PullTruth truth)
    {
        SourceMemory? last = null;
        foreach (var moment in scenario.History.Moments)
        {
            if (moment.Of(truth.Key) is not { } now)
            {
                Require(last is null, $"stepped back: the row of {truth.Key} is gone");
                continue;
            }
            last ??= now;
            Require(
                now.CompleteUntilMs >= last.CompleteUntilMs
                    && now.Pull.CursorMs >= last.Pull.CursorMs
                    && now.LastTickMs >= last.LastTickMs,
                $"stepped back: {truth.Key} at {Short(moment.AtMs)}: cursor {Short(last.Pull.CursorMs)} → "
                    + $"{Short(now.Pull.CursorMs)}, complete until {Short(last.CompleteUntilMs)} → "
                    + $"{Short(now.CompleteUntilMs)}, tick {Short(last.LastTickMs)} → {Short(now.LastTickMs)}"
            );
            last = now;
        }
    }

    /// <summary>When a row says that all is there but for the gaps, it is; and it stays.</summary>
    private void Claims(PullTruth truth)
    {
        if (truth.FirstMs == long.MaxValue)
        {
            return;
        }
        var retentionMs = (long)truth.Source.Retention.TotalMilliseconds;
        var claimed = new PullCoverage();
        foreach (var moment in scenario.History.Moments)
        {
            var untilMs = moment.Of(truth.Key)?.CompleteUntilMs ?? 0;
            // Of what gives only the newest samples, all are promised of gaps that were filled.
            var gaps = moment
                .GapsOf(truth.Key)
                .Where(gap => gap.State is GapState.Filled != truth.IsLossless)
                .Select(gap => (gap.FromMs, gap.ToMs))
                .ToList();
            var coverage = truth.IsLossless ? PullCoverage.Of(truth.FirstMs, untilMs, gaps) : PullCoverage.Of(gaps);
            var added = coverage.Without(claimed);
            foreach (var (series, sample) in truth.In(added))
            {
                if (sample.TimestampMs <= moment.AtMs - retentionMs)
                {
                    continue;
                }
                var what =
                    $"{series} {sample.Value} at {Short(sample.TimestampMs)}, seen from {Short(sample.VisibleMs)} on";
                Require(
                    truth.LandedAt(series, sample.TimestampMs) < moment.Moment,
                    $"claimed: at {Short(moment.AtMs)} the ledger said that {truth.Key} was complete until {Short(untilMs)}"
                        + $", without {what}"
                );
                Require(
                    oracle.Samples.GetValueOrDefault(series)?.TryGetValue(sample.TimestampMs, out var value) == true
                        && BitConverter.DoubleToInt64Bits(value) == sample.Bits,
                    $"lost: {what} of {truth.Key} was in the log, and does not count"
                );
            }
            claimed.Add(added);
        }
    }

    /// <summary>After enough quiet time nothing is open that can be filled, and the watermark goes with the ticks.</summary>
    private void Settled(PullTruth truth)
    {
        var end = scenario.History.Moments.LastOrDefault();
        var memory = end?.Of(truth.Key);
        Require(memory is not null, $"unfilled: nothing is known of {truth.Key} at the end");
        var intervalMs = (long)truth.Source.Target.Interval.TotalMilliseconds;
        Require(
            memory!.CompleteUntilMs >= scenario.DoneMs - intervalMs,
            $"unfilled: {truth.Key} is complete until {Short(memory.CompleteUntilMs)} only, at {Short(end!.AtMs)}"
        );
        var maxAgeMs = (long)scenario.Backfill.MaxAge.TotalMilliseconds;
        foreach (var gap in end.GapsOf(truth.Key))
        {
            var what = $"{truth.Key} from {Short(gap.FromMs)} to {Short(gap.ToMs)}, {gap.Reason}, {gap.Note}";
            if (!truth.HasHistory)
            {
                continue;
            }
            Require(gap.State is not GapState.Open, $"unfilled: {what} is still open at {Short(end.AtMs)}");
            if (gap.State is GapState.GivenUp)
            {
                var atMs = GivenUpMs(truth, gap);
                Require(gap.ToMs < atMs - maxAgeMs + SkewMs, $"unfilled: {what} was given up at {Short(atMs)}");
            }
        }
    }

    private long GivenUpMs(PullTruth truth, SourceGap gap) =>
        scenario
            .History.Moments.First(moment =>
                moment
                    .GapsOf(truth.Key)
                    .Any(one => one.State is GapState.GivenUp && one.FromMs <= gap.FromMs && one.ToMs >= gap.ToMs)
            )
            .AtMs;

    /// <summary>When all is done, the next pass writes what is new and nothing else.</summary>
    private void Restless(PullTruth truth)
    {
        var intervalMs = (long)truth.Source.Target.Interval.TotalMilliseconds;
        foreach (var (part, landing) in truth.Parts.Where(one => one.Landing.AtMs > scenario.DoneMs))
        {
            Require(!SourceKey.IsBackfill(part.Source), $"restless: {Name(part)} came at {Short(landing.AtMs)}");
            var oldestMs = part.Samples.Select(sample => sample.TimestampMs).DefaultIfEmpty(long.MaxValue).Min();
            var isOld = oldestMs < part.TickMs - intervalMs - OverlapMs;
            Require(!truth.IsLossless || !isOld, $"restless: {Name(part)} has samples of {Short(oldestMs)}");
        }
    }
}
