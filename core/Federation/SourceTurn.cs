using Tributary.Discovery;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>One source at one tick.</summary>
/// <param name="Replicas">The targets that are this source, the preferred first; most have one.</param>
/// <param name="State">What is kept of its series.</param>
/// <param name="Memory">What is remembered of it.</param>
/// <param name="TickMs">The tick, milliseconds since the epoch.</param>
public sealed record SourceTurn(IReadOnlyList<Target> Replicas, SourceState State, SourceMemory Memory, long TickMs)
{
    /// <summary>Whether another replica is asked within this tick when this one fails: there is no time to lose.</summary>
    public bool HasOthers { get; init; }

    /// <summary>The target that is asked now.</summary>
    public Target Target => Replicas[0];
}
