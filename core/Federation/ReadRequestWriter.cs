using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Federation;

/// <summary>Writes what a remote read asks for: <c>prometheus.ReadRequest</c> in a snappy block.</summary>
/// <remarks>See <see href="https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/"/>.</remarks>
internal static class ReadRequestWriter
{
    /// <summary>Streamed chunks, else samples.</summary>
    private static readonly byte[] Accepted = [1, 0];

    /// <summary>The request for all samples of some selectors in a range.</summary>
    /// <param name="selectors">The selectors, one query each.</param>
    /// <param name="range">The range, both ends inside.</param>
    /// <param name="external">The labels that the source adds; null when they are not known.</param>
    public static byte[] Write(IReadOnlyList<VectorSelector> selectors, TimeRange range, LabelSet? external)
    {
        var message = new ByteWriter();
        var query = new ByteWriter();
        var part = new ByteWriter();
        foreach (var selector in selectors)
        {
            query.Clear();
            query.WriteNumber(1, (ulong)range.MinMs);
            query.WriteNumber(2, (ulong)range.MaxMs);
            foreach (var matcher in selector.Matchers)
            {
                part.Clear();
                Write(part, Literal(matcher, external));
                query.WriteMessage(3, part);
            }
            message.WriteMessage(1, query);
        }
        message.WriteBytes(2, Accepted);
        var block = new ByteWriter();
        SnappyBlock.Encode(message.WrittenSpan, block);
        return block.WrittenSpan.ToArray();
    }

    /// <summary>
    /// A remote read takes out what asks for the value of an external label, and /federate does not: written as a pattern it
    /// stays.
    /// </summary>
    private static LabelMatcher Literal(LabelMatcher matcher, LabelSet? external)
    {
        var isTakenOut =
            matcher is { Operator: MatchOperator.Equal, Value.Length: > 0 }
            && !string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal)
            && (external is null || string.Equals(external.Get(matcher.Name), matcher.Value, StringComparison.Ordinal));
        return isTakenOut
            ? new LabelMatcher(matcher.Name, MatchOperator.Regex, PatternText.Quote(matcher.Value))
            : matcher;
    }

    private static void Write(ByteWriter output, LabelMatcher matcher)
    {
        var type = matcher.Operator switch
        {
            MatchOperator.Equal => 0UL,
            MatchOperator.NotEqual => 1UL,
            MatchOperator.Regex => 2UL,
            _ => 3UL,
        };
        if (type > 0)
        {
            output.WriteNumber(1, type);
        }
        output.WriteString(2, matcher.Name);
        output.WriteString(3, matcher.Value);
    }
}
