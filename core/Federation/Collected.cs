using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>What a source gave at one tick.</summary>
/// <param name="Batch">What is to be stored; its columns are valid until the source's next turn.</param>
/// <param name="Memory">What is to be remembered, once the batch is in the log.</param>
public sealed record Collected(Batch Batch, SourceMemory Memory)
{
    /// <summary>
    /// Whether it was a pull: then <see cref="SourceMemory.CompleteUntilMs"/> of the memory says how far it came, else that
    /// is the tick, when the verdict is complete.
    /// </summary>
    public bool IsPulled { get; init; }

    /// <summary>Intervals of which something is missing for certain, to be kept with the memory.</summary>
    public IReadOnlyList<FoundGap> Gaps { get; init; } = [];
}
