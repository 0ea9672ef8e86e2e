using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Storage.Ledger;

/// <summary>Says of an answer what is missing in it: gaps of the sources that it touches, and what is not collected yet.</summary>
/// <param name="sources">The sources that are collected, as they are now; no store is asked.</param>
/// <param name="time">The clock: what lies in the future is missing nowhere.</param>
internal sealed class Completeness(Func<IReadOnlyList<SourceCompleteness>> sources, TimeProvider time)
{
    /// <summary>An answer has a warning for so many sources, and one for the others.</summary>
    public const int MaxSources = 5;

    /// <summary>A warning names so many intervals.</summary>
    private const int MaxIntervals = 3;

    /// <summary>The warnings of an answer.</summary>
    /// <param name="asked">What was asked for: matchers that all have to match (none matches everything), and the time.</param>
    public IReadOnlyList<string> Warnings(IReadOnlyList<(IReadOnlyList<LabelMatcher> Matchers, TimeRange Range)> asked)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var warnings = new List<string>();
        var others = 0;
        foreach (var source in sources())
        {
            var ranges = asked.Where(one => Touches(one.Matchers, source.Memory)).Select(one => one.Range).ToList();
            if (ranges.Count == 0 || Missing(source, ranges, nowMs) is not { } missing)
            {
                continue;
            }
            if (warnings.Count < MaxSources)
            {
                warnings.Add($"source {source.Memory.Source} is not complete in this range: {missing}");
            }
            else
            {
                others++;
            }
        }
        if (others > 0)
        {
            warnings.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{others} more sources are not complete in this range: /api/v1/status/sources and /api/v1/status/gaps list them"
                )
            );
        }
        return warnings;
    }

    /// <summary>Whether a source may have series that matchers match, by the labels that all of its series have.</summary>
    public static bool Touches(IReadOnlyList<LabelMatcher> matchers, SourceMemory source)
    {
        foreach (var matcher in matchers)
        {
            if (source.ConstantLabels.Get(matcher.Name) is { } value && !matcher.Matches(value))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>What is missing of a source in some ranges; null when nothing is.</summary>
    private static string? Missing(SourceCompleteness source, List<TimeRange> ranges, long nowMs)
    {
        var (memory, gaps) = (source.Memory, source.Gaps);
        if (memory.CompleteUntilMs == 0 || memory.IsEnded)
        {
            return null;
        }
        var text = new StringBuilder();
        var more = 0;
        var shown = 0;
        foreach (var gap in gaps.All)
        {
            if (
                gap.State is GapState.Filled
                || !ranges.Exists(range => range.MinMs < gap.ToMs && range.MaxMs > gap.FromMs)
            )
            {
                continue;
            }
            if (shown++ < MaxIntervals)
            {
                Separate(text);
                text.Append(CultureInfo.InvariantCulture, $"{Time(gap.FromMs)} to {Time(gap.ToMs)} ({gap.Reason})");
            }
            else
            {
                more++;
            }
        }
        if (more > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"; and {more} more gaps");
        }
        if (ranges.Exists(range => Math.Min(range.MaxMs, nowMs) - memory.CompleteUntilMs > source.ToleranceMs))
        {
            Separate(text);
            text.Append(CultureInfo.InvariantCulture, $"from {Time(memory.CompleteUntilMs)} on ({WhyBehind(memory)})");
        }
        return text.Length == 0 ? null : text.ToString();
    }

    private static string WhyBehind(SourceMemory memory) =>
        memory.LastTickMs > memory.CompleteUntilMs && memory.LastError.Length > 0
            ? memory.LastError
            : "not collected yet";

    private static void Separate(StringBuilder text)
    {
        if (text.Length > 0)
        {
            text.Append("; ");
        }
    }

    private static string Time(long timestampMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(timestampMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>One source that is collected.</summary>
/// <param name="Memory">How far it is.</param>
/// <param name="Gaps">Its gaps.</param>
/// <param name="ToleranceMs">So far behind the present it may be without anything being wrong.</param>
internal sealed record SourceCompleteness(SourceMemory Memory, SourceGaps Gaps, long ToleranceMs)
{
    /// <summary>Whether it is pulled: then it is as a rule complete up to a while ago, and not up to its last tick.</summary>
    public bool IsPulled { get; init; }
}
