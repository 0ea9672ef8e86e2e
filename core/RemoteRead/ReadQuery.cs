using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;

namespace Tributary.RemoteRead;

/// <summary>One query of a request.</summary>
/// <param name="Range">The time, both ends inside.</param>
/// <param name="Matchers">What the series satisfy.</param>
internal sealed record ReadQuery(TimeRange Range, IReadOnlyList<LabelMatcher> Matchers)
{
    /// <summary>
    /// The query as the store answers it: series there do not have the external labels, so that a matcher that asks for one
    /// of them asks for none.
    /// </summary>
    public ChunkQuery Within(LabelSet external) =>
        new(
            [
                .. Matchers.Select(matcher =>
                    matcher.Operator is MatchOperator.Equal
                    && string.Equals(external.Get(matcher.Name), matcher.Value, StringComparison.Ordinal)
                        ? new LabelMatcher(matcher.Name, MatchOperator.Equal, "")
                        : matcher
                ),
            ],
            Range
        );
}
