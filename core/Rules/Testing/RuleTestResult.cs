namespace Tributary.Rules.Testing;

/// <summary>What became of one test, or of a file that cannot be tested.</summary>
/// <param name="Name">The name of the test, or <c>unnamed#</c> and its position; empty for the file.</param>
/// <param name="Problems">What is not as expected, for people; nothing when it passes.</param>
/// <param name="Took">How long it took.</param>
internal sealed record RuleTestResult(string Name, IReadOnlyList<string> Problems, TimeSpan Took);
