using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>What a source gave at one tick.</summary>
/// <param name="Batch">What is to be stored; its columns are valid until the source's next turn.</param>
/// <param name="Memory">What is to be remembered, once the batch is in the log.</param>
public sealed record Collected(Batch Batch, SourceMemory Memory)
{
    /// <summary>Intervals of which something is missing for certain, to be kept with the memory.</summary>
    public IReadOnlyList<FoundGap> Gaps { get; init; } = [];

    /// <summary>The replicas that were asked; empty for a source without replicas.</summary>
    public IReadOnlyList<AskedReplica> Asked { get; init; } = [];
}
