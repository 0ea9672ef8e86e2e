namespace Tributary.Costs.Ledger;

/// <summary>What a source costs.</summary>
/// <param name="Source">Its key.</param>
/// <param name="Own">What is used for it alone: its shares of appends, its bytes.</param>
/// <param name="Usage">The same with its share, by bytes, of what is done for all sources: see <see cref="CostReport"/>.</param>
/// <param name="Interval">The time between two ticks, as it was measured; null when it had none.</param>
/// <param name="Estimate">A month.</param>
public sealed record SourceCost(string Source, Usage Own, Usage Usage, TimeSpan? Interval, CostEstimate Estimate)
{
    /// <summary>Samples of one tick: about its series.</summary>
    public long Series => Own.Ticks == 0 ? 0 : Own.Samples / Own.Ticks;
}
