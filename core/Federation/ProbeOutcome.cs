using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>What a look for a way to pull found out.</summary>
/// <param name="Memory">What is to be remembered; its mode is the way that works, null for none.</param>
internal sealed record ProbeOutcome(PullMemory Memory)
{
    /// <summary>Whether the source has no series yet with which anything could be compared.</summary>
    public bool IsEmpty { get; init; }
}
