using Tributary.Model;
using Tributary.PromQL.Sources;

namespace Tributary.Rules;

/// <summary>What one evaluation of a group gave.</summary>
/// <param name="State">For the next evaluation.</param>
/// <param name="Samples">The samples, in the order of the rules.</param>
/// <param name="Markers">The staleness markers of series that ended.</param>
/// <param name="Rules">How it went, by rule.</param>
/// <param name="Asked">What its queries asked of the source.</param>
internal sealed record GroupOutcome(
    GroupState State,
    SampleColumns Samples,
    SampleColumns Markers,
    IReadOnlyList<RuleStatus> Rules,
    IReadOnlyList<SourceQuery> Asked
)
{
    /// <summary>How long it took.</summary>
    public TimeSpan EvaluationTime { get; init; }
}
