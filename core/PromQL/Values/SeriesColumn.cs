using Tributary.Model;

namespace Tributary.PromQL.Values;

/// <summary>A series of a vector, at all steps.</summary>
/// <param name="Labels">Its labels; with delayed name removal the metric name is still among them.</param>
/// <param name="Column">Its values.</param>
internal sealed record SeriesColumn(LabelSet Labels, StepColumn Column)
{
    /// <summary>Whether the metric name (and type and unit) is to go at the end of the query: delayed name removal.</summary>
    public bool DropName { get; init; }
}
