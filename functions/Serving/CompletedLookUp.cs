using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;

namespace Tributary.Functions.Serving;

/// <summary>Look-ups that say what is missing in them.</summary>
internal static class CompletedLookUp
{
    /// <summary>What was found, with what is missing in it.</summary>
    /// <param name="completeness">Who knows it.</param>
    /// <param name="found">What was found.</param>
    /// <param name="selectors">What was asked for; none is everything.</param>
    /// <param name="range">In which range.</param>
    public static LookUp<T> Complete<T>(
        this Completeness completeness,
        LookUp<T> found,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range
    )
    {
        IReadOnlyList<IReadOnlyList<LabelMatcher>> matchers =
            selectors.Count == 0
                ?
                [
                    [],
                ]
                : [.. selectors.Select(selector => selector.Matchers)];
        var missing = completeness.Warnings([.. matchers.Select(some => (some, range))]);
        return missing.Count == 0 ? found : found with { Warnings = [.. found.Warnings, .. missing] };
    }
}
