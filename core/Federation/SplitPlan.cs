using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Into which requests the scrape of a source is split.</summary>
public sealed class SplitPlan
{
    private const int MaxDescribed = 20;

    private readonly SplitSelectors selectors;

    private SplitPlan(SplitSelectors selectors, SplitMemory memory)
    {
        this.selectors = selectors;
        Memory = memory;
        Parts =
        [
            .. memory.Cuts.SelectMany((cuts, group) => RangesOf(cuts).Select(range => new PlannedPart(group, range))),
        ];
    }

    /// <summary>What is remembered of it.</summary>
    internal SplitMemory Memory { get; }

    /// <summary>The requests.</summary>
    internal IReadOnlyList<PlannedPart> Parts { get; }

    /// <summary>The plan that is in use for a target; null when it is asked as a whole.</summary>
    public static SplitPlan? Of(Target target, SplitMemory memory) =>
        target.Config.Source.Split is not SplitMode.Never && SplitSelectors.Of(target) is { } selectors
            ? Of(selectors, memory)
            : null;

    internal static SplitPlan? Of(SplitSelectors selectors, SplitMemory memory) =>
        memory.PartCount > 1
        && string.Equals(memory.Selectors, selectors.Key, StringComparison.Ordinal)
        && memory.Cuts.Count == selectors.Groups.Count
            ? new SplitPlan(selectors, memory)
            : null;

    /// <summary>The plan in words, on several lines.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Parts.Count} requests");
        foreach (var part in Parts.Take(MaxDescribed))
        {
            text.Append("\n  ").Append(NameOf(part));
        }
        return text.Append(Parts.Count > MaxDescribed ? "\n  …" : "").ToString();
    }

    /// <summary>How a target is collected, in words: for a person who asks what happens to a slow source.</summary>
    public static string Describe(Target target, SplitMemory memory)
    {
        if (!target.IsFederate)
        {
            return "not split: it is no /federate";
        }
        if (target.Config.Source.Split is SplitMode.Never)
        {
            return "not split: split is never";
        }
        if (SplitSelectors.Of(target) is not { } selectors)
        {
            return "not split: it has no match[], or one that is not understood";
        }
        if (Of(selectors, memory) is { } plan)
        {
            return "split into " + plan.Describe();
        }
        if (memory.HoldTicks > 0)
        {
            return $"not split: the source did not take the last split, the next is tried in {memory.HoldTicks} ticks";
        }
        var would =
            selectors.Groups.Count > 1
                ? $"by its match[] into {selectors.Groups.Count} groups that share no metric family, and these by metric name"
                : "by metric name, as its match[] may share metric families";
        return $"not split: one request is quick enough; when it comes near the timeout, it will be split {would}";
    }

    /// <summary>The requests as the scraper takes them.</summary>
    internal ScrapeDivision Division(int maxRequests) =>
        new(
            $"{Memory.Selectors}/{string.Join('/', Memory.Cuts.Select(cuts => string.Join(',', cuts)))}",
            [
                .. Parts.Select(
                    (part, i) =>
                        new ScrapePart(
                            selectors.UrlOf(part.Group, part.Range),
                            string.Create(CultureInfo.InvariantCulture, $"part {i + 1} ({NameOf(part)})"),
                            series => Holds(part, series)
                        )
                ),
            ],
            maxRequests
        );

    /// <summary>The ranges between a group's cuts.</summary>
    internal static IEnumerable<NameRange> RangesOf(IReadOnlyList<string> cuts) =>
        Enumerable
            .Range(0, cuts.Count + 1)
            .Select(i => new NameRange(i == 0 ? null : cuts[i - 1], i == cuts.Count ? null : cuts[i]));

    private string NameOf(PlannedPart part)
    {
        if (selectors.Groups.Count == 1)
        {
            return part.Range.ToString();
        }
        var group = selectors.Groups[part.Group];
        var first = group[0].ToString() + (group.Count > 1 ? $" and {group.Count - 1} more" : "");
        return part.Range == NameRange.All ? first : $"{first}, {part.Range}";
    }

    private bool Holds(PlannedPart part, LabelSet series) =>
        part.Range.Contains(series.MetricName)
        && (selectors.Groups.Count == 1 || selectors.Groups[part.Group].Any(selector => selector.Matches(series)));
}

/// <summary>A request: a group of selectors, and a range of metric names.</summary>
internal sealed record PlannedPart(int Group, NameRange Range);
