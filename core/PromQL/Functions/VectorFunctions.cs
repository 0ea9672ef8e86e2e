using System.Collections.Frozen;

namespace Tributary.PromQL.Functions;

/// <summary>The functions of a whole vector, by name.</summary>
internal static class VectorFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, VectorFunction> ByName = new Dictionary<string, VectorFunction>(
        StringComparer.Ordinal
    )
    {
        ["histogram_fraction"] = new FractionOfBuckets(),
        ["histogram_quantile"] = new QuantileOfBuckets(hasSeveral: false),
        ["histogram_quantiles"] = new QuantileOfBuckets(hasSeveral: true),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
