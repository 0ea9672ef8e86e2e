namespace Tributary.Costs.Ledger;

/// <summary>What a job costs, its sources included.</summary>
/// <param name="Job">The job.</param>
/// <param name="Usage">What it has used.</param>
/// <param name="Estimate">A month.</param>
public sealed record JobCost(string Job, Usage Usage, CostEstimate Estimate);
