namespace Tributary.Rules.Testing;

/// <summary>What became of a file of tests.</summary>
/// <param name="Warnings">What may not be as its author thinks.</param>
/// <param name="Results">The tests that ran, in their order.</param>
internal sealed record RuleTestOutcome(IReadOnlyList<string> Warnings, IReadOnlyList<RuleTestResult> Results)
{
    /// <summary>Whether all passed.</summary>
    public bool IsGood => Results.All(result => result.Problems.Count == 0);
}
