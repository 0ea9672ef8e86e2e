using Tributary.Discovery;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Makes plans, and cuts them finer.</summary>
/// <param name="scraper">Knows who sends requests.</param>
internal sealed class SplitPlanner(Scraper scraper)
{
    /// <summary>The longest address of a part, in characters: many servers take no longer request line than 8 KiB.</summary>
    private const int MaxUrlLength = 7500;

    private readonly NameRequest names = new(scraper);

    /// <summary>A plan for a source of which nothing is known yet.</summary>
    /// <returns>What is to be remembered; null when there is none.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<SplitMemory?> BeginAsync(
        Target target,
        SplitSelectors selectors,
        CancellationToken cancellationToken
    )
    {
        var sizes = new NameSizes();
        var answer = await names.AskAsync(target, selectors, cancellationToken);
        sizes.AddNames(answer.Names);
        var count = Math.Max(2, target.Config.Source.MaxRequests);
        return answer.IsThere ? CutWhole(selectors, sizes, count) : null;
    }

    /// <summary>Cuts the requests of a scrape that were slow.</summary>
    /// <param name="target">The source.</param>
    /// <param name="selectors">What it asks for.</param>
    /// <param name="plan">What was in use; null for the whole.</param>
    /// <param name="outcomes">How its requests ended.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What is to be remembered; null when nothing can be cut, or the source does not answer at all.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<SplitMemory?> CutAsync(
        Target target,
        SplitSelectors selectors,
        SplitPlan? plan,
        IReadOnlyList<PartOutcome> outcomes,
        CancellationToken cancellationToken
    )
    {
        var sizes = new NameSizes();
        var answer = await names.AskAsync(target, selectors, cancellationToken);
        if (!answer.IsThere && outcomes.All(outcome => outcome.Series.Count == 0))
        {
            // It is not slow, it is not there: more requests would not help it.
            return null;
        }
        sizes.AddNames(answer.Names);
        foreach (var outcome in outcomes)
        {
            sizes.AddSeries(outcome.Series);
        }
        return plan is null
            ? CutWhole(selectors, sizes, SplitRules.PartsFor(outcomes[0], target))
            : Cut(selectors, plan.Memory, sizes, part => SplitRules.PartsFor(outcomes[part], target), plan.Parts.Count);
    }

    /// <summary>Cuts into groups, and the groups into ranges: of several groups each is smaller already.</summary>
    private static SplitMemory? CutWhole(SplitSelectors selectors, NameSizes sizes, int count)
    {
        var groups = selectors.Groups.Count;
        var whole = new SplitMemory
        {
            Selectors = selectors.Key,
            Cuts = [.. selectors.Groups.Select(_ => Array.Empty<string>())],
        };
        var each = groups == 1 ? count : Math.Max(2, (count + groups - 1) / groups);
        return Cut(selectors, whole, sizes, _ => each, 1);
    }

    /// <summary>Cuts the parts of a plan.</summary>
    /// <param name="selectors">What the source is asked for.</param>
    /// <param name="memory">The plan.</param>
    /// <param name="sizes">The source's families.</param>
    /// <param name="countFor">By part into how many it is to be cut.</param>
    /// <param name="before">How many requests there were before.</param>
    private static SplitMemory? Cut(
        SplitSelectors selectors,
        SplitMemory memory,
        NameSizes sizes,
        Func<int, int> countFor,
        int before
    )
    {
        var groups = new List<IReadOnlyList<string>>();
        var (part, total) = (0, memory.PartCount);
        for (var group = 0; group < memory.Cuts.Count; group++)
        {
            var cuts = new List<string>();
            foreach (var range in SplitPlan.RangesOf(memory.Cuts[group]))
            {
                var count = Math.Min(countFor(part++), SplitMemory.MaxParts - total + 1);
                var added = count > 1 ? sizes.Cut(range, selectors.Groups[group], count) : [];
                total += added.Count;
                cuts.AddRange(range.From is null ? [] : [range.From]);
                cuts.AddRange(added);
            }
            groups.Add(cuts.TrueForAll(cut => IsShort(selectors, group, cut)) ? cuts : memory.Cuts[group]);
        }
        var finer = memory with { Cuts = groups, SlowTicks = 0, CalmTicks = 0 };
        return finer.PartCount > before ? finer : null;
    }

    private static bool IsShort(SplitSelectors selectors, int group, string cut) =>
        selectors.UrlOf(group, new NameRange(cut, cut)).AbsoluteUri.Length <= MaxUrlLength;
}
