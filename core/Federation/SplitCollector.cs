using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Scrapes a target, whole or in parts.</summary>
/// <param name="scraper">Scrapes.</param>
internal sealed class SplitCollector(Scraper scraper)
{
    private readonly SplitPlanner planner = new(scraper);

    /// <summary>What is computed of a source's selectors and plan, as long as it is collected here.</summary>
    private readonly ConditionalWeakTable<SourceState, Known> known = [];

    /// <summary>Collects from <see cref="SourceTurn.Target"/>.</summary>
    public async Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var target = turn.Target;
        var mode = target.Config.Source.Split;
        if (mode is SplitMode.Never || !target.IsFederate || target.Problem is not null)
        {
            var batch = await scraper.ScrapeAsync(target, turn.State, turn.TickMs, cancellationToken);
            return new Collected(batch, turn.Memory with { Split = SplitMemory.Empty });
        }
        var about = KnownOf(turn);
        var memory = turn.Memory.Split;
        memory = memory.HoldTicks > 0 ? memory with { HoldTicks = memory.HoldTicks - 1 } : memory;
        if (
            memory.Selectors.Length > 0
            && !string.Equals(memory.Selectors, about.Selectors?.Key, StringComparison.Ordinal)
        )
        {
            memory = SplitMemory.Empty;
        }
        if (mode is SplitMode.Always && memory is { IsSplit: false, HoldTicks: 0 } && about.Selectors is { } selectors)
        {
            memory =
                await planner.BeginAsync(target, selectors, cancellationToken)
                ?? memory with
                {
                    Selectors = selectors.Key,
                    HoldTicks = SplitRules.PauseTicks,
                };
        }
        var plan = about.PlanOf(memory);
        var division = about.DivisionOf(plan, target.Config.Source.MaxRequests);
        var scrape = await scraper.ScrapeAsync(target, division, turn.State, turn.TickMs, cancellationToken);
        var (next, note) =
            turn.HasOthers && scrape.Batch.Report.Verdict is Verdict.Failed
                ? (memory, "")
                : await DecideAsync(target, about, memory, scrape, cancellationToken);
        return new Collected(Noted(scrape.Batch, note), turn.Memory with { Split = next });
    }

    /// <summary>What is remembered behind a scrape, and what its error says of that.</summary>
    private async Task<(SplitMemory Memory, string Note)> DecideAsync(
        Target target,
        Known about,
        SplitMemory memory,
        DividedScrape scrape,
        CancellationToken cancellationToken
    )
    {
        if (SplitRules.Refusal(scrape) is { } refusal)
        {
            var held = new SplitMemory { Selectors = memory.Selectors, HoldTicks = SplitRules.HoldTicks };
            return (held, $"{refusal}: it is asked as a whole again");
        }
        var next = SplitRules.Count(memory, scrape.Parts, target);
        if (SplitRules.IsToBeCut(next, scrape.Parts) && about.Selectors is { } selectors)
        {
            var plan = about.PlanOf(memory);
            var cut = await planner.CutAsync(target, selectors, plan, scrape.Parts, cancellationToken);
            return cut is null
                ? (next, "")
                : (
                    cut,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the next scrapes are split into {cut.PartCount} requests"
                    )
                );
        }
        var isCalm = target.Config.Source.Split is SplitMode.Auto && next.CalmTicks >= SplitRules.CalmTicks;
        return isCalm
            ? ((SplitRules.Joined(next, scrape.Parts, target) ?? next) with { CalmTicks = 0 }, "")
            : (next, "");
    }

    /// <summary>How a target is collected, or would be if it were slow, in words; asks the source for its metric names.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<string> DescribeAsync(Target target, SplitMemory memory, CancellationToken cancellationToken)
    {
        var now = SplitPlan.Describe(target, memory);
        if (
            target.Config.Source.Split is SplitMode.Never
            || SplitSelectors.Of(target) is not { } selectors
            || SplitPlan.Of(selectors, memory) is not null
        )
        {
            return now;
        }
        return
            await planner.BeginAsync(target, selectors, cancellationToken) is { } would
            && SplitPlan.Of(selectors, would) is { } plan
            ? $"{now}\nthe split that would be made: {plan.Describe()}"
            : $"{now}\nno split could be made now: the source does not answer, or has one metric family only";
    }

    /// <summary>An error says what is done about it.</summary>
    private static Batch Noted(Batch batch, string note) =>
        note.Length == 0 || batch.Report.Error.Length == 0
            ? batch
            : batch with
            {
                Report = batch.Report with { Error = $"{batch.Report.Error}; {note}" },
            };

    private Known KnownOf(SourceTurn turn)
    {
        if (!known.TryGetValue(turn.State, out var about) || !about.Url.Equals(turn.Target.Url))
        {
            about = new Known(turn.Target);
            known.AddOrUpdate(turn.State, about);
        }
        return about;
    }

    /// <summary>The selectors of a source, which cost some work to compare, and the plan that was in use last.</summary>
    private sealed class Known(Target target)
    {
        private readonly Lazy<SplitSelectors?> selectors = new(() => SplitSelectors.Of(target), isThreadSafe: false);
        private SplitMemory memory = SplitMemory.Empty;
        private SplitPlan? plan;
        private ScrapeDivision? division;

        public Uri Url => target.Url;

        public SplitSelectors? Selectors => selectors.Value;

        public SplitPlan? PlanOf(SplitMemory now)
        {
            if (!ReferenceEquals(now.Cuts, memory.Cuts))
            {
                (memory, division) = (now, null);
                plan = now.IsSplit && Selectors is { } asked ? SplitPlan.Of(asked, now) : null;
            }
            return plan;
        }

        public ScrapeDivision? DivisionOf(SplitPlan? used, int maxRequests)
        {
            if (division?.MaxRequests != maxRequests)
            {
                division = used?.Division(maxRequests);
            }
            return division;
        }
    }
}
