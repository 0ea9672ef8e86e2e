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
        if (
            memory.Selectors.Length > 0
            && !string.Equals(memory.Selectors, about.Selectors?.Key, StringComparison.Ordinal)
        )
        {
            memory = SplitMemory.Empty;
        }
        if (mode is SplitMode.Always && !memory.IsSplit && about.Selectors is { } selectors)
        {
            memory = await planner.BeginAsync(target, selectors, cancellationToken) ?? memory;
        }
        var plan = about.PlanOf(memory);
        var division = about.DivisionOf(plan, target.Config.Source.MaxRequests);
        var scrape = await scraper.ScrapeAsync(target, division, turn.State, turn.TickMs, cancellationToken);
        var next = SplitRules.Count(memory, scrape.Parts, target);
        var note = "";
        if (SplitRules.IsToBeCut(next, scrape.Parts) && about.Selectors is { } asked)
        {
            if (await planner.CutAsync(target, asked, plan, scrape.Parts, cancellationToken) is { } cut)
            {
                next = cut;
                note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"the next scrapes are split into {cut.PartCount} requests"
                );
            }
        }
        else if (mode is SplitMode.Auto && next.CalmTicks >= SplitRules.CalmTicks)
        {
            next = (SplitRules.Joined(next, scrape.Parts, target) ?? next) with { CalmTicks = 0 };
        }
        return new Collected(Noted(scrape.Batch, note), turn.Memory with { Split = next });
    }

    /// <summary>How a target is split, or would be now, in words.</summary>
    public async Task<string> DescribeAsync(Target target, SplitMemory memory, CancellationToken cancellationToken)
    {
        var now = SplitPlan.Describe(target, memory);
        if (
            memory.IsSplit
            || target.Config.Source.Split is SplitMode.Never
            || SplitSelectors.Of(target) is not { } selectors
            || await planner.BeginAsync(target, selectors, cancellationToken) is not { } would
            || SplitPlan.Of(target, would) is not { } plan
        )
        {
            return now;
        }
        return $"{now}; at present that would be {plan.Describe()}";
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
