using System.Collections.Frozen;
using Tributary.PromQL.Histograms;

namespace Tributary.PromQL.Functions;

/// <summary>The functions of one value, by name.</summary>
internal static class InstantFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, InstantFunction> ByName = new Dictionary<string, InstantFunction>(
        StringComparer.Ordinal
    )
    { }.ToFrozenDictionary(StringComparer.Ordinal);
}
