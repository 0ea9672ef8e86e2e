using System.Globalization;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The ledger: what it says is true at every moment, and at the end nothing is left that could be had.</summary>
internal sealed partial class PullChecker
{
    /// <summary>How long behind the beginning of a tick its pull may still fetch what came to light late.</summary>
    private static readonly long OverlapMs = (long)TimeSpan.FromMinutes(2).TotalMilliseconds;

    /// <summary>So far behind a source may be that has nothing new, and so long behind a timestamp it may have some.</summary>
    private static readonly long SilenceMs = (long)TimeSpan.FromMinutes(6).TotalMilliseconds;

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
        var claimed = new PullCoverage();
        foreach (var moment in scenario.History.Moments.Where(_ => truth.IsLossless && truth.FirstMs < long.MaxValue))
        {
            var memory = moment.Of(truth.Key);
            var (untilMs, sinceMs) = (memory?.CompleteUntilMs ?? 0, memory?.Pull.SinceMs ?? 0);
            var gaps = moment.GapsOf(truth.Key).Where(gap => gap.State is not GapState.Filled);
            var coverage = PullCoverage.Of(
                Math.Max(truth.FirstMs, sinceMs),
                untilMs,
                gaps.Select(gap => (gap.FromMs, gap.ToMs))
            );
            var added = coverage.Without(claimed);
            if (!FellBack(truth, memory))
            {
                Claim(truth, added, moment.Moment, moment.AtMs, "the ledger");
            }
            claimed.Add(added);
        }
        foreach (var (part, landing) in truth.Parts.Where(one => SourceKey.IsBackfill(one.Part.Source)))
        {
            var range = part.Source[(part.Source.LastIndexOf('/') + 1)..].Split('-');
            var (fromMs, toMs) = (
                long.Parse(range[0], CultureInfo.InvariantCulture),
                long.Parse(range[1], CultureInfo.InvariantCulture)
            );
            Claim(truth, PullCoverage.Of(fromMs, toMs, []), landing.Moment + 1, landing.AtMs, $"{Name(part)}");
        }
    }

    /// <summary>Whether no way that brings all samples works at present: then the newest ones are all that is promised.</summary>
    private static bool FellBack(PullTruth truth, SourceMemory? memory) =>
        truth.Source.Target.Config.Source.Pull is PullMode.Auto
        && memory is { Pull: { Mode: null, Refused.Count: > 0 } };

    private void Claim(PullTruth truth, PullCoverage coverage, int moment, long atMs, string who)
    {
        var retentionMs = (long)truth.Source.Retention.TotalMilliseconds;
        foreach (var (series, sample) in truth.In(coverage))
        {
            if (sample.TimestampMs <= atMs - retentionMs)
            {
                continue;
            }
            var what =
                $"{series} {sample.Value} at {Short(sample.TimestampMs)}, seen from {Short(sample.VisibleMs)} on";
            Require(
                truth.LandedAt(series, sample.TimestampMs) < moment,
                $"claimed: at {Short(atMs)} {who} said that {truth.Key} was complete"
                    + $" from {Short(coverage.Ranges[0].FromMs)} to {Short(coverage.Ranges[^1].ToMs)}, without {what}"
            );
            Require(
                oracle.Samples.GetValueOrDefault(series)?.TryGetValue(sample.TimestampMs, out var value) == true
                    && BitConverter.DoubleToInt64Bits(value) == sample.Bits,
                $"lost: {what} of {truth.Key} was in the log, and does not count"
            );
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
            memory!.CompleteUntilMs >= scenario.DoneMs - intervalMs - SilenceMs,
            $"unfilled: {truth.Key} is complete until {Short(memory.CompleteUntilMs)} only, at {Short(end!.AtMs)}"
        );
        var maxAgeMs = (long)scenario.Backfill.MaxAge.TotalMilliseconds;
        foreach (var gap in end.GapsOf(truth.Key))
        {
            var what = $"{truth.Key} from {Short(gap.FromMs)} to {Short(gap.ToMs)}, {gap.Reason}, {gap.Note}";
            var isNew = gap.ToMs > scenario.DoneMs - intervalMs;
            if (!truth.HasHistory || isNew)
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
        var done = scenario.History.Moments.LastOrDefault(moment => moment.AtMs <= scenario.DoneMs);
        if (done is null || done.GapsOf(truth.Key).Any(gap => gap.State is GapState.Open))
        {
            // Still filling; whether it came to an end is said elsewhere.
            return;
        }
        foreach (var (part, landing) in truth.Parts.Where(one => one.Landing.AtMs > scenario.DoneMs))
        {
            var oldestMs = part
                .Samples.Where(sample => !sample.IsMarker)
                .Select(sample => sample.TimestampMs)
                .DefaultIfEmpty(long.MaxValue)
                .Min();
            // A gap that was found since may be filled: a body that looked cut makes one.
            var isFilling = SourceKey.IsBackfill(part.Source) && oldestMs < scenario.DoneMs - (3 * intervalMs);
            Require(!isFilling, $"restless: {Name(part)} came at {Short(landing.AtMs)}");
            var isOld = oldestMs < part.TickMs - intervalMs - OverlapMs;
            Require(!truth.IsLossless || !isOld, $"restless: {Name(part)} has samples of {Short(oldestMs)}");
        }
    }
}
