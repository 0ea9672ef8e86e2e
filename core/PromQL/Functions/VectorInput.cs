using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>The arguments of a function of a whole vector.</summary>
/// <param name="Series">The vector.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Parameters">The scalar arguments in the order of the call, each with one value per step.</param>
/// <param name="VectorArgument">At which argument the vector stands: the place of annotations.</param>
/// <param name="Context">What holds for the whole call.</param>
internal sealed record VectorInput(
    IReadOnlyList<SeriesColumn> Series,
    StepGrid Steps,
    IReadOnlyList<ReadOnlyMemory<double>> Parameters,
    int VectorArgument,
    FunctionContext Context
)
{
    /// <summary>The text argument: the name of the label that <c>histogram_quantiles</c> adds.</summary>
    public string Label { get; init; } = "";
}
