using System.Numerics;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>When a scrape is split, cut finer, and put together again: by how long its requests took.</summary>
/// <remarks>
/// A request that times out is cut into many at once: three cuts one after the other reach every size that is possible. To
/// put parts together again takes long and needs much room, so that a source is not split and whole in turns.
/// </remarks>
internal static class SplitRules
{
    /// <summary>The share of the timeout above which a request is slow.</summary>
    public const double SlowShare = 0.6;

    /// <summary>The share of the timeout that parts are made for.</summary>
    public const double WantedShare = 0.3;

    /// <summary>The share of the timeout that parts which are put together may take in all.</summary>
    public const double CalmShare = 0.25;

    /// <summary>After so many slow ticks behind one another a scrape is split; a timeout does not wait.</summary>
    public const int SlowTicks = 2;

    /// <summary>After so many calm ticks behind one another parts are put together.</summary>
    public const int CalmTicks = 30;

    /// <summary>Into so many a request is cut that timed out.</summary>
    public const int PartsOfTimeout = 8;

    /// <summary>For so many ticks a source is asked as a whole that did not take a plan.</summary>
    public const int HoldTicks = 240;

    /// <summary>Whether a request came near its timeout.</summary>
    public static bool IsSlow(PartOutcome outcome, Target target) =>
        outcome.IsTimeout || outcome.Seconds > SlowShare * target.Timeout.TotalSeconds;

    /// <summary>Into how many a request is to be cut; 1 for one that is quick enough.</summary>
    public static int PartsFor(PartOutcome outcome, Target target) =>
        outcome.IsTimeout ? PartsOfTimeout
        : IsSlow(outcome, target)
            ? Math.Clamp(
                (int)Math.Ceiling(outcome.Seconds / (WantedShare * target.Timeout.TotalSeconds)),
                2,
                PartsOfTimeout
            )
        : 1;

    /// <summary>What is remembered behind a scrape whose plan stays; a scrape that failed for other reasons says nothing.</summary>
    public static SplitMemory Count(SplitMemory memory, IReadOnlyList<PartOutcome> outcomes, Target target) =>
        outcomes.Any(outcome => IsSlow(outcome, target))
            ? memory with
            {
                SlowTicks = memory.SlowTicks + 1,
                CalmTicks = 0,
            }
        : outcomes.Any(outcome => outcome.Verdict is not Verdict.Complete) ? memory
        : memory with
        {
            SlowTicks = 0,
            CalmTicks = memory.IsSplit && Joined(memory, outcomes, target) is not null ? memory.CalmTicks + 1 : 0,
        };

    /// <summary>Why the source does not take the plan; null when it does.</summary>
    public static string? Refusal(DividedScrape scrape)
    {
        if (scrape.Parts.Count == 1)
        {
            return null;
        }
        if (scrape.Parts.Where(part => part.WasAsked).All(part => part.IsRefused))
        {
            return "the source refuses requests for parts";
        }
        var came = scrape.Parts.Where(part => part.Verdict is not Verdict.Failed).Sum(part => (long)part.Series.Count);
        return came > 2L * scrape.Batch.Scraped.Count && scrape.Batch.Report.Verdict is not Verdict.Failed
            ? "the source answers requests for parts with more than it was asked for"
            : null;
    }

    /// <summary>Whether it is time to cut; what could not be cut is tried again after ever more ticks.</summary>
    public static bool IsToBeCut(SplitMemory memory, IReadOnlyList<PartOutcome> outcomes) =>
        memory.HoldTicks == 0
        && BitOperations.IsPow2(memory.SlowTicks)
        && (memory.SlowTicks >= SlowTicks || outcomes.Any(outcome => outcome.IsTimeout));

    /// <summary>The plan with half as many parts or fewer, neighbours together; null when that would come near the timeout.</summary>
    public static SplitMemory? Joined(SplitMemory memory, IReadOnlyList<PartOutcome> outcomes, Target target)
    {
        var room = CalmShare * target.Timeout.TotalSeconds;
        if (outcomes.Sum(outcome => outcome.Seconds) <= room)
        {
            return SplitMemory.Empty;
        }
        var groups = new List<IReadOnlyList<string>>();
        var next = 0;
        foreach (var cuts in memory.Cuts)
        {
            var kept = new List<string>();
            var seconds = outcomes[next++].Seconds;
            foreach (var cut in cuts)
            {
                var more = outcomes[next++].Seconds;
                if (seconds + more > room)
                {
                    kept.Add(cut);
                    seconds = 0;
                }
                seconds += more;
            }
            groups.Add(kept);
        }
        var joined = memory with { Cuts = groups };
        return 2 * joined.PartCount <= memory.PartCount ? joined : null;
    }
}
