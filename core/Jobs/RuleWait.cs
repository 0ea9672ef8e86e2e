using System.Globalization;
using Tributary.Configuration.Rules;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Ledger;

namespace Tributary.Jobs;

/// <summary>What an evaluation waits for: sources that its rules touch and that are about to be complete up to its time.</summary>
/// <remarks>
/// Waited for is only what can come in time: the tick of a source that is being collected, or a pull that is on its way.
/// A source that is down is behind for longer than anybody waits, and the evaluation says that it was missing.
/// </remarks>
/// <param name="group">The group.</param>
internal sealed class RuleWait(RuleGroupConfig group)
{
    private readonly IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors = SelectorsOf(group);

    /// <summary>The sources that are not complete yet, a text for each; empty when nothing is waited for.</summary>
    /// <param name="sources">The sources that are collected.</param>
    /// <param name="queryMs">The time that queries look at, milliseconds since the epoch.</param>
    /// <param name="grace">How long is waited at the most.</param>
    public IReadOnlyList<string> Awaited(IReadOnlyList<SourceCompleteness> sources, long queryMs, TimeSpan grace)
    {
        List<string>? awaited = null;
        foreach (var source in sources)
        {
            if (IsAwaited(source, queryMs, grace) && selectors.Any(one => Completeness.Touches(one, source.Memory)))
            {
                (awaited ??= []).Add(TextOf(source.Memory, queryMs));
            }
        }
        return awaited ?? [];
    }

    private bool IsAwaited(SourceCompleteness source, long queryMs, TimeSpan grace)
    {
        var memory = source.Memory;
        if (memory.CompleteUntilMs == 0 || memory.IsEnded)
        {
            return false;
        }
        // Who says by query_offset how late samples may be wants those of pulls; else they are always behind.
        if (source.IsPulled && group.QueryOffset == TimeSpan.Zero)
        {
            return false;
        }
        var intervalMs = Math.Max(1, memory.IntervalMs);
        var behindMs = queryMs - memory.CompleteUntilMs;
        var normalMs = source.IsPulled ? 1 : intervalMs;
        // Its last tick before the time was taken, and was not complete: nothing more comes of it.
        var isTaken = !source.IsPulled && memory.LastTickMs > queryMs - intervalMs;
        var patienceMs = (long)(group.QueryOffset + grace).TotalMilliseconds + (2 * intervalMs);
        return !isTaken && behindMs >= normalMs && behindMs < normalMs + patienceMs;
    }

    private static string TextOf(SourceMemory memory, long queryMs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"source {memory.Source} is not complete up to {Time(queryMs)}: what is after {Time(memory.CompleteUntilMs)} is not collected yet"
        );

    private static string Time(long timestampMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(timestampMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static List<IReadOnlyList<LabelMatcher>> SelectorsOf(RuleGroupConfig group)
    {
        var found = new List<IReadOnlyList<LabelMatcher>>();
        var waiting = new Stack<Expression>(group.Rules.Select(rule => rule.Expression));
        while (waiting.TryPop(out var expression))
        {
            if (expression is SelectorExpression selector)
            {
                found.Add(selector.Selector.Matchers);
            }
            foreach (var child in expression.Children)
            {
                waiting.Push(child);
            }
        }
        return found;
    }
}
