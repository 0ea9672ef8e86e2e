namespace Tributary.Functions.Diagnosis;

/// <summary>What one check found.</summary>
/// <param name="Name">The check.</param>
/// <param name="Findings">What it found, in its order.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record CheckReport(string Name, IReadOnlyList<Finding> Findings, TimeSpan Duration);
