using System.Collections.Frozen;

namespace Tributary.PromQL.Functions;

/// <summary>The functions of a whole vector, by name.</summary>
internal static class VectorFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, VectorFunction> ByName = new Dictionary<string, VectorFunction>(
        StringComparer.Ordinal
    )
    { }.ToFrozenDictionary(StringComparer.Ordinal);
}
