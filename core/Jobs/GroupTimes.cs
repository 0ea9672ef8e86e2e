using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Jobs;

/// <summary>When rule groups are evaluated.</summary>
/// <param name="schedule">Which times there are.</param>
/// <param name="early">A time so near ahead counts as due, but a tenth of the interval is the most: a timer outside may fire early.</param>
internal sealed class GroupTimes(TickSchedule schedule, TimeSpan early)
{
    /// <summary>A group of which nothing is known begins with a time that is not longer ago than this.</summary>
    public const long FirstMs = 60_000;

    /// <summary>The first time of a group after <paramref name="nowMs"/>.</summary>
    public long NextAfter(GroupRun run, RuleGroupConfig group, long nowMs) =>
        schedule.NextTickAfter(run.Key, group.Interval, nowMs);

    /// <summary>The next evaluation of a group, if it is due at <paramref name="horizonMs"/>.</summary>
    /// <param name="run">The group's run.</param>
    /// <param name="rules">How far back missed times are made up for.</param>
    /// <param name="horizonMs">Milliseconds since the epoch.</param>
    public DueEvaluation? Due(GroupRun run, RulesConfig rules, long horizonMs)
    {
        if (run.Config is not { } group || run.IsAwaiting)
        {
            return null;
        }
        // By a part of the interval at most: else an overdue time would be left for the next one.
        var aheadMs = Math.Min((long)early.TotalMilliseconds, (long)group.Interval.TotalMilliseconds / 10);
        var lastMs = schedule.TickAtOrBefore(run.Key, group.Interval, horizonMs + aheadMs);
        if (run.LastTickMs == 0)
        {
            return horizonMs - lastMs <= FirstMs && lastMs > (run.Last?.TickMs ?? 0)
                ? new DueEvaluation(run, group, lastMs, null, IsFirst: true)
                : null;
        }
        var nextMs = NextAfter(run, group, run.LastTickMs);
        if (nextMs > lastMs)
        {
            return null;
        }
        var oldestMs = horizonMs - (long)rules.MaxCatchUp.TotalMilliseconds;
        var firstMs = nextMs >= oldestMs ? nextMs : Math.Min(lastMs, NextAfter(run, group, oldestMs - 1));
        var leftOut = (firstMs - nextMs) / Math.Max(1, (long)group.Interval.TotalMilliseconds);
        return new DueEvaluation(
            run,
            group,
            firstMs,
            leftOut == 0
                ? null
                : new MissedTicks(run.LastTickMs, (int)Math.Min(leftOut, int.MaxValue), MissReason.NotCollected),
            IsFirst: leftOut > 0
        );
    }
}
