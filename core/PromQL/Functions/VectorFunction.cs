using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// A function of a whole vector: <c>histogram_quantile</c>, <c>histogram_quantiles</c>, <c>histogram_fraction</c>, which
/// join the buckets of classic histograms and take native ones as they are.
/// </summary>
internal abstract class VectorFunction
{
    /// <summary>The function of a name; null when there is none of this kind.</summary>
    public static VectorFunction? Find(string name) => VectorFunctions.ByName.GetValueOrDefault(name);

    /// <summary>Computes all steps of all series.</summary>
    /// <returns>
    /// Series that may have equal labels, even before their names go: who evaluates the query merges or refuses them.
    /// Metric names are still there and are to be dropped (<see cref="SeriesColumn.DropName"/> is set); <c>le</c> is not.
    /// </returns>
    public abstract IReadOnlyList<SeriesColumn> Evaluate(VectorInput input);
}
