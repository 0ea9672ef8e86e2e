using System.Collections.Frozen;

namespace Tributary.PromQL.Functions;

/// <summary>The functions over ranges, by name.</summary>
internal static class RangeFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, RangeFunction> ByName = new Dictionary<string, RangeFunction>(
        StringComparer.Ordinal
    )
    { }.ToFrozenDictionary(StringComparer.Ordinal);
}
