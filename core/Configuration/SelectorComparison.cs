using Tributary.PromQL.Selectors;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>Compares the selectors of one configuration, as long as that takes no time that anybody would notice.</summary>
/// <remarks>Beyond that nothing is said to be wrong: advice is not worth a start that waits for it.</remarks>
internal sealed class SelectorComparison
{
    private const int MaxComparisons = 500;

    private int count;

    /// <summary>Whether all that one selects is selected by another, for certain.</summary>
    public bool Contains(VectorSelector outer, VectorSelector inner) =>
        count++ < MaxComparisons && SelectorAlgebra.Contains(outer, inner);

    /// <summary>Whether two may select the same series.</summary>
    public bool MayMeet(VectorSelector left, VectorSelector right) =>
        count++ < MaxComparisons && !SelectorAlgebra.AreDisjoint(left, right);
}
